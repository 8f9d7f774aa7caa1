// SPDX-License-Identifier: Apache-2.0
// What the C++ wrapper makes of the tables beside the request: descriptors, posts, jobs, memory,
// the rare surfaces.
#include <gatewright/testkit.hpp>

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

TEST_CASE("a background timer runs on one worker, and moves when that one ends") {
  gw::test::host host;
  gw::test::load_options three;
  three.workers = 3;
  gw::test::instance& plugin = host.load(GW_PROBE, R"({"mode": "background"})", three);
  host.advance(35ms);
  CHECK(host.metric("probe_once_total") == 3);
  plugin.stop_worker(0);
  host.advance(30ms);
  CHECK(host.metric("probe_once_total") == 6);
  gw::test::load_options next = three;
  next.prev = &plugin;
  host.load(GW_PROBE, R"({"mode": "background"})", next);
  host.advance(30ms);
  CHECK(host.metric("probe_once_total") == 10);  // the old one had its turn before the new one
}

TEST_CASE("a descriptor's closure is called while it is ready, and may end its watch") {
  Probe p("fds");
  for (int i = 0; i < 5; ++i) p.host.turn();
  CHECK(p.host.metric("probe_ticks_total") == 3);
  CHECK(p.host.logs().size() == 1);
  CHECK_FALSE(p.host.wait_fds(0ms));
}

TEST_CASE("closures posted by a thread are called on the worker, at the latest when it ends") {
  Probe p("posts");
  p.plugin.stop();
  const int64_t called = p.host.metric("probe_ticks_total");
  CHECK(called <= 10);  // what came after the end was refused
  Probe q("posts");
  while (q.host.metric("probe_ticks_total") < 10) q.host.turn();
  while (q.host.logs().back().text != "a post that throws") q.host.turn();
}

TEST_CASE("jobs run when the host delivers, and done tells how it went") {
  Probe p("jobs");
  CHECK(p.host.metric("probe_ticks_total") == 0);
  p.host.turn();
  CHECK(p.host.metric("probe_ticks_total") == 7);
  CHECK(p.host.metric("probe_once_total") == 1);
  CHECK(p.host.logs().back().text == "a job threw");
  Probe q("jobs");
  q.plugin.stop();  // queued jobs are dropped, and told
  CHECK(q.host.metric("probe_ticks_total") == 100);
  CHECK(q.host.metric("probe_once_total") == 100);
}

TEST_CASE("counted memory shows in the host, and a store is walked through") {
  Probe p("remembers");
  CHECK(p.host.memory_of("probe") >= 1000);
  exchange x(p.host, {&p.plugin});
  x.run();
  CHECK(x.reply()->message == "label=remembered for a while");
  p.host.advance(1s);
  exchange y(p.host, {&p.plugin});
  y.run();
  CHECK(y.reply()->message == "");
  p.plugin.stop();
  CHECK(p.host.memory_of("probe") == 0);
}

TEST_CASE("label values of the moment have a limit, above which one series counts") {
  Probe p("many peers");
  CHECK(p.host.metric("probe_peers_total", {"0"}) == 2);
  CHECK(p.host.metric("probe_peers_total", {"999"}) == 1);
  CHECK(p.host.metric("probe_peers_total", {"1000"}) == 0);
  CHECK(p.host.metric("probe_peers_total", {GW_OTHER_SERIES}) == 3);
}

TEST_CASE("configure sees all instances of the plugin that live") {
  Probe p("");
  p.host.load(GW_PROBE, "{}");
  p.host.load(GW_PROBE, "{}", [] {
    gw::test::load_options o;
    o.plugin = "idle";
    return o;
  }());
  p.host.configure();
  CHECK(p.host.metric("probe_once_total") == 20);
  p.plugin.stop();
  p.host.configure();
  CHECK(p.host.metric("probe_once_total") == 30);
}

TEST_CASE("what a plugin mounts on the admin side gets method, path, fields and body") {
  Probe p("");
  const auto a =
      p.host.admin("probe", {"PUT", "/plugin-api/probe/k/1?q=2", {{"X-In", "3"}}, "body"});
  CHECK(a.status == 201);
  CHECK(a.type == "text/x-probe");
  CHECK(a.body == "PUT/k/1q=2body3");
  CHECK(a.headers == gw::test::field_list{{"X-Out", "1"}});
  CHECK(p.host.admin("probe", {"GET", "/plugin-api/probe", {}, ""}).body == "GET/");
  const auto thrown = p.host.admin("probe", {"GET", "/plugin-api/probe/throws", {}, ""});
  CHECK(thrown.status == 500);
  CHECK(thrown.body == "thrown by a page");
  CHECK(p.host.admin("probe", {"GET", "/plugin-api/probes", {}, ""}).status == 404);
  CHECK(
      p.host.admin("probe", {"PUT", "/plugin-api/probe/", {}, std::string(2 << 20, 'x')}).status ==
      413);
}
