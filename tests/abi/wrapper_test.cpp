// SPDX-License-Identifier: Apache-2.0
// What the C++ wrapper makes of a type, seen from the host's side through probe.so.
#include <fstream>
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using gw::test::exchange;

namespace {

struct Probe {
  explicit Probe(const std::string& mode = "")
      : plugin(host.load(GW_PROBE, "{\"mode\": \"" + mode + "\"}")) {}
  gw::test::host host;
  gw::test::instance& plugin;
};

}  // namespace

GW_TEST_CASE("members become callbacks and absent ones are NULL") {
  gw::test::host host;
  const gw_plugin_desc& probe = host.describe(GW_PROBE, "probe");
  CHECK(probe.size == sizeof(gw_plugin_desc));
  CHECK(probe.flags == GW_P_SECURITY);
  CHECK(probe.priority == 7);
  CHECK(std::string(probe.version) == "2.0");
  CHECK(probe.req_state_size > sizeof(std::string));
  CHECK((probe.on_rewrite && probe.on_request && probe.on_request_body && probe.on_upstream));
  CHECK((probe.on_response && probe.on_response_body && probe.on_resume && probe.on_cancel));
  CHECK((probe.on_log && probe.req_free && probe.plugin_init));
  CHECK(std::string(static_cast<const char*>(probe.get_ext("probe/1"))) == "here");
  CHECK(probe.get_ext("other/1") == nullptr);

  const gw_plugin_desc& idle = host.describe(GW_PROBE, "idle");
  CHECK((!idle.on_rewrite && !idle.on_request && !idle.on_request_body && !idle.on_upstream));
  CHECK((!idle.on_response && !idle.on_response_body && !idle.on_resume && !idle.on_cancel));
  CHECK((!idle.on_log && !idle.req_free && !idle.plugin_init && !idle.get_ext));
  CHECK(idle.req_state_size == 0);
}

GW_TEST_CASE("phases run in order and share the request's state") {
  Probe p;
  exchange x(p.host, {&p.plugin}, {"POST", "/", {}, "abc", 0, 2});
  x.run();
  CHECK(x.request_header("x-trace") == "made, request, upstream 0");
  CHECK(x.response_header("x-trace") == "madeab,c.");
  CHECK(p.host.metric("probe_ended_total") == 1);
  CHECK(p.host.logs().front().text == "loaded");
  CHECK(p.host.logs().back().text == "POST");
  CHECK(p.host.logs().back().plugin == "probe");
}

GW_TEST_CASE("what a phase throws fails the request and is logged") {
  for (const char* mode : {"throws", "throws a number"}) {
    Probe p(mode);
    exchange x(p.host, {&p.plugin});
    x.run();
    CHECK(x.status() == 500);
    CHECK(x.answered_locally());
    CHECK(p.host.logs().at(1).level == GW_LOG_ERROR);
    CHECK(p.host.metric("probe_ended_total") == 1);
  }
}

GW_TEST_CASE("what a constructor throws becomes the error of the entry") {
  CHECK_THROWS_WITH(Probe("refused"), "/mode: can't be \"refused\"");
  CHECK_THROWS_WITH(Probe("worker throws"), "no worker today");
}

GW_TEST_CASE("a reply carries code and headers") {
  Probe p("responds");
  exchange x(p.host, {&p.plugin});
  x.run();
  CHECK(x.status() == 418);
  CHECK(x.reply()->code == "teapot");
  CHECK(x.response_header("x-a") == "b");
}

GW_TEST_CASE("a token resumes its request with a value") {
  Probe p("pauses");
  exchange x(p.host, {&p.plugin});
  x.start();
  CHECK(x.paused());
  p.host.advance(49ms);
  CHECK(x.paused());
  p.host.advance(1ms);
  CHECK_FALSE(x.paused());
  CHECK(x.status() == 207);
}

GW_TEST_CASE("a pause ends at its deadline, and when the client leaves, with on_cancel") {
  Probe p("pauses for ever");
  exchange x(p.host, {&p.plugin});
  x.start();
  p.host.advance(1s);
  CHECK(x.status() == 504);
  CHECK(p.host.logs().at(1).text == "cancelled");
  exchange y(p.host, {&p.plugin});
  y.start();
  y.drop_client();
  CHECK(p.host.logs().at(2).text == "cancelled");
  CHECK(p.host.metric("probe_ended_total") == 1);
  p.host.expect_broken("nobody can end this pause");
}

GW_TEST_CASE("a token whose request is gone is ignored") {
  Probe p("pauses");
  {
    exchange x(p.host, {&p.plugin});
    x.start();
    x.drop_client();
  }
  p.host.advance(1s);
  CHECK(p.host.metric("probe_ended_total") == 1);
}

GW_TEST_CASE("an HTTP call answers its closure once") {
  Probe p("calls");
  p.host.script_http([](const gw::test::http_call& call) {
    CHECK(call.url == "http://idp/check");
    CHECK(call.method == "GET");
    CHECK(call.headers == gw::test::field_list{{"X-From", "probe"}});
    return gw::test::http_answer{204, "", {}, GW_OK};
  });
  exchange x(p.host, {&p.plugin});
  x.start();
  CHECK(x.paused());
  p.host.turn();
  CHECK(x.status() == 204);
  CHECK(p.host.http_calls().size() == 1);
}

GW_TEST_CASE("a call that can't start tells why") {
  Probe p("calls nonsense");
  exchange x(p.host, {&p.plugin});
  x.run();
  CHECK(x.reply()->message == "\"nonsense\" is not an http URL");
}

GW_TEST_CASE("timers fire once or again, and may cancel themselves or throw") {
  Probe p("timers");
  p.host.advance(100ms);
  CHECK(p.host.metric("probe_once_total") == 1);
  CHECK(p.host.metric("probe_ticks_total") == 3);
  CHECK(p.host.pending_timers() == 0);
  CHECK(p.host.logs().back().text == "a tick that throws");
}

GW_TEST_CASE("nothing fires after an instance was stopped") {
  Probe p("timers");
  p.plugin.stop();
  p.host.advance(100ms);
  CHECK(p.host.metric("probe_ticks_total") == 0);
}

TEST_CASE("a plugin chooses targets, and hears how its attempts end") {
  const std::vector<exchange::target> targets{{"a", 80, 1}, {"b", 80, 1}};
  Probe p;
  exchange x(p.host, {&p.plugin}, {"GET", "/", {{"X-Trace", "b"}}, "", 0, 0});
  x.start();
  CHECK(x.pick(targets) == 1);
  CHECK(x.pick(targets, 1, {1}) == GW_PICK_DEFAULT);
  x.finish();
  for (const char* mode : {"strict", "no pick"}) {
    Probe other(mode);
    exchange y(other.host, {&other.plugin});
    y.start();
    const uint32_t picked = y.pick(targets);
    CHECK(picked == (std::string(mode) == "strict" ? GW_PICK_NONE : GW_PICK_NONE - 1));
    y.tell_result(1, GW_OK, 204, 5000);
    CHECK(other.host.logs().back().text == "target 1 204");
    y.finish();
  }
}

TEST_CASE("a plugin sees TLS connections begin, and chooses what they are shown") {
  const std::string folder = GW_GREETER_FILES;
  std::ofstream(folder + "/greeter.pem") << "-----BEGIN CERTIFICATE-----";
  std::ofstream(folder + "/greeter.key") << "-----BEGIN PRIVATE KEY-----";
  gw::test::host host;
  const std::string config = R"({"suffix": ".a", "refused": ".b", "certificate": ")" + folder +
                             R"(/greeter.pem", "key": ")" + folder + R"(/greeter.key"})";
  auto& greeter = host.load(GW_GREETER, config);
  std::string chain;
  CHECK(greeter.client_hello("x.a", chain) == GW_OK);
  CHECK(chain == "-----BEGIN CERTIFICATE-----");
  CHECK(greeter.client_hello("", chain) == GW_OK);
  CHECK(chain.empty());
  CHECK(greeter.client_hello("x.b", chain) == GW_E_INVALID);
  CHECK(Probe().plugin.client_hello("x.a", chain) == GW_E_UNSUPPORTED);
}
