// SPDX-License-Identifier: Apache-2.0
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"

using gw::test::exchange;
using gw::test::request_spec;

namespace {

const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/request-termination.so";

struct Outcome {
  int status;
  std::optional<gw::test::plugin_answer> reply;
};

Outcome send(const std::string& config, const request_spec& spec = {}) {
  gw::test::host host;
  exchange x(host, {&host.load(k_so, config)}, spec);
  x.text(GW_ROUTE_ID, "r-1");
  x.text(GW_ROUTE_NAME, "orders");
  x.run();
  return {x.status(), x.reply()};
}

std::string refusal(const std::string& config) {
  gw::test::host host;
  try {
    host.load(k_so, config);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

GW_TEST_CASE("without options the answer is 503 Service unavailable as plain JSON") {
  const Outcome o = send("{}");
  REQUIRE(o.reply);
  CHECK(o.reply->status == 503);
  CHECK(o.reply->message == "Service unavailable");
  CHECK(o.reply->flags == GW_PLAIN_JSON);
  CHECK(o.reply->code == "terminated");
}

GW_TEST_CASE("each status has its usual message") {
  const std::pair<int, std::string> usual[] = {{401, "Unauthorized"},
                                               {404, "Not found"},
                                               {405, "Method not allowed"},
                                               {500, "An unexpected error occurred"},
                                               {502, "Bad Gateway"}};
  for (const auto& [status, message] : usual)
    CHECK(send("{\"status_code\":" + std::to_string(status) + "}").reply->message == message);
}

GW_TEST_CASE("a status without a usual message has no body") {
  const Outcome o = send(R"({"status_code": 204})");
  CHECK(o.status == 204);
  CHECK(o.reply->flags == GW_NO_BODY);
  CHECK_FALSE(o.reply->message);
}

GW_TEST_CASE("a message or a body with its type is sent as configured") {
  CHECK(send(R"({"message": "Back at ten"})").reply->message == "Back at ten");
  const Outcome o = send(R"({"status_code": 200, "body": "<p>", "content_type": "text/html"})");
  CHECK(o.reply->body == "<p>");
  CHECK(o.reply->content_type == "text/html");
  CHECK(o.status == 200);
}

GW_TEST_CASE("a trigger lets requests without it pass") {
  const std::string config = R"({"status_code": 418, "trigger": "X-Stop"})";
  CHECK(send(config).status == 200);
  CHECK(send(config, {"GET", "/?x=1&X-Stopper=1", {}, "", 0, 0}).status == 200);
  CHECK(send(config, {"GET", "/", {{"x-stop", ""}}, "", 0, 0}).status == 418);
  CHECK(send(config, {"GET", "/?x=1&X%2dStop", {}, "", 0, 0}).status == 418);
}

GW_TEST_CASE("echo describes the request") {
  const Outcome o = send(R"({"echo": true, "status_code": 404})",
                         {"POST",
                          "/a/b?x=1&y&x=%22",
                          {{"Host", "a.test:8000"}, {"X-A", "1"}, {"x-a", "2"}},
                          "raw\n\xff",
                          0,
                          0});
  CHECK(o.status == 404);
  CHECK(o.reply->content_type.empty());
  CHECK(o.reply->body ==
        R"({"message":"Not found","request":{"method":"POST","scheme":"http","host":"a.test",)"
        R"("port":8000,"path":"/a/b","query":{"x":["1","\""],"y":true},)"
        R"("headers":{"host":"a.test:8000","x-a":["1","2"]},"raw_body":"raw\n)"
        "\xEF\xBF\xBD"
        R"("},"matched_route":{"id":"r-1","name":"orders"}})");
}

GW_TEST_CASE("echo leaves a large or absent body out") {
  const auto without = [](const request_spec& spec) {
    return send(R"({"echo": true})", spec).reply->body->find("raw_body") == std::string::npos;
  };
  CHECK(without({}));
  CHECK(without({"POST", "/", {}, std::string((1 << 20) + 1, 'a'), 0, 0}));
  CHECK_FALSE(without({"POST", "/", {}, std::string(1 << 20, 'a'), 0, 0}));
}

GW_TEST_CASE("options that contradict each other are refused") {
  CHECK(refusal(R"({"message": "a", "body": "b"})") ==
        "message cannot be used with content_type or body");
  CHECK(refusal(R"({"content_type": "text/plain"})") == "content_type requires a body");
  CHECK(refusal(R"({"echo": true, "body": "b"})") ==
        "echo cannot be used with content_type and body");
  CHECK_FALSE(refusal(R"({"status_code": 99})").empty());
  CHECK_FALSE(refusal(R"({"trigger": "a b"})").empty());
}
