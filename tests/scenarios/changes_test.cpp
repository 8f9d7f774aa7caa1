// SPDX-License-Identifier: Apache-2.0
// A new configuration (SIGHUP) and new code (SIGUSR2) while clients ask.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "traffic.hpp"

using namespace support;
namespace fs = std::filesystem;

namespace {

std::string route_to(const Origin& origin, const std::string& path, const std::string& more = "") {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - name: r\n    paths: [" +
         path + "]\n" + more;
}

const std::string k_bad_plugin = "plugins:\n- name: key-auth\n  config: {key_nams: [x]}\n";

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t n = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

std::int64_t number_in(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":");
  return at == std::string::npos ? -1 : std::atoll(json.c_str() + at + key.size() + 3);
}

// Of an origin: answers /held when it is told to, everything else at once.
struct Held {
  Event asked, go_on;
  Origin origin{[this](Call& call) {
    if (call.request.target == "/held") {
      asked.set();
      go_on.wait();
    }
    call.respond();
  }};
  ~Held() { go_on.set(); }
};

// Copies beside it and moves it there: processes that run the old one keep it.
void replace_file(const std::string& path, const std::string& by) {
  fs::copy_file(by, path + ".new");
  fs::rename(path + ".new", path);
}

}  // namespace

TEST_CASE("reloads under traffic lose nothing, and a bad file never replaces a good one") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/"), "  workers: 2\n");
  Traffic traffic(gateway.port());
  for (std::size_t n = 1; n <= 5; ++n) {
    REQUIRE(traffic.wait_for_more(100));
    gateway.rewrite(route_to(origin, "/, /n" + std::to_string(n)));
    gateway.signal(SIGHUP);
    gateway.wait_for_logs(n, "configuration reloaded");
    gateway.rewrite(route_to(origin, "/", k_bad_plugin));
    gateway.signal(SIGHUP);
    gateway.wait_for_logs(n, "configuration refused, the old one stays");
  }
  REQUIRE(traffic.wait_for_more(100));
  const auto faults = traffic.stop();
  std::cout << traffic.answered() << " requests over 5 reloads\n";
  CHECK(faults == std::vector<std::string>{});
}

TEST_CASE("SIGUSR2 under traffic loses nothing") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/"), "  workers: 2\n");
  Traffic traffic(gateway.port());
  for (std::size_t n = 1; n <= 3; ++n) {
    const auto before = gateway.workers();
    REQUIRE(traffic.wait_for_more(100));
    gateway.signal(SIGUSR2);
    gateway.wait_for_logs(n, "fresh workers serve");
    REQUIRE(wait_until([&] {
      const auto now = gateway.workers();
      return now.size() == 2 && now[0] != before[0] && now[1] != before[1];
    }));
  }
  REQUIRE(traffic.wait_for_more(100));
  const auto faults = traffic.stop();
  std::cout << traffic.answered() << " requests over 3 upgrades\n";
  CHECK(faults == std::vector<std::string>{});
  CHECK(gateway.count_log("worker died") == 0);
}

TEST_CASE("a second SIGUSR2 waits until the old workers have ended") {
  Held held;
  GatewayProcess gateway(route_to(held.origin, "/"), "  workers: 1\n");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/held"));
  REQUIRE(held.asked.wait());
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers are started when the change before is over");
  CHECK(gateway.workers().size() == 2);
  CHECK(gateway.count_log("starting fresh workers") == 1);
  held.go_on.set();
  CHECK(client.read_response().status == 200);
  gateway.wait_for_logs(2, "fresh workers serve");
  CHECK(wait_until([&] { return gateway.workers().size() == 1; }));
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("an old worker that cannot drain is killed when its time is up") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/", "plugins:\n- name: fault\n"),
                         std::string("  workers: 1\n  shutdown_timeout: 100ms\n"
                                     "  plugin_stall_timeout: 0\n  plugins: [bundled, ") +
                             FAULT_PLUGIN + "]\n");
  RawClient client(gateway.port());
  client.send(request_text("GET", "/", "X-Fault: hang\r\n"));
  gateway.wait_for_log("plugin holds its worker up");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  CHECK(get(gateway.port(), "/").status == 200);
  gateway.wait_for_log("why=\"it did not end in time\"");
  gateway.wait_for_log("worker died");
  CHECK(wait_until([&] { return gateway.workers().size() == 1; }));
}

TEST_CASE("SIGUSR2 starts the binary that stands at the path by then") {
  Origin origin;
  Folder folder;
  const std::string binary = folder.path + "/gatewright";
  fs::copy_file(gateway_binary(), binary);
  Launch launch;
  launch.binary = binary;
  GatewayProcess gateway(route_to(origin, "/"), "  workers: 1\n  plugins: off\n", launch);
  const auto exe = [&] {
    const auto workers = gateway.workers();
    std::error_code error;
    if (workers.size() != 1) return std::string();
    return fs::read_symlink("/proc/" + std::to_string(workers[0]) + "/exe", error).string();
  };
  replace_file(binary, gateway_binary());
  CHECK(exe() == binary + " (deleted)");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  CHECK(wait_until([&] { return exe() == binary; }));
  CHECK(get(gateway.port(), "/").status == 200);

  const auto workers = gateway.workers();
  write_file(folder.path + "/broken", "#!/bin/sh\nexit 7\n");
  fs::permissions(folder.path + "/broken", fs::perms::owner_all);
  replace_file(binary, folder.path + "/broken");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("a fresh worker died, the old ones stay");
  CHECK(gateway.log().find("how=\"exit status 7\"") != std::string::npos);
  CHECK(gateway.workers() == workers);
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("a new build of a plugin runs after SIGUSR2, not after SIGHUP") {
  Origin origin;
  Folder folder;
  const std::string plugin = folder.path + "/fault.so";
  fs::copy_file(FAULT_PLUGIN, plugin);
  GatewayProcess gateway(route_to(origin, "/", "plugins:\n- name: fault\n"),
                         "  workers: 1\n  plugins: [" + plugin + "]\n");
  CHECK(get(gateway.port(), "/").value("X-Fault-Build") == "first");
  replace_file(plugin, FAULT_PLUGIN_NEXT);
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  CHECK(get(gateway.port(), "/").value("X-Fault-Build") == "first");
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  CHECK(wait_until([&] { return get(gateway.port(), "/").value("X-Fault-Build") == "next"; }));
}

TEST_CASE("fresh workers that refuse the configuration change nothing") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/old"), "  workers: 2\n");
  const auto workers = gateway.workers();
  gateway.rewrite(route_to(origin, "/new", k_bad_plugin));
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh worker refused, the old ones stay");
  CHECK(wait_until([&] { return gateway.workers() == workers; }));
  for (int i = 0; i < 10; ++i) CHECK(get(gateway.port(), "/old").status == 200);
  ::kill(workers[0], SIGKILL);
  gateway.wait_for_log("worker died");
  for (int i = 0; i < 10; ++i) CHECK(get(gateway.port(), "/old").status == 200);
  gateway.rewrite(route_to(origin, "/new"));
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  CHECK(wait_until([&] { return get(gateway.port(), "/new").status == 200; }));
}

TEST_CASE("a worker that is replaced while a reload begins serves what the others serve") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/0"), "  workers: 3\n");
  for (std::size_t n = 1; n <= 4; ++n) {
    const std::string path = "/" + std::to_string(n);
    gateway.rewrite(route_to(origin, path));
    ::kill(gateway.workers()[n % 3], SIGKILL);
    gateway.wait_for_logs(n, "worker died");
    gateway.signal(SIGHUP);
    gateway.wait_for_logs(n, "configuration reloaded");
    const auto current = "\"generation\":" + std::to_string(n + 1) + ",";
    CHECK(wait_until([&] {
      const auto status = get(gateway.status_port(), "/status").body;
      return count(status, "\"generation\":") == 3 && count(status, current) == 3;
    }));
    for (int i = 0; i < 12; ++i) CHECK(get(gateway.port(), path).status == 200);
  }
}

TEST_CASE("totals never go back") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/"), "  workers: 2\n");
  const auto totals = [&] { return get(gateway.status_port(), "/status").body; };
  for (int i = 0; i < 20; ++i) get(gateway.port(), "/", "Connection: close\r\n");
  CHECK(wait_until([&] { return number_in(totals(), "total_requests") == 20; }));
  CHECK(wait_until([&] { return number_in(totals(), "connections_active") == 0; }));
  for (const pid_t worker : gateway.workers()) ::kill(worker, SIGKILL);
  gateway.wait_for_logs(2, "worker died");
  for (int i = 0; i < 10; ++i) get(gateway.port(), "/", "Connection: close\r\n");
  CHECK(wait_until([&] { return number_in(totals(), "total_requests") == 30; }));
  gateway.signal(SIGUSR2);
  gateway.wait_for_log("fresh workers serve");
  get(gateway.port(), "/", "Connection: close\r\n");
  CHECK(wait_until([&] { return number_in(totals(), "total_requests") == 31; }));
  CHECK(number_in(totals(), "connections_accepted") == 31);
}
