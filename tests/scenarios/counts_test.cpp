// SPDX-License-Identifier: Apache-2.0
// What the status side counts: on /status, and in Prometheus' text format on /metrics.
#include <csignal>
#include <cstdlib>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

const char* const k_upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

// Switches, then sends back what comes.
void echo(Call& call) {
  if (call.request.value("Upgrade").empty()) return call.respond();
  call.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  while (!call.peer().buffered().empty() || call.peer().fill(Deadline()))
    call.send(call.peer().read_bytes(call.peer().buffered().size()));
  call.close();
}

std::string entities(const Origin& origin, const std::string& more = "") {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - paths: [/]\n" + more;
}

// A page of the status side as it comes to be; the last one that was seen when it does not.
struct Pages {
  const GatewayProcess& gateway;
  std::string body{};
  bool shows(const char* path, const std::string& text) {
    return wait_until([&] {
      body = get(gateway.status_port(), path).body;
      return body.find(text) != std::string::npos;
    });
  }
};

}  // namespace

TEST_CASE("a tunnel is counted while it is open, and for ever as one that was opened") {
  Origin origin(echo);
  GatewayProcess gateway(entities(origin), "  workers: 2\n");
  Pages pages{gateway};
  CHECK(pages.shows("/status", "\"tunnels\":0,\"tunnels_opened\":0}"));
  RawClient first(gateway.port()), second(gateway.port());
  CHECK(first.get("/").status == 200);  // no tunnel
  CHECK(first.ask(request_text("GET", "/", k_upgrade)).status == 101);
  CHECK(second.ask(request_text("GET", "/", k_upgrade)).status == 101);
  INFO(pages.body);
  CHECK(pages.shows("/status", "\"tunnels\":2,\"tunnels_opened\":2}"));
  CHECK(pages.shows("/metrics", "\ngatewright_tunnels 2\n"));
  first.send("x");
  CHECK(first.read_bytes(1) == "x");
  first.finish_sending();
  CHECK(first.read_to_end().empty());
  CHECK(pages.shows("/status", "\"tunnels\":1,\"tunnels_opened\":2}"));
  second.reset();
  CHECK(pages.shows("/status", "\"tunnels\":0,\"tunnels_opened\":2}"));
  CHECK(pages.shows("/metrics", "\ngatewright_tunnels 0\n"));
  CHECK(pages.shows("/metrics", "\ngatewright_tunnels_opened_total 2\n"));
}

TEST_CASE("a tunnel that is open at the end goes on within shutdown_timeout, and is counted") {
  Origin origin(echo);
  GatewayProcess gateway(entities(origin), "  workers: 1\n  shutdown_timeout: 60s\n");
  Pages pages{gateway};
  RawClient client(gateway.port());
  CHECK(client.ask(request_text("GET", "/", k_upgrade)).status == 101);
  gateway.signal(SIGTERM);
  CHECK(pages.shows("/readyz", "draining"));
  CHECK(pages.shows("/metrics", "\ngatewright_tunnels 1\n"));
  CHECK(pages.shows("/metrics", "\ngatewright_workers{state=\"draining\"} 1\n"));
  client.send("still here");
  CHECK(client.read_bytes(10) == "still here");
  client.finish_sending();
  CHECK(client.read_to_end().empty());
  CHECK(gateway.wait() == 0);  // it waits no longer than for the tunnel
}

TEST_CASE("connections are counted by what they do") {
  Event go_on;
  Origin origin([&](Call& call) {
    go_on.wait();
    call.respond();
  });
  GatewayProcess gateway(entities(origin));
  Pages pages{gateway};
  const auto shows = [&](const std::string& reading, const std::string& waiting,
                         const std::string& writing) {
    const bool found = pages.shows("/status", "\"connections_reading\":" + reading +
                                                  ",\"connections_waiting\":" + waiting +
                                                  ",\"connections_writing\":" + writing + ",");
    INFO(pages.body);
    return found;
  };
  RawClient waits(gateway.port()), reads(gateway.port()), leaves(gateway.port()),
      writes(gateway.port());
  CHECK(shows("0", "4", "0"));
  reads.send("GET / HT");
  leaves.send("GET / ");
  CHECK(shows("2", "2", "0"));
  leaves.reset();
  CHECK(shows("1", "2", "0"));
  writes.send(request_text("GET", "/"));
  CHECK(shows("1", "1", "1"));
  reads.send("TP/1.1\r\nHost: a\r\n\r\n");
  CHECK(shows("0", "1", "2"));
  CHECK(pages.shows("/metrics", "\ngatewright_connections{state=\"writing\"} 2\n"));
  go_on.set();
  CHECK(reads.read_response().status == 200);
  CHECK(writes.read_response().status == 200);
  CHECK(shows("0", "3", "0"));
}

TEST_CASE("Prometheus' own tool reads the metrics page, with what plugins count") {
  Origin origin;
  GatewayProcess gateway(entities(origin, "plugins:\n- name: counting\n"),
                         "  workers: 2\n  plugins: [bundled, " GW_MODULES "/counting.so]\n");
  const char* const labels = "X-Label: say \"\\\xFF\xC3\xA4\"\r\n";
  for (int i = 0; i < 3; ++i) CHECK(get(gateway.port(), "/", labels).status == 200);
  CHECK(RawClient(gateway.port()).ask("GET /\r\n\r\n").status == 400);
  Pages pages{gateway};
  for (const std::string line :
       {"gatewright_requests_total 3", "gatewright_connections_accepted_total 4",
        "gatewright_errors_total{reason=\"bad_request_line\"} 1",
        "gatewright_workers{state=\"ready\"} 2", "gatewright_worker_starts_total{worker=\"1\"} 1",
        "# HELP test_seen_total Values \"seen\",\\nby label \\\\ place.",
        "# TYPE test_size_bytes histogram",
        "test_seen_total{value=\"say \\\"\\\\\xEF\xBF\xBD\xC3\xA4\\\"\",at=\"a\\nb\"} 3",
        "test_size_bytes_bucket{kind=\"small\",le=\"0.5\"} 3",
        "test_size_bytes_bucket{kind=\"small\",le=\"10\"} 9",
        "test_size_bytes_bucket{kind=\"small\",le=\"2e+09\"} 9",
        "test_size_bytes_bucket{kind=\"small\",le=\"+Inf\"} 12",
        "test_size_bytes_sum{kind=\"small\"} 9000000045.75",
        "test_size_bytes_count{kind=\"small\"} 12"}) {
    const bool shown = pages.shows("/metrics", "\n" + line + "\n");
    INFO(line << "\n" << pages.body);
    CHECK(shown);
  }
  CHECK(get(gateway.status_port(), "/metrics").value("Content-Type") ==
        "text/plain; version=0.0.4; charset=utf-8");
  CHECK(get(gateway.admin_port(), "/metrics").status == 404);  // is for plugins
  write_file(gateway.folder() + "/page", pages.body);
  const auto judged = run_shell("promtool check metrics < " + gateway.folder() + "/page");
  INFO(judged.out);
  CHECK(judged.status == 0);
  CHECK(judged.out.empty());
}

TEST_CASE("what callbacks of plugins take is sampled, by plugin and phase") {
  Origin origin;
  GatewayProcess gateway(entities(origin, "plugins:\n- name: correlation-id\n"));
  Pages pages{gateway};
  CHECK(pages.shows("/status", "\"plugin_times\":{}"));
  RawClient client(gateway.port());
  for (int i = 0; i < 128; ++i) CHECK(client.get("/").status == 200);
  CHECK(pages.shows("/status", "\"plugin_times\":{\"correlation-id\":{\"request\":{\"mean_ns\":"));
  CHECK(pages.body.find("\"samples\":2}") != std::string::npos);  // one of 64 requests
  CHECK(pages.shows("/metrics",
                    "gatewright_plugin_callback_seconds_count{plugin=\"correlation-id\","
                    "phase=\"request\"} 2"));
}
