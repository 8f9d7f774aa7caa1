// SPDX-License-Identifier: Apache-2.0
// What plugins have beside requests, in the real binary: pages with methods, all their instances,
// counted memory, one timer for all workers, jobs that last.
#include <algorithm>
#include <csignal>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

const std::string k_settings = std::string("  plugins: [") + GW_MODULES + "/tables.so]\n";

std::string entry(const std::string& options) {
  return "plugins:\n- name: tables\n  config: " + options + "\n";
}

// A number in a page of the status side that is written behind `name`.
long number_behind(const GatewayProcess& gateway, const char* path, const std::string& name) {
  const std::string page = get(gateway.status_port(), path).body;
  const auto at = page.find(name);
  return at == std::string::npos ? -1 : std::atol(page.c_str() + at + name.size());
}

long beats(const GatewayProcess& gateway, int worker) {
  return number_behind(gateway, "/metrics",
                       "tables_beats_total{worker=\"" + std::to_string(worker) + "\"} ");
}

}  // namespace

TEST_CASE("a plugin serves any method below its mount, on the admin side only") {
  GatewayProcess gateway(entry("{label: a}"), "  workers: 1\n" + k_settings);
  RawClient client(gateway.admin_port());
  const auto answer =
      client.post("/plugin-api/tables/k/1?q=2", std::string(100000, 'b'), "X-In: 3\r\n");
  CHECK(answer.status == 202);
  CHECK(answer.value("Content-Type") == "text/x-echo");
  CHECK(answer.value("X-Method") == "POST");
  CHECK(answer.body == "/k/1|q=2|3|100000");
  const auto removed = client.ask(request_text("DELETE", "/plugin-api/tables"));
  CHECK(removed.value("X-Method") == "DELETE");
  CHECK(removed.body == "/|||0");
  CHECK(client.get("/plugin-api/other/").status == 404);
  CHECK(client.ask(request_text("DELETE", "/plugins")).status == 405);
  CHECK(get(gateway.status_port(), "/plugin-api/tables/live").status == 404);
  CHECK(get(gateway.port(), "/plugin-api/tables/live").status == 404);
  RawClient large(gateway.admin_port());
  CHECK(large.post("/plugin-api/tables/", std::string((1 << 20) + 1, 'b')).status == 413);
}

TEST_CASE("a plugin is told all its instances whenever a configuration begins to serve") {
  GatewayProcess gateway(entry("{label: a, hold: 1000000}"), "  workers: 1\n" + k_settings);
  const auto live = [&] { return get(gateway.admin_port(), "/plugin-api/tables/live").body; };
  CHECK(live() == "a;");
  CHECK(number_behind(gateway, "/status", "\"plugin_memory\":{\"tables\":") >= 1000000);
  gateway.rewrite(entry("{label: a}") +
                  "- name: tables\n  route: r\n  config: {label: b}\n"
                  "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n"
                  "  - name: r\n    paths: [/]\n");
  gateway.signal(SIGHUP);
  CHECK(wait_until([&] { return live().size() == 4; }));
  CHECK(number_behind(gateway, "/status", "\"plugin_memory\":{\"tables\":") < 1000000);
  gateway.rewrite("");
  gateway.signal(SIGHUP);
  CHECK(wait_until([&] { return live().empty(); }));
}

TEST_CASE("a background timer runs on one worker, and on another one when that is killed") {
  GatewayProcess gateway(entry("{}"), "  workers: 2\n" + k_settings);
  int first = -1;
  REQUIRE(wait_until([&] {
    for (const int worker : {0, 1})
      if (beats(gateway, worker) >= 5) first = worker;
    return first >= 0;
  }));
  CHECK(beats(gateway, 1 - first) <= 0);
  const std::string page = get(gateway.status_port(), "/status").body;
  // Members stand in alphabetical order: the worker's pid is the last one before its number.
  const auto number = page.find("\"worker\":" + std::to_string(first) + "}");
  const auto pid = page.rfind("\"pid\":", number);
  REQUIRE(pid < number);
  ::kill(std::atoi(page.c_str() + pid + 6), SIGKILL);
  // The other one takes it, or the killed one's successor, whoever comes first.
  const auto all = [&] {
    return std::max(0l, beats(gateway, 0)) + std::max(0l, beats(gateway, 1));
  };
  const long before = all();
  CHECK(wait_until([&] { return all() >= before + 10; }));
  CHECK(gateway.stop() == 0);
}

TEST_CASE("jobs are waited for when their instance ends, at a reload and at the end") {
  GatewayProcess gateway(entry("{label: a, job_ms: 300}"), "  workers: 1\n" + k_settings);
  gateway.wait_for_log("job runs");
  gateway.rewrite(entry("{label: b, job_ms: 300}"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("stopped label=a");
  CHECK(gateway.count_log("job done label=a") == 1);
  gateway.wait_for_logs(2, "job runs");
  CHECK(gateway.stop() == 0);
  CHECK(gateway.count_log("job done label=b") == 1);
  CHECK(gateway.count_log("stopped label=b") == 1);
  CHECK(gateway.log().find("job done label=b") < gateway.log().find("stopped label=b"));
}

TEST_CASE("a job that does not end in time is cut off with the process") {
  GatewayProcess gateway(entry("{label: a, job_ms: 60000}"),
                         "  workers: 1\n  shutdown_timeout: 100ms\n" + k_settings);
  gateway.wait_for_log("job runs");
  gateway.stop();
  CHECK(gateway.count_log("a job of a plugin does not end") == 1);
  CHECK(gateway.count_log("stopped label=a") == 0);
}
