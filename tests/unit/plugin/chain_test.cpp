// SPDX-License-Identifier: Apache-2.0
// How a chain runs: order, answers, failures, pauses, bodies, the end.
#include "plugin/chain.hpp"

#include "catch.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

const std::string k_both =
    "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n  - name: r\n    paths: [/]\n"
    "plugins:\n- name: first\n- name: second\n";

Script script(const std::string& name, int priority, std::map<std::string, Act> on) {
  Script s;
  s.name = name;
  s.priority = priority;
  s.on = std::move(on);
  return s;
}

// Two plugins, in this order, on every route.
struct Two : Worker {
  Two(std::map<std::string, Act> first, std::map<std::string, Act> second) {
    add(script("second", 1, std::move(second)));
    add(script("first", 2, std::move(first)));
    REQUIRE(configure(k_both));
  }
};

std::map<std::string, Act> everywhere() {
  return {{"rewrite", go_on},  {"request", go_on},  {"request_body", go_on},
          {"upstream", go_on}, {"response", go_on}, {"response_body", go_on},
          {"log", go_on},      {"free", go_on}};
}

std::map<std::string, Act> everywhere_but(const std::string& callback, Act act) {
  auto on = everywhere();
  on[callback] = std::move(act);
  return on;
}

}  // namespace

TEST_CASE("plugins run by priority in each phase, and end in the same order") {
  Two w(everywhere(), everywhere());
  Ask ask(w, "r");
  CHECK(ask.rewrite() == Outcome::next);
  CHECK(ask.access() == Outcome::next);
  CHECK(run_body(ask.seen, Phase::request_body, "x", true) == Outcome::next);
  CHECK(run_upstream(ask.seen, 0) == Outcome::next);
  CHECK(ask.response() == Outcome::next);
  CHECK(run_body(ask.seen, Phase::response_body, "x", true) == Outcome::next);
  ask.finish();
  CHECK(w.trace() ==
        "first.rewrite second.rewrite first.request second.request first.request_body "
        "second.request_body first.upstream second.upstream first.response second.response "
        "first.response_body second.response_body first.log second.log first.free second.free");
}

TEST_CASE("phase_order rearranges one phase and leaves the others") {
  Worker w;
  w.add(script("a", 3, {{"request", go_on}, {"log", go_on}}));
  w.add(script("b", 2, {{"request", go_on}, {"log", go_on}}));
  w.add(script("c", 1, {{"request", go_on}, {"log", go_on}}));
  REQUIRE(w.configure(
      "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n  - name: r\n    paths: [/]\n"
      "plugins:\n- name: a\n- name: b\n- name: c\n",
      "  phase_order: {access: [c, a]}\n"));
  Ask ask(w, "r");
  ask.access();
  ask.finish();
  CHECK(w.trace() == "c.request b.request a.request a.log b.log c.log");
}

TEST_CASE("an answer ends its phase, and all that were selected see it") {
  Two w(everywhere_but("request", respond(403)), everywhere());
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::respond);
  CHECK(ask.seen.reply.status == 403);
  CHECK(ask.seen.reply.plugin == "first");
  CHECK(ask.response() == Outcome::next);
  ask.finish();
  CHECK(w.trace() ==
        "first.request first.response second.response first.log second.log first.free "
        "second.free");
}

TEST_CASE("each phase that may answer can") {
  const char* phase = GENERATE("rewrite", "request", "upstream", "response");
  INFO(phase);
  Two w(everywhere_but(phase, respond(418)), everywhere());
  Ask ask(w, "r");
  Outcome outcome = ask.rewrite();
  if (outcome == Outcome::next) outcome = ask.access();
  if (outcome == Outcome::next) outcome = run_upstream(ask.seen, 0);
  if (outcome == Outcome::next) outcome = ask.response();
  CHECK(outcome == Outcome::respond);
  CHECK(ask.seen.reply.status == 418);
  ask.finish();
  CHECK(w.trace().find("second." + std::string(phase)) == std::string::npos);
}

TEST_CASE("a failure in any phase is counted with it, and the log runs for all") {
  const char* phase =
      GENERATE("rewrite", "request", "request_body", "upstream", "response", "response_body");
  INFO(phase);
  Two w(everywhere_but(phase, fail), everywhere());
  Ask ask(w, "r");
  Outcome outcome = ask.rewrite();
  if (outcome == Outcome::next) outcome = ask.access();
  if (outcome == Outcome::next) outcome = run_upstream(ask.seen, 0);
  if (outcome == Outcome::next) outcome = run_body(ask.seen, Phase::request_body, "x", true);
  if (outcome == Outcome::next) outcome = ask.response();
  if (outcome == Outcome::next) outcome = run_body(ask.seen, Phase::response_body, "x", true);
  CHECK(outcome == Outcome::fail);
  CHECK(w.failures("first", phase) == 1);
  w.trace();
  ask.finish();
  const std::string end = w.trace();
  CHECK(end.find("first.log second.log") == 0);
}

TEST_CASE("answers that are none are failures") {
  const auto act = GENERATE(gw_action{GW_RESPOND}, gw_action{GW_PAUSE}, gw_action{77});
  Two w({{"request", [=](const Call&) { return act; }}}, {{"request", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::fail);
}

TEST_CASE("an answer counts for the callback that gave it") {
  Two w({{"request",
          [](const Call& c) {
            respond(200)(c);
            return gw_action{GW_CONTINUE};
          }}},
        {{"request", [](const Call&) { return gw_action{GW_RESPOND}; }}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::fail);
  CHECK(w.failures("second", "request") == 1);
}

TEST_CASE("a paused request goes on where it was, with the value") {
  gw_token token = 0;
  std::int64_t value = 0;
  std::uint32_t phase = 0;
  Two w({{"request", pause_here(&token)},
         {"resume",
          [&](const Call& c) {
            value = c.value;
            phase = c.self->phase;
            return gw_action{GW_CONTINUE};
          }}},
        {{"request", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait);
  CHECK(ask.resume_now() == Outcome::wait);  // woken for another reason
  w.host->abi().resume(&w.host->abi(), token, 42);
  CHECK(ask.wakes == 0);  // never within the call
  CHECK(ask.woken() == Outcome::next);
  CHECK(value == 42);
  CHECK(phase == GW_PHASE_REQUEST);
  CHECK(w.trace() == "first.request first.resume second.request");
}

TEST_CASE("a token is good for one pause") {
  gw_token token = 0;
  Two w({{"request", pause_here(&token)}, {"resume", pause_here()}}, {{"request", go_on}});
  Ask ask(w, "r");
  ask.access();
  for (int i = 0; i < 3; ++i) w.host->abi().resume(&w.host->abi(), token, i);
  CHECK(ask.woken() == Outcome::wait);
  bool over = false;
  w.mailbox->post([&] { over = true; });
  w.run_until([&] { return over; });
  CHECK(ask.wakes == 1);
  ask.finish();
  w.host->abi().resume(&w.host->abi(), token, 1);  // the request is gone
  w.host->abi().resume(&w.host->abi(), 0, 1);
  w.host->abi().resume(&w.host->abi(), ~gw_token{0}, 1);
  over = false;
  w.mailbox->post([&] { over = true; });
  w.run_until([&] { return over; });
  CHECK(ask.wakes == 1);
}

TEST_CASE("a token that was not used is void") {
  gw_token token = 0;
  Two w({{"request",
          [&](const Call& c) {
            token = c.api().pause(c.r, 0);
            CHECK(c.api().pause(c.r, 0) == 0);  // one at a time
            return gw_action{GW_CONTINUE};
          }}},
        {{"request", pause_here()}, {"resume", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait);
  w.host->abi().resume(&w.host->abi(), token, 0);
  bool over = false;
  w.mailbox->post([&] { over = true; });
  w.run_until([&] { return over; });
  CHECK(ask.wakes == 0);
}

TEST_CASE("a pause that is not ended in time is a timeout") {
  gw_status in_cancel = GW_OK;
  std::uint32_t phase = 0;
  Two w({{"request", pause_here(nullptr, 1)},
         {"cancel",
          [&](const Call& c) {
            phase = c.self->phase;
            gw_response answer{};
            answer.size = sizeof answer;
            answer.status = 200;
            in_cancel = c.api().respond(c.r, &answer);  // too late
            return gw_action{GW_CONTINUE};
          }},
         {"log", go_on}},
        {{"request", go_on}, {"log", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait);
  CHECK(ask.woken() == Outcome::timeout);
  CHECK(in_cancel == GW_E_STATE);
  CHECK(phase == GW_PHASE_REQUEST);
  CHECK(w.failures("first", "request") == 1);
  ask.finish();
  CHECK(w.trace() == "first.request first.cancel first.log second.log");
}

TEST_CASE("a request that ends while it is paused cancels the pause, once") {
  std::uint32_t phase = 0;
  const auto note = [&](const Call& c) {
    phase = c.self->phase;
    return gw_action{GW_CONTINUE};
  };
  SECTION("in on_request") {
    Two w({{"request", pause_here()}, {"cancel", note}, {"log", go_on}}, {{"request", go_on}});
    Ask ask(w, "r");
    ask.access();
    cancel(ask.seen);
    ask.finish();
    CHECK(w.trace() == "first.request first.cancel first.log");
    CHECK(phase == GW_PHASE_REQUEST);
  }
  SECTION("in a buffered body") {
    Two w({{"request", buffer()}, {"request_body", pause_here()}, {"cancel", note}},
          {{"request", go_on}});
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::wait_body);
    CHECK(ask.give_body("x") == Outcome::wait);
    ask.finish();
    CHECK(phase == GW_PHASE_REQUEST_BODY);
  }
  SECTION("in on_response, while the request's body still passes") {
    Two w({{"response", pause_here()}, {"cancel", note}}, {{"request_body", go_on}});
    Ask ask(w, "r");
    ask.access();
    CHECK(ask.response() == Outcome::wait);
    CHECK(run_body(ask.seen, Phase::request_body, "x", false) == Outcome::next);
    ask.finish();
    CHECK(phase == GW_PHASE_RESPONSE);
    CHECK(w.trace() == "first.response second.request_body first.cancel");
  }
}

TEST_CASE("two plugins see the whole body, the second as the first replaced it") {
  std::string seen[2];
  const auto take = [](std::string& into, const char* by) {
    return [&into, by](const Call& c) {
      into.assign(reinterpret_cast<const char*>(c.chunk->p), c.chunk->n);
      CHECK(c.chunk->flags == GW_LAST);
      CHECK(c.self->phase == GW_PHASE_REQUEST_BODY);
      const gw_str body{by, std::strlen(by)};
      CHECK(c.api().replace_request_body(c.r, body) == GW_OK);
      return gw_action{GW_CONTINUE};
    };
  };
  Two w({{"request", buffer()}, {"request_body", take(seen[0], "longer than before")}},
        {{"request", buffer()}, {"request_body", take(seen[1], "end")}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait_body);
  CHECK(ask.give_body("as sent") == Outcome::next);
  CHECK(seen[0] == "as sent");
  CHECK(seen[1] == "longer than before");
  CHECK(ask.seen.buffered_body == "end");
  CHECK(w.trace() == "first.request first.request_body second.request second.request_body");
}

TEST_CASE("each plugin's limit of the body is its own") {
  Two w({{"request", buffer(100)}, {"request_body", go_on}},
        {{"request", buffer(10)}, {"request_body", go_on}});
  SECTION("the second's is smaller") {
    Ask ask(w, "r");
    ask.access();
    CHECK(ask.give_body(std::string(11, 'x')) == Outcome::too_big);
    CHECK(w.trace() == "first.request first.request_body second.request");
  }
  SECTION("a body as long as the limit is fine") {
    Ask ask(w, "r");
    ask.access();
    CHECK(ask.give_body(std::string(10, 'x')) == Outcome::next);
  }
  SECTION("a length that is known is judged before the body is read") {
    Ask ask(w, "r");
    ask.request.body = gw::http::BodyKind::length;
    ask.request.content_length = 101;
    CHECK(ask.access() == Outcome::too_big);
  }
}

TEST_CASE("a body that was read for one is shown once to those that only look") {
  Two w({{"request", buffer()}, {"request_body", go_on}}, {{"request_body", go_on}});
  Ask ask(w, "r");
  ask.access();
  CHECK(ask.give_body("x") == Outcome::next);
  CHECK(w.trace() == "first.request first.request_body second.request_body");
}

TEST_CASE("a plugin may pause and answer in its buffered body") {
  gw_token token = 0;
  Two w({{"request", buffer()}, {"request_body", pause_here(&token)}, {"resume", respond(401)}},
        {{"request", go_on}});
  Ask ask(w, "r");
  ask.access();
  CHECK(ask.give_body("x") == Outcome::wait);
  w.host->abi().resume(&w.host->abi(), token, 0);
  CHECK(ask.woken() == Outcome::respond);
  CHECK(ask.seen.reply.status == 401);
}

TEST_CASE("a plugin may ask for the body and pause, and gets it after it was resumed") {
  gw_token token = 0;
  Two w({{"request",
          [&](const Call& c) {
            buffer()(c);
            return pause_here(&token)(c);
          }},
         {"resume", go_on},
         {"request_body", go_on}},
        {{"request", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait);
  w.host->abi().resume(&w.host->abi(), token, 0);
  CHECK(ask.woken() == Outcome::wait_body);
  CHECK(ask.give_body("x") == Outcome::next);
  CHECK(w.trace() == "first.request first.resume first.request_body second.request");
}

TEST_CASE("only going on and failing are answers to a piece of a body") {
  Two w({{"response_body", [](const Call&) { return gw_action{GW_RESPOND}; }}}, {});
  Ask ask(w, "r");
  CHECK(run_body(ask.seen, Phase::response_body, "x", false) == Outcome::fail);
}

TEST_CASE("request state is zeroed, kept over the phases and freed once") {
  std::vector<int> values;
  int freed = 0;
  Worker w;
  Script s = script("first", 1, {});
  s.state_size = sizeof(int);
  const auto count = [&](const Call& c) {
    values.push_back((*static_cast<int*>(c.self->req_state))++);
    return gw_action{GW_CONTINUE};
  };
  s.on = {{"request", count},
          {"response", count},
          {"log", count},
          {"free", [&](const Call& c) {
             freed += 10 * *static_cast<int*>(c.self->req_state);
             return gw_action{GW_CONTINUE};
           }}};
  w.add(s);
  w.add(script("second", 0, {{"upstream", go_on}, {"free", fail}}));
  REQUIRE(w.configure(k_both));
  for (int round = 0; round < 2; ++round) {
    values.clear();
    freed = 0;
    Ask ask(w, "r");
    ask.access();
    ask.response();
    ask.finish();
    CHECK(values == std::vector<int>{0, 1, 2});
    CHECK(freed == 30);
  }
  CHECK(w.trace().find("second.free") == std::string::npos);  // it did not run
}

TEST_CASE("a slot's value is dropped when it is replaced and when the request ends") {
  static int dropped;
  dropped = 0;
  const auto drop = [](void* value) { dropped += *static_cast<int*>(value); };
  static int one = 1, ten = 10;
  gw_slot slot = 0;
  Worker w;
  Script s = script("first", 1, {});
  s.made = [&](const gw_instance_args& args) {
    const auto* config =
        static_cast<const gw_config_api*>(args.host->get_api(args.host, GW_CONFIG_API));
    slot = config->slot_define(args.cfg, GW_STR("test.number/1"), sizeof(int));
    CHECK(config->slot_define(args.cfg, GW_STR("test.number/1"), sizeof(int)) == slot);
    CHECK(config->slot_define(args.cfg, GW_STR("test.number/1"), 1) == 0);
    CHECK(config->slot_define(args.cfg, GW_STR(""), 4) == 0);
    CHECK(config->slot_define(args.cfg, GW_STR("test.empty/1"), 0) == 0);
  };
  s.on = {{"request", [&](const Call& c) {
             CHECK(c.api().slot_get(c.r, slot) == nullptr);
             CHECK(c.api().slot_put(c.r, slot, &one, drop) == GW_OK);
             CHECK(c.api().slot_put(c.r, 0, &one, drop) == GW_E_INVALID);
             CHECK(c.api().slot_put(c.r, 10000, &one, drop) == GW_E_INVALID);
             return gw_action{GW_CONTINUE};
           }}};
  w.add(s);
  w.add(script("second", 0, {{"request", [&](const Call& c) {
                                CHECK(c.api().slot_get(c.r, slot) == &one);
                                CHECK(c.api().slot_put(c.r, slot, &ten, drop) == GW_OK);
                                CHECK(dropped == 1);
                                return gw_action{GW_CONTINUE};
                              }}}));
  REQUIRE(w.configure(k_both));
  Ask ask(w, "r");
  ask.access();
  ask.finish();
  CHECK(dropped == 11);
}

TEST_CASE("an aborted request is logged once as well") {
  Two w(everywhere(), everywhere());
  Ask ask(w, "r");
  ask.finish();
  CHECK(w.trace() == "first.log second.log first.free second.free");
}
