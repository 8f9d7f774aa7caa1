// SPDX-License-Identifier: Apache-2.0
// `gatewright plugin bench`: what it counts is what the plugin does, and what it cannot measure it
// says.
#include "catch.hpp"
#include "gateway_process.hpp"

using namespace support;

namespace {

const std::string k_plugins = GATEWRIGHT_PLUGIN_DIR;

bool says(const Finished& finished, const std::string& text) {
  INFO(finished.out);
  return finished.out.find(text) != std::string::npos;
}

// Takes memory three times per request, once each by malloc, calloc and realloc; waits for ever
// when the request has a query.
constexpr const char* k_taker = R"(
#include <gatewright/plugin.h>
#include <stdlib.h>
static gw_action on_request(gw_req *r, gw_self *self) {
  (void)self;
  void *volatile a = malloc(10), *volatile b = calloc(1, 10), *volatile c = realloc(NULL, 10);
  free(a), free(b), free(c);
  if (r->v->get(r, GW_QUERY).n > 0) return r->v->pause(r, 5000) != 0 ? GW_PAUSE : GW_FAIL;
  return GW_CONTINUE;
}
static const gw_plugin_desc d = {
    .size = sizeof d, .name = "taker", .version = "1", .on_request = on_request};
static const gw_plugin_desc *const all[] = {&d};
static const gw_module m = GW_MODULE(1, all);
GW_MODULE_NOTE(1, "taker");
const gw_module *gatewright_module_v1(const gw_host *h, gw_error *e) {
  (void)h, (void)e;
  return &m;
}
)";

}  // namespace

TEST_CASE("bench: allocations are the plugin's own, and a request that waits is no measure") {
  Folder folder;
  write_file(folder.path + "/taker.c", k_taker);
  const auto made = run_shell(
      "cc -shared -fPIC -fvisibility=hidden -DGW_ENABLE_DRAFT -I" GATEWRIGHT_SDK "/include -o " +
      folder.path + "/taker.so " + folder.path + "/taker.c");
  INFO(made.out);
  REQUIRE(made.status == 0);
  const auto json = run_gateway("plugin bench taker.so --requests 200 --json", folder.path);
  CHECK(json.status == 0);
  CHECK(says(json, "{\"plugin\":\"taker\",\"requests\":3000,\"ns\":"));
  CHECK(says(json, "\"allocations\":3.0}"));
  const auto text = run_gateway("plugin bench taker.so --requests 200", folder.path);
  CHECK(says(text, "taker: each request went upstream"));
  CHECK(says(text, "allocations   3.0"));
  const auto waits = run_gateway("plugin bench taker.so --target '/?wait'", folder.path);
  CHECK(waits.status == 1);
  CHECK(says(waits, "taker: it waits"));
  // It has no schema: what `test` and `bench` load takes any options then, as the gateway does.
  write_file(folder.path + "/cases.yaml",
             "cases: [{name: plain, config: {}, steps: [{request: {}, expect: {status: 200}}]}]\n");
  CHECK(says(run_gateway("plugin test taker.so cases.yaml", folder.path), "1 passed, 0 failed"));
}

TEST_CASE("bench: options and the request are the user's, and what is wrong with them is said") {
  Folder folder;
  const auto bench = [&](const std::string& name, const std::string& more) {
    return run_gateway("plugin bench " + k_plugins + "/" + name + ".so --requests 100 " + more,
                       folder.path);
  };
  CHECK(says(bench("key-auth", ""), "each request was answered with 401"));
  const auto ends = bench("request-termination", "--options '{\"status_code\": 418}'");
  CHECK(says(ends, "each request was answered with 418"));
  const auto keyed = bench("correlation-id", "--header 'Kong-Request-ID: mine' --target /a?b=c");
  CHECK(says(keyed, "each request went upstream"));
  for (const char* generator : {"uuid", "uuid#counter", "tracker"}) {
    const auto made = bench(
        "correlation-id", std::string("--options '{\"generator\": \"") + generator + "\"}' --json");
    CHECK(says(made, "\"allocations\":0.0}"));
  }
  CHECK(bench("key-auth", "--options '{\"key_nams\": []}'").status == 3);
  CHECK(bench("key-auth", "--header nothing").status == 2);
  CHECK(bench("key-auth", "--name other").status == 1);
  CHECK(bench("no-such", "").status == 5);
}
