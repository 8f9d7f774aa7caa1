// SPDX-License-Identifier: Apache-2.0
// Bodies in a chain, and what a request keeps for its plugins: state and slots.
#include <cstring>

#include "catch.hpp"
#include "plugin/chain.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

TEST_CASE("two plugins see the whole body, the second as the first replaced it") {
  std::string seen[2];
  const auto take = [](std::string& into, const char* by) {
    return [&into, by](const Call& c) {
      into.assign(reinterpret_cast<const char*>(c.chunk->p), c.chunk->n);
      CHECK(c.chunk->flags == GW_LAST);
      CHECK(c.self->phase == GW_PHASE_REQUEST_BODY);
      const gw_str body{by, std::strlen(by)};
      CHECK(c.api().body_emit(c.r, GW_REQUEST, body, nullptr, nullptr) == GW_OK);
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
  CHECK(ask.run_body(Phase::response_body, "x", false) == Outcome::fail);
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
