// SPDX-License-Identifier: Apache-2.0
// Workers that die or hang, and supervisors that do.
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "traffic.hpp"

using namespace support;

namespace {

const std::string k_fault = std::string("  plugins: [bundled, ") + FAULT_PLUGIN + "]\n";

std::string route_to(const Origin& origin, const std::string& more = "plugins:\n- name: fault\n") {
  return "services:\n- name: s\n  url: " + origin.url() +
         "\n  routes:\n  - name: r\n    paths: [/]\n" + more;
}

// The first line after `from` with this in it.
std::string line_with(const std::string& log, const std::string& text, std::size_t from = 0) {
  const auto at = log.find(text, from);
  if (at == std::string::npos) return "";
  const auto begin = log.rfind('\n', at) + 1;
  return log.substr(begin, log.find('\n', at) - begin);
}

std::string value_in(const std::string& line, const std::string& key) {
  const auto at = line.find(" " + key + "=");
  if (at == std::string::npos) return "";
  const auto begin = at + key.size() + 2;
  return line.substr(begin, line.find(' ', begin) - begin);
}

// ms of the day, from "2026-01-31T12:34:56.789Z …".
double time_of(const std::string& line) {
  REQUIRE(line.size() > 24);
  const auto part = [&](std::size_t at, std::size_t n) {
    return std::atof(line.substr(at, n).c_str());
  };
  return ((part(11, 2) * 60 + part(14, 2)) * 60 + part(17, 6)) * 1000;
}

// The worker that takes it does what the fault says; the client is cut off.
void ask_for(const GatewayProcess& gateway, const std::string& fault) {
  try {
    get(gateway.port(), "/", fault + "\r\n");
  } catch (const Closed&) {
  } catch (const std::system_error&) {
  }
}

bool has_ended(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat(std::istreambuf_iterator<char>(in), {});
  const auto end = stat.rfind(')');
  return end == std::string::npos || stat.compare(end, 3, ") Z") == 0;
}

long switches_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("voluntary_ctxt_switches:")) return std::atol(line.c_str() + 24);
  return -1;
}

}  // namespace

TEST_CASE("a worker that dies is replaced at once") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, ""), "  workers: 1\n  log_level: info\n");
  const auto before = gateway.workers();
  REQUIRE(before.size() == 1);
  ::kill(before[0], SIGKILL);
  CHECK(get(gateway.port(), "/").status == 200);
  gateway.wait_for_logs(2, "worker ready");
  const std::string log = gateway.log();
  const auto died = log.find("worker died");
  const std::string death = line_with(log, "worker died");
  CHECK(death.find("how=\"signal 9 (Killed)\"") != std::string::npos);
  CHECK(value_in(death, "pid") == std::to_string(before[0]));
  const double ms = time_of(line_with(log, "worker ready", died)) - time_of(death);
  std::cout << "replaced within " << std::lround(ms) << " ms\n";
  CHECK(ms < 2000);
}

TEST_CASE("a crash names plugin, phase, route and request") {
  Origin origin;
  GatewayProcess gateway(route_to(origin), "  workers: 1\n" + k_fault);
  const auto [fault, phase, signal] = GENERATE(table<std::string, std::string, std::string>(
      {{"X-Fault: segv", "request", "SIGSEGV"}, {"X-Fault-Log: abort", "log", "SIGABRT"}}));
  ask_for(gateway, fault);
  gateway.wait_for_log("worker died");
  const std::string crash = line_with(gateway.log(), "crash signal=" + signal);
  const std::string death = line_with(gateway.log(), "worker died");
  for (const auto& line : {crash, death}) {
    CHECK(value_in(line, "plugin") == "fault");
    CHECK(value_in(line, "phase") == phase);
    CHECK(value_in(line, "route") == "r");
    CHECK(value_in(line, "request_id").size() == 32);
  }
  CHECK(value_in(crash, "request_id") == value_in(death, "request_id"));
  CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("workers that die too often are waited for longer each time, and clients get 503") {
  Origin origin;
  GatewayProcess gateway(route_to(origin), "  workers: 1\n" + k_fault);
  for (std::size_t n = 1; n <= 5; ++n) {
    ask_for(gateway, "X-Fault: segv");
    gateway.wait_for_logs(n, "worker died");
  }
  for (const auto wait : {"500", "1000", "2000"}) {
    gateway.wait_for_log(std::string("workers die too often: waiting"));
    gateway.wait_for_log(std::string("wait_ms=") + wait);
    RawClient client(gateway.port());
    const auto answer = client.get("/");
    CHECK(answer.status == 503);
    CHECK(answer.value("Retry-After") == "5");
    CHECK(answer.value("Connection") == "close");
    CHECK(client.read_to_end().empty());
    CHECK(get(gateway.status_port(), "/readyz").status == 503);
    CHECK(wait_until([&] { return get(gateway.port(), "/").status == 200; }));
    CHECK(get(gateway.status_port(), "/readyz").status == 200);
    ask_for(gateway, "X-Fault: segv");
  }
}

TEST_CASE(
    "a worker that cannot be started is tried again, and another serves its clients meanwhile") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, ""), "  workers: 2\n  log_level: info\n");
  rlimit usual{};
  REQUIRE(::prlimit(gateway.pid(), RLIMIT_NOFILE, nullptr, &usual) == 0);
  const rlimit none{3, usual.rlim_max};
  REQUIRE(::prlimit(gateway.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  ::kill(gateway.workers()[0], SIGKILL);
  gateway.wait_for_log("cannot start a worker");
  for (int i = 0; i < 30; ++i) CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.workers().size() == 1);
  REQUIRE(::prlimit(gateway.pid(), RLIMIT_NOFILE, &usual, nullptr) == 0);
  gateway.wait_for_logs(3, "worker ready");
  Traffic traffic(gateway.port());
  CHECK(traffic.wait_for_more(200));
  CHECK(traffic.stop().empty());
}

TEST_CASE(
    "a plugin that holds its worker up is named; one that never returns costs it its worker") {
  Origin origin;
  GatewayProcess gateway(route_to(origin), "  workers: 2\n  plugin_stall_timeout: 1s\n" + k_fault);
  const auto before = gateway.workers();
  CHECK(get(gateway.port(), "/", "X-Fault: hold\r\n").status == 200);
  gateway.wait_for_log("plugin holds its worker up");
  const std::string warning = line_with(gateway.log(), "plugin holds its worker up");
  CHECK(value_in(warning, "plugin") == "fault");
  CHECK(value_in(warning, "phase") == "request");
  CHECK(value_in(warning, "route") == "r");
  CHECK(value_in(warning, "request_id").size() == 32);
  CHECK(std::atoi(value_in(warning, "ms").c_str()) >= 100);
  CHECK(gateway.workers() == before);

  ask_for(gateway, "X-Fault: hang");
  gateway.wait_for_log("worker died");
  const std::string verdict = line_with(gateway.log(), "plugin does not return");
  CHECK(value_in(verdict, "plugin") == "fault");
  CHECK(std::atoi(value_in(verdict, "ms").c_str()) >= 1000);
  CHECK(line_with(gateway.log(), "worker died").find("plugin=fault phase=request route=r") !=
        std::string::npos);
  CHECK(wait_until([&] { return gateway.workers().size() == 2; }));
  for (int i = 0; i < 10; ++i) CHECK(get(gateway.port(), "/").status == 200);
}

TEST_CASE("an idle gateway is not woken") {
  Origin origin;
  GatewayProcess gateway(route_to(origin), "  workers: 1\n" + k_fault);
  CHECK(get(gateway.port(), "/", "Connection: close\r\n").status == 200);
  const auto all = [&] {
    long sum = switches_of(gateway.pid());
    for (const pid_t worker : gateway.workers()) sum += switches_of(worker);
    return sum;
  };
  // The watchdog rests a second after the last callback. Nothing happens then: only time shows it.
  const auto quiet = [&] {
    const long before = all();
    wait_until([] { return false; }, Deadline(Milliseconds(1500)));
    return all() - before <= 2;
  };
  CHECK(wait_until(quiet));
}

TEST_CASE("workers end when their supervisor is killed") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, ""), "  workers: 2\n  shutdown_timeout: 1s\n");
  const auto workers = gateway.workers();
  REQUIRE(workers.size() == 2);
  RawClient idle(gateway.port());
  CHECK(idle.get("/").status == 200);
  ::kill(gateway.pid(), SIGKILL);
  for (const pid_t worker : workers) CHECK(wait_until([&] { return has_ended(worker); }));
  CHECK(gateway.log().find("the supervisor is gone: draining") != std::string::npos);
  CHECK_THROWS(RawClient(gateway.port()));
}

TEST_CASE("a plugin that kills each worker in its start ends the gateway") {
  Folder folder;
  write_file(folder.path + "/kong.yml",
             std::string("_format_version: \"3.0\"\ngateway:\n  proxy_listen: 127.0.0.1:0\n"
                         "  admin_listen: off\n  status_listen: off\n  workers: 2\n") +
                 k_fault + "plugins:\n- name: fault\n  config: {at_start: abort}\n");
  const auto ended = run_gateway("run kong.yml", folder.path);
  CHECK(ended.status == 1);
  CHECK(ended.out.find("worker died") != std::string::npos);
  CHECK(ended.out.find("plugin=fault phase=load") != std::string::npos);
}
