// SPDX-License-Identifier: Apache-2.0
// How a chain runs: order, answers, failures, pauses, bodies, the end.
#include "plugin/chain.hpp"

#include "catch.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

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
  CHECK(ask.run_body(Phase::request_body, "x", true) == Outcome::next);
  CHECK(run_upstream(ask.seen, 0) == Outcome::next);
  CHECK(ask.response() == Outcome::next);
  CHECK(ask.run_body(Phase::response_body, "x", true) == Outcome::next);
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
  if (outcome == Outcome::next) outcome = ask.run_body(Phase::request_body, "x", true);
  if (outcome == Outcome::next) outcome = ask.response();
  if (outcome == Outcome::next) outcome = ask.run_body(Phase::response_body, "x", true);
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
    CHECK(ask.run_body(Phase::request_body, "x", false) == Outcome::wait_body);
    ask.finish();
    CHECK(phase == GW_PHASE_RESPONSE);
    CHECK(w.trace() == "first.response second.request_body first.cancel");
  }
}

TEST_CASE("an aborted request is logged once as well") {
  Two w(everywhere(), everywhere());
  Ask ask(w, "r");
  ask.finish();
  CHECK(w.trace() == "first.log second.log first.free second.free");
}
