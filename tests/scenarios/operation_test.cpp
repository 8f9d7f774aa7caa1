// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

std::string route_to(const Origin& origin, const std::string& path, const std::string& more = "") {
  return "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n  - name: r\n    paths: [" +
         path + "]\n" + more;
}

}  // namespace

TEST_CASE("a reload switches new requests, and a bad file changes nothing") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/old"), "  workers: 2\n");
  RawClient kept(gateway.port());
  CHECK(kept.get("/old").status == 200);
  gateway.rewrite(route_to(origin, "/new"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  CHECK(wait_until([&] { return kept.get("/new").status == 200; }));
  CHECK(kept.get("/old").status == 404);
  gateway.rewrite(
      route_to(origin, "/new", "plugins:\n- name: key-auth\n  config: {key_nams: [x]}\n"));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration refused");
  gateway.wait_for_log("did you mean \"key_names\"?");
  CHECK(kept.get("/new").status == 200);
}

TEST_CASE("a worker that is killed is named and replaced, and nobody is refused") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/"), "  workers: 2\n");
  const auto before = gateway.workers();
  REQUIRE(before.size() == 2);
  ::kill(before[0], SIGKILL);
  for (int i = 0; i < 20; ++i) CHECK(get(gateway.port(), "/").status == 200);
  gateway.wait_for_log("worker died worker=");
  CHECK(wait_until([&] { return gateway.workers().size() == 2 && gateway.workers() != before; }));
}

TEST_CASE("one process serves without a supervisor") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/"), "  supervisor: off\n");
  CHECK(get(gateway.port(), "/").status == 200);
  CHECK(gateway.workers().empty());
  CHECK(gateway.stop() == 0);
}

TEST_CASE("limits are exact over all workers, and survive a worker's death") {
  Origin origin;
  GatewayProcess gateway(
      route_to(origin, "/",
               "plugins:\n- name: rate-limiting\n  config: {year: 30, policy: local}\n"),
      "  workers: 2\n");
  int passed = 0;
  for (int i = 0; i < 40; ++i) {
    if (i == 20) ::kill(gateway.workers()[0], SIGKILL);
    passed += get(gateway.port(), "/").status == 200;
  }
  CHECK(passed == 30);
}

TEST_CASE("keys decide who may pass, and each request has its line in the log") {
  Origin origin;
  Folder folder;
  GatewayProcess gateway(
      route_to(origin, "/",
               "plugins:\n- name: key-auth\n- name: file-log\n  config: {path: " + folder.path +
                   "/log}\nconsumers:\n- username: bob\n  keyauth_credentials: [{key: secret}]\n"));
  CHECK(get(gateway.port(), "/").status == 401);
  CHECK(get(gateway.port(), "/", "apikey: wrong\r\n").status == 401);
  CHECK(get(gateway.port(), "/", "apikey: secret\r\n").status == 200);
  CHECK(origin.wait_for_request(1).value("X-Consumer-Username") == "bob");
  const auto lines = [&] {
    std::ifstream in(folder.path + "/log");
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(wait_until([&] { return lines().find("\"username\":\"bob\"") != std::string::npos; }));
  CHECK(lines().find("\"status\":401") != std::string::npos);
}

TEST_CASE("admin and status pages tell what is served") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/x", "plugins:\n- name: correlation-id\n"));
  CHECK(get(gateway.admin_port(), "/routes/r").body.find("\"paths\":[\"/x\"]") !=
        std::string::npos);
  CHECK(get(gateway.admin_port(), "/routes/r/chain").body.find("correlation-id") !=
        std::string::npos);
  CHECK(get(gateway.admin_port(), "/services/nobody").status == 404);
  CHECK(RawClient(gateway.admin_port()).post("/services", "{}").status == 405);
  CHECK(get(gateway.status_port(), "/readyz").status == 200);
  CHECK(get(gateway.status_port(), "/livez").body == "ok\n");
  CHECK(get(gateway.status_port(), "/status").body.find("total_requests") != std::string::npos);
  CHECK(get(gateway.status_port(), "/services").status == 404);
}

TEST_CASE("the status page counts errors by reason over all workers, and shows each as ready") {
  Origin origin;
  GatewayProcess gateway(route_to(origin, "/x", "plugins:\n- name: key-auth\n"), "  workers: 2\n");
  const auto status = [&] { return get(gateway.status_port(), "/status").body; };
  CHECK(status().find("\"errors\":{}") != std::string::npos);
  CHECK(status().find("\"starting\"") == std::string::npos);
  for (int i = 0; i < 6; ++i) CHECK(get(gateway.port(), "/nothing").status == 404);
  for (int i = 0; i < 3; ++i) CHECK(get(gateway.port(), "/x").status == 401);
  INFO(status());
  CHECK(status().find("\"errors\":{\"missing_key\":3,\"no_route\":6}") != std::string::npos);
}
