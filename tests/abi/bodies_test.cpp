// SPDX-License-Identifier: Apache-2.0
// Bodies in the test kit's exchange, with the plugin of the scenarios: it has to do there what it
// does in the gateway.
#include <gatewright/testkit.hpp>

#include "support/catch.hpp"

using gw::test::exchange;

namespace {

struct shaped {
  explicit shaped(const std::string& options) : plugin(host.load(GW_SHAPER, options)) {}
  gw::test::host host;
  gw::test::instance& plugin;
};

const gw::test::request_spec k_post{"POST", "/", {}, "hello", 0, 2};

}  // namespace

TEST_CASE("the test kit passes on what is let out, wherever bodies are cut") {
  shaped s(R"({"request": "modify", "response": "modify", "emit": "+"})");
  for (size_t step = 0; step <= 5; ++step) {
    exchange x(s.host, {&s.plugin}, {"POST", "/", {}, "hello", 0, step});
    x.run(200, {}, "world");
    CHECK(x.request_body() == "hello+");
    CHECK(x.response_body() == "world+");
  }
}

TEST_CASE("the test kit gives whole bodies, and keeps their limits") {
  SECTION("changed") {
    shaped s(R"({"response": "buffer", "emit": "other", "status": 201})");
    exchange x(s.host, {&s.plugin}, k_post);
    x.run(200, {}, "world");
    CHECK(x.status() == 201);
    CHECK(x.response_header("x-size") == "5");
    CHECK(x.response_body() == "other");
  }
  SECTION("refused") {
    shaped s(R"({"request": "buffer", "limit": 4})");
    exchange x(s.host, {&s.plugin}, k_post);
    x.run();
    CHECK(x.status() == 413);
    shaped t(R"({"response": "buffer", "limit": 4})");
    exchange y(t.host, {&t.plugin});
    CHECK(y.run(200, {}, "world").status() == 502);
  }
  SECTION("gone by") {
    shaped s(R"({"response": "buffer", "limit": 3, "pass": true})");
    exchange x(s.host, {&s.plugin}, k_post);
    x.run(200, {}, "world");
    CHECK(x.response_header("x-size") == "too much");
    CHECK(x.response_body() == "world");
  }
  SECTION("with a plugin that fails") {
    shaped s(R"({"response": "buffer", "fail_at": 1})");
    exchange x(s.host, {&s.plugin}, k_post);
    CHECK(x.run(200, {}, "world").status() == 500);
    CHECK(x.response_body().empty());
  }
}

TEST_CASE("the test kit holds a body that a plugin pauses") {
  shaped s(R"({"response": "modify", "pause": "response_body", "wake": 50})");
  exchange x(s.host, {&s.plugin}, {"GET", "/", {}, "", 0, 3});
  x.start();
  x.answer(200, {}, "world");
  CHECK(x.paused());
  CHECK(x.response_body().empty());
  s.host.advance(std::chrono::milliseconds(60));
  CHECK_FALSE(x.paused());
  CHECK(x.response_body() == "worresumed,ld");

  shaped t(R"({"request": "observe", "pause": "request_body"})");
  exchange y(t.host, {&t.plugin}, k_post);
  y.start();
  CHECK(y.paused());
  t.host.advance(std::chrono::milliseconds(400));
  CHECK(y.status() == 504);
  t.host.expect_broken("nobody can end this pause");
}

TEST_CASE("the test kit sends a request again") {
  const std::string mode = GENERATE("observe", "buffer");
  shaped s(R"({"again": true, "to": "spare", "response": ")" + mode + "\"}");
  exchange x(s.host, {&s.plugin});
  x.start();
  x.answer(503, {}, "busy");
  CHECK(x.redispatched() == std::vector<std::string>{"spare"});
  x.answer(200, {}, "fine");
  CHECK(x.redispatched().size() == 1);
  CHECK(x.status() == 200);
  CHECK(x.response_body() == "fine");
  exchange gone(s.host, {&s.plugin}, k_post);  // its body has gone by
  CHECK(gone.run(503, {}, "busy").response_body() == "busy");
  CHECK(gone.redispatched().empty());
}
