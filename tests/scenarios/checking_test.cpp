// SPDX-License-Identifier: Apache-2.0
// GATEWRIGHT_CHECK_PLUGINS=1: the real binary names what a plugin does against the ABI's rules.
#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

Launch with_checks(const std::string& value = "1") {
  Launch launch;
  launch.environment = {{"GATEWRIGHT_CHECK_PLUGINS", value}};
  return launch;
}

struct Checked {
  explicit Checked(const std::string& rule, const std::string& value = "1")
      : origin([](Call& call) { call.respond(200, "body"); }),
        gateway("services:\n- name: s\n  url: " + origin.url() +
                    "\n  routes:\n  - name: r\n    paths: [/]\n    strip_path: false\n"
                    "plugins:\n- name: rulebreaker\n  config: {break: \"" +
                    rule + "\"}\n",
                "  workers: 1\n  plugins: [" GW_MODULES "/rulebreaker.so]\n", with_checks(value)) {}
  int send() const {
    return RawClient(gateway.port()).ask(request_text("GET", "/", "X-In: 1234\r\n")).status;
  }
  Origin origin;
  GatewayProcess gateway;
};

}  // namespace

TEST_CASE("a broken rule is a line with plugin, function and phase, counts, and serving goes on") {
  const std::pair<std::string, std::string> rules[] = {
      {"flags", "function=hdr_set phase=request rule=\"in on_request: flags that mean nothing"},
      {"wrong phase", "function=hdr_set phase=log rule=\"in on_log: GW_E_STATE"},
      {"answer without respond", "function=on_request phase=request rule=\"respond() took"},
      {"late request", "function=get phase=worker rule=\"in timer callback: this gw_req"},
      {"other thread", "function=timer_start phase=none rule=\"called on another thread"},
      {"borrow changes", "function=hdr_set phase=request rule=\"in on_request: the value given"},
  };
  for (const auto& [rule, line] : rules) {
    INFO(rule);
    const Checked world(rule);
    CHECK(world.send() == 200);
    world.gateway.wait_for_log("plugin broke a rule plugin=rulebreaker " + line);
    CHECK(world.send() == 200);
  }
}

TEST_CASE("dead memory that a plugin uses ends the worker, which the log explains") {
  const Checked world("late slice");
  RawClient client(world.gateway.port());
  client.send(request_text("GET", "/", "X-In: 1234\r\n"));
  world.gateway.wait_for_log(
      "gatewright: plugin rulebreaker: dead memory used: what hdr_get gave to on_request (phase "
      "request) had ended");
}

TEST_CASE("the bundled plugins keep the rules in the gateway") {
  Origin origin([](Call& call) { call.respond(200, "body"); });
  const GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
          "\n  routes:\n  - name: r\n    paths: [/]\n  - name: off\n    paths: [/off]\n"
          "consumers:\n- username: anna\n  keyauth_credentials: [{key: k}]\n"
          "plugins:\n- name: key-auth\n- name: rate-limiting\n  config: {minute: 5}\n"
          "- name: file-log\n  config: {path: @FOLDER@/log}\n"
          "- name: correlation-id\n  config: {echo_downstream: true}\n- name: opentelemetry\n"
          "- name: request-termination\n  route: off\n  config: {echo: true}\n",
      "  workers: 1\n", with_checks());
  RawClient client(gateway.port());
  for (const std::string target : {"/", "/off?apikey=k", "/?apikey=k", "/?apikey=x"})
    for (int i = 0; i < 4; ++i)
      client.ask(request_text("POST", target, "Content-Length: 4\r\n") + "body");
  CHECK(gateway.count_log("plugins run with checks") == 1);
  CHECK(gateway.count_log("broke a rule") == 0);
}

TEST_CASE("without the variable plugins are not checked") {
  const Checked world("flags", "0");
  CHECK(world.send() == 200);
  CHECK(world.send() == 200);
  CHECK(world.gateway.count_log("broke a rule") == 0);
}
