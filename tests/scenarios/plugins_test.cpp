// SPDX-License-Identifier: Apache-2.0
// Plugins in the real binary: what clients see when one misbehaves, what a configuration may use.
#include <csignal>
#include <filesystem>
#include <memory>
#include <vector>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

const std::string k_modules = GW_MODULES;
const std::string k_faulty = k_modules + "/faulty.so";

std::string two_routes(const Origin& origin, const std::string& plugins) {
  return "services:\n- name: s\n  url: " + origin.url() +
         "\n  routes:\n  - name: bad\n    paths: [/bad]\n    strip_path: false\n"
         "  - name: good\n    paths: [/good]\n    strip_path: false\n" +
         plugins;
}

// `faulty` on the route /bad, `witness` everywhere.
struct Faulty {
  explicit Faulty(const std::string& options, const std::string& scope = "  route: bad\n")
      : origin([](Call& call) { call.respond(200, "body of the origin"); }),
        gateway(two_routes(origin, "plugins:\n- name: witness\n- name: faulty\n" + scope +
                                       "  config: " + options + "\n"),
                "  workers: 1\n  plugins: [" + k_faulty + "]\n") {}
  void wait_for_log(const std::string& text) { gateway.wait_for_log(text); }
  Origin origin;
  GatewayProcess gateway;
};

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a plugin that throws before the answer is a 500 on its route, and the log still runs") {
  for (const std::string phase : {"request", "upstream", "response"}) {
    INFO(phase);
    Faulty world("{phase: " + phase + ", act: throw}");
    RawClient client(world.gateway.port());
    const auto answer = client.get("/bad");
    CHECK(answer.status == 500);
    CHECK(has(answer.body, "An unexpected error occurred"));
    CHECK(answer.value("X-Kong-Request-Id").size() == 32);
    CHECK(answer.value("X-Witness") == (phase == "response" ? "" : "here"));
    world.wait_for_log("plugin failed plugin=faulty phase=" + phase + " why=GW_FAIL route=bad");
    world.wait_for_log("witnessed plugin=witness code=plugin_failed");
    const auto fine = client.get("/good");  // on the same connection
    CHECK(fine.status == 200);
    CHECK(fine.value("X-Witness") == "here");
  }
}

TEST_CASE("a global plugin that fails in rewrite fails every request, and none passes") {
  Faulty world("{phase: rewrite, act: fail}", "");
  CHECK(get(world.gateway.port(), "/good").status == 500);
  CHECK(world.origin.requests().empty());
  const auto status = get(world.gateway.status_port(), "/status").body;
  CHECK(has(status, "\"errors\":{\"plugin_failed\":1}"));
  CHECK(has(status, "\"plugin_errors\":{\"faulty\":{\"rewrite\":1}}"));
}

TEST_CASE("a failure within a body breaks off what has begun") {
  SECTION("of the request: 500 while the answer is open") {
    Faulty world("{phase: request_body, act: throw}");
    const auto answer = RawClient(world.gateway.port()).post("/bad", "hello");
    CHECK(answer.status == 500);
    world.wait_for_log("plugin failed plugin=faulty phase=request_body");
  }
  SECTION("of the answer, in its first piece: 500, and nothing of it reaches the client") {
    Faulty world("{phase: response_body, act: throw}");
    RawClient client(world.gateway.port());
    const auto answer = client.get("/bad");
    CHECK(answer.status == 500);
    CHECK_FALSE(has(answer.body, "body of the origin"));
    CHECK_FALSE(answer.has("X-Witness"));  // what comes of a body is not filtered
    world.wait_for_log("witnessed plugin=witness code=plugin_failed");
    CHECK(get(world.gateway.port(), "/good").status == 200);
  }
}

TEST_CASE("a plugin that throws in log harms nobody") {
  Faulty world("{phase: log, act: throw}");
  RawClient client(world.gateway.port());
  CHECK(client.get("/bad").status == 200);
  CHECK(client.get("/bad").status == 200);
  world.wait_for_log("as it was told");
  CHECK(wait_until([&] { return world.gateway.count_log("witnessed") == 2; }));
}

TEST_CASE("a pause that nobody ends is a 504 with a reason of its own") {
  for (const std::string phase : {"request", "response"}) {
    INFO(phase);
    Faulty world("{phase: " + phase + ", act: pause, number: 50}");
    RawClient client(world.gateway.port());
    CHECK(client.get("/bad").status == 504);
    world.wait_for_log("cancelled plugin=faulty");
    world.wait_for_log("witnessed plugin=witness code=plugin_timeout");
    CHECK(client.get("/good").status == 200);
  }
}

TEST_CASE("a request goes on without a plugin that fails where its entry says so") {
  const std::string open = "  gateway: {on_failure: open}\n";
  for (const std::string phase : {"rewrite", "request", "upstream", "response"}) {
    for (const std::string act : {"throw", "fail", "pause, number: 50"}) {
      if (phase == "upstream" && act.starts_with("pause")) continue;  // there is no pause
      INFO(phase << " " << act);
      Faulty world("{phase: " + phase + ", act: " + act + "}",
                   (phase == "rewrite" ? "" : "  route: bad\n") + open);
      const auto answer = get(world.gateway.port(), "/bad");
      CHECK(answer.status == 200);
      CHECK(answer.body == "body of the origin");
      CHECK(answer.value("X-Witness") == "here");
      world.wait_for_log("plugin failed plugin=faulty phase=" + phase);
      world.wait_for_log(" on_failure=open ");
      const auto status = get(world.gateway.status_port(), "/status").body;
      CHECK(has(status, "\"plugin_errors\":{\"faulty\":{\"" + phase + "\":1}}"));
      CHECK(has(status, "\"errors\":{}"));
    }
  }
}

TEST_CASE("a plugin that fails within a passing body fails the request in any case") {
  Faulty world("{phase: request_body, act: fail}", "  route: bad\n  gateway: {on_failure: open}\n");
  CHECK(RawClient(world.gateway.port()).post("/bad", "hello").status == 500);
  world.wait_for_log(" on_failure=closed ");
}

TEST_CASE("a client that leaves a paused request ends its pause") {
  Faulty world("{phase: request, act: pause, number: 60000}");
  RawClient client(world.gateway.port());
  client.send(request_text("GET", "/bad"));
  CHECK(get(world.gateway.port(), "/good").status == 200);
  client.reset();
  world.wait_for_log("cancelled plugin=faulty");
  world.wait_for_log("abort=client_gone");
}

TEST_CASE("an answer of a plugin replaces the upstream's, with the gateway's own fields") {
  for (const std::string phase : {"request", "upstream", "response"}) {
    INFO(phase);
    Faulty world("{phase: " + phase + ", act: respond, number: 202}");
    const auto answer = get(world.gateway.port(), "/bad");
    CHECK(answer.status == 202);
    CHECK(answer.body == "told");
    CHECK(answer.value("X-Kong-Request-Id").size() == 32);
    CHECK(world.origin.requests().size() == (phase == "response" ? 1 : 0));
    world.wait_for_log("witnessed plugin=witness code=as_told");
  }
}

TEST_CASE("a status that allows no body has none, and the connection goes on") {
  for (const std::string act : {"status", "respond"}) {
    for (const int status : {204, 304}) {
      INFO(act << status);
      Faulty world("{phase: response, act: " + act + ", number: " + std::to_string(status) + "}");
      RawClient client(world.gateway.port());
      const auto answer = client.get("/bad");
      CHECK(answer.status == status);
      CHECK(answer.body.empty());
      CHECK(client.get("/good").body == "body of the origin");
    }
  }
}

TEST_CASE("an empty answer that becomes a 200 is framed as empty") {
  Origin origin([](Call& call) {
    if (call.request.target == "/bad")
      return call.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n");
    call.respond();
  });
  GatewayProcess gateway(
      two_routes(origin,
                 "plugins:\n- name: faulty\n  route: bad\n  config: {phase: response, act: status, "
                 "number: 200}\n"),
      "  workers: 1\n  plugins: [" + k_faulty + "]\n");
  RawClient client(gateway.port());
  const auto answer = client.get("/bad");
  CHECK(answer.status == 200);
  CHECK(answer.value("Content-Length") == "0");
  CHECK(client.get("/good").status == 200);
}

TEST_CASE("a body over the limit of the plugin that wants it is a 413, however it is framed") {
  Faulty world("{phase: request, act: buffer, number: 10}");
  CHECK(RawClient(world.gateway.port()).post("/bad", "12345678901").status == 413);
  world.wait_for_log("witnessed plugin=witness code=body_too_large");
  RawClient chunked(world.gateway.port());
  CHECK(chunked
            .ask(request_text("POST", "/bad", "Transfer-Encoding: chunked\r\n") +
                 "b\r\n12345678901\r\n0\r\n\r\n")
            .status == 413);
  CHECK(world.origin.requests().empty());
  CHECK(RawClient(world.gateway.port()).post("/bad", "1234567890").status == 200);
}

TEST_CASE("bodies that a plugin wants whole are not kept behind their requests") {
  Faulty world("{phase: request, act: buffer, number: 67108864}");
  const pid_t worker = world.gateway.workers().at(0);
  const auto target = request_text("POST", "/bad", "Content-Length: 8388608\r\n");
  get(world.gateway.port(), "/bad");
  const std::size_t before = resident_kib(worker);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {  // all at once: each has an exchange of its own
    clients.push_back(std::make_unique<RawClient>(world.gateway.port()));
    clients.back()->send(target);
  }
  for (auto& client : clients) {
    client->send(std::string(8388608, 'x'));
    CHECK(client->read_response().status == 200);
  }
  // 20 bodies are 160 MiB; the heap may keep what a few have used.
  CHECK(resident_kib(worker) < before + 65536);
}

TEST_CASE("a plugin may ask for the address that its client talks to") {
  Faulty world("{phase: request, act: address}");
  CHECK(get(world.gateway.port(), "/bad").body == "127.0.0.1");
}

TEST_CASE("a route whose regex gives up is a 500 that names it, not somebody else's answer") {
  Origin origin;
  GatewayProcess gateway("services:\n- name: s\n  url: " + origin.url() +
                         "\n  routes:\n  - name: costly\n    paths: ['~/(?=a)(a+)+$']\n"
                         "  - name: open\n    paths: [/]\n");
  CHECK(get(gateway.port(), "/" + std::string(4000, 'a') + "!").status == 500);
  gateway.wait_for_log("a route's regex reached its match limit: make it simpler route=costly");
  CHECK(origin.requests().empty());
  CHECK(get(gateway.port(), "/b").status == 200);
}

TEST_CASE("modules that are garbage are refused with a reason") {
  Folder folder;
  const char* const reasons[] = {"a plugin's descriptor is NULL",
                                 "says that it has 16 bytes",
                                 "a plugin's name is not of",
                                 "its list of 7 collections is NULL",
                                 "",
                                 "its list of 1 plugins is NULL",
                                 "its module says that it has 4 bytes",
                                 "expected at most 64",
                                 "refuses to load",
                                 "and its note promises"};
  for (int kind = 0; kind < 10; ++kind) {
    const std::string module = k_modules + "/garbage-" + std::to_string(kind) + ".so";
    write_file(folder.path + "/kong.yml",
               "_format_version: \"3.0\"\ngateway:\n  plugins: [" + module + "]\n");
    const auto checked = run_gateway("check", folder.path);
    INFO(kind << ": " << checked.out);
    CHECK(checked.status == (kind == 4 ? 0 : 3));  // the fifth is a good one
    CHECK(has(checked.out, reasons[kind]));
  }
}

TEST_CASE("a module that is cut off is refused before it is loaded") {
  Folder folder;
  const std::string module = folder.path + "/faulty.so";
  std::filesystem::copy_file(k_faulty, module);
  write_file(folder.path + "/kong.yml",
             "_format_version: \"3.0\"\ngateway:\n  plugins: [" + module + "]\n");
  CHECK(run_gateway("check", folder.path).status == 0);
  for (auto size = std::filesystem::file_size(module); size > 0; size = size * 3 / 4) {
    std::filesystem::resize_file(module, size - 1);
    const auto checked = run_gateway("check", folder.path);
    INFO(size << ": " << checked.out);
    // Behind the last segment are only debugging sections.
    CHECK((checked.status == 3 || checked.status == 0));
    if (size < std::filesystem::file_size(k_faulty) / 2) CHECK(checked.status == 3);
  }
}

TEST_CASE("a reload that no longer lists a plugin no longer allows it") {
  Origin origin;
  GatewayProcess gateway(two_routes(origin, "plugins:\n- name: witness\n"),
                         "  workers: 1\n  plugins: [" + k_faulty + "]\n");
  RawClient client(gateway.port());
  CHECK(client.get("/good").value("X-Witness") == "here");
  CHECK(has(client.get("/good").value("X-Witness"), "here"));
  const auto rewrite = [&](const std::string& listed, const std::string& plugins) {
    write_file(gateway.folder() + "/kong.yml",
               "_format_version: \"3.0\"\ngateway:\n  proxy_listen: 127.0.0.1:0\n  admin_listen: "
               "127.0.0.1:0\n  status_listen: 127.0.0.1:0\n  workers: 1\n  plugins: [" +
                   listed + "]\n" + two_routes(origin, plugins));
    gateway.signal(SIGHUP);
  };
  rewrite("bundled", "plugins:\n- name: witness\n");
  gateway.wait_for_log("configuration refused");
  gateway.wait_for_log("plugin \"witness\" is not loaded; add it to gateway.plugins");
  CHECK(client.get("/good").value("X-Witness") == "here");  // nothing has changed
  rewrite("bundled", "");
  gateway.wait_for_log("configuration reloaded");
  CHECK(wait_until([&] { return !client.get("/good").has("X-Witness"); }));
  CHECK_FALSE(has(RawClient(gateway.admin_port()).get("/plugins/enabled").body, "witness"));
  rewrite("bundled, " + k_faulty, "plugins:\n- name: witness\n");
  CHECK(wait_until([&] { return client.get("/good").has("X-Witness"); }));
}

TEST_CASE("the example plugins, built out of the tree, act on their route and nowhere else") {
  const std::string c = k_modules + "/out-of-tree/hello-plugin-c/hello-c.so";
  const std::string cpp = k_modules + "/out-of-tree/hello-plugin-cpp/hello-cpp.so";
  Origin origin;
  GatewayProcess gateway(
      "services:\n- name: s\n  url: " + origin.url() +
          "\n  routes:\n  - name: c\n    paths: [/c]\n    plugins:\n    - name: hello-c\n"
          "  - name: cpp\n    paths: [/cpp]\n    plugins:\n    - name: hello-cpp\n"
          "      config: {greeting: good morning}\n"
          "  - name: none\n    paths: [/none]\n",
      "  workers: 1\n  plugins: [" + c + ", " + cpp + "]\n");
  RawClient client(gateway.port());
  const auto greeting = [&](const std::string& path) {
    const std::size_t before = origin.requests().size();
    CHECK(client.get(path).status == 200);
    return origin.wait_for_request(before + 1).value("X-Hello");
  };
  CHECK(greeting("/c") == "hello from C");
  CHECK(greeting("/cpp") == "good morning");
  CHECK(greeting("/none").empty());
  CHECK(client.get("/c", "X-Hello: mallory\r\n").status == 403);
  CHECK(client.get("/cpp", "X-Hello: mallory\r\n").status == 403);
  CHECK(client.get("/none", "X-Hello: mallory\r\n").status == 200);
}
