// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "config/snapshot.hpp"

using namespace gw::config;

namespace {

Loaded load_text(const std::string& body, const std::string& version = "3.0") {
  Source source;
  source.file = "kong.yml";
  source.text = "_format_version: \"" + version + "\"\n" + body;
  return load(std::move(source));
}

// The one error of a text.
Diagnostic fault(const std::string& body) {
  const auto loaded = load_text(body);
  CHECK(loaded.snapshot == nullptr);
  REQUIRE(loaded.diagnostics.size() == 1);
  return loaded.diagnostics[0];
}

}  // namespace

TEST_CASE("an unknown field is told with its place, its path and the nearest name") {
  const auto d = fault("services:\n- name: a\n  host: h\n  retrys: 3\n");
  CHECK(d.where == Location{5, 3});
  CHECK(d.path == "services[0].retrys");
  CHECK(d.message == "unknown field");
  CHECK(d.hint == "did you mean \"retries\"?");
}

TEST_CASE("a diagnostic is shown with its source line, a caret and a hint") {
  const std::string body = "services:\n- name: a\n  host: h\n  retrys: 3\n";
  const auto loaded = load_text(body);
  CHECK(render(loaded.diagnostics, "kong.yml", "_format_version: \"3.0\"\n" + body, false) ==
        "kong.yml:5:3: services[0].retrys: unknown field\n"
        "    5 |   retrys: 3\n"
        "      |   ^\n"
        "      hint: did you mean \"retries\"?\n");
}

TEST_CASE("names are unique in their collection") {
  const auto d = fault(
      "services:\n- {name: a, host: h}\n- {name: a, host: i, id: 11111111-1111-"
      "4111-8111-111111111111}\n");
  CHECK(d.where.line == 4);
  CHECK(d.message ==
        "uniqueness violation: 'services' entity with name set to 'a' already declared");
}

TEST_CASE("a reference to what is not there is refused at its place") {
  const auto d = fault("routes:\n- paths: [/a]\n  service: gone\n");
  CHECK(d.where == Location{4, 12});
  CHECK(d.path == "routes[0].service");
  CHECK(d.message == "invalid reference 'gone' (no such entry in 'services')");
}

TEST_CASE("nested and flat entities come to the same") {
  const auto nested = load_text(
      "services:\n- name: s\n  host: h\n  routes: [{name: r, paths: [/a]}]\n"
      "  plugins: [{name: p}]\n");
  const auto flat = load_text(
      "services: [{name: s, host: h}]\nroutes: [{name: r, paths: [/a], service: {name: s}}]\n"
      "plugins: [{name: p, service: s}]\n");
  for (const auto& loaded : {nested, flat}) {
    REQUIRE(loaded.snapshot != nullptr);
    const auto& all = loaded.snapshot->entities;
    REQUIRE((all.routes.size() == 1 && all.plugins.size() == 1));
    CHECK(all.routes[0].service == 0);
    CHECK(all.plugins[0].service == 0);
    CHECK(all.plugins[0].route == k_none);
    CHECK(all.routes[0].id == nested.snapshot->entities.routes[0].id);
  }
}

TEST_CASE("paths of older formats become regexes where they look like one") {
  const std::string body = "routes: [{paths: [/plain, \"/a/\\\\d+\"]}]\n";
  for (const auto* version : {"1.1", "2.1"}) {
    const auto loaded = load_text(body, version);
    REQUIRE(loaded.snapshot != nullptr);
    CHECK(loaded.snapshot->entities.routes[0].paths ==
          std::vector<std::string>{"/plain", "~/a/\\d+"});
  }
  CHECK(load_text(body, "3.0").snapshot == nullptr);
  CHECK(load_text("", "4.0").snapshot == nullptr);
}

TEST_CASE("paths of older formats are brought into normal form, escapes of regexes decoded") {
  const auto loaded = load_text(
      "routes: [{paths: [\"/a/../b//c\", \"/%41\", \"~/new\", \"/x%2Ey(z)\", \"/%2f(a)%5a\"]}]\n",
      "2.1");
  REQUIRE(loaded.snapshot != nullptr);
  CHECK(loaded.snapshot->entities.routes[0].paths ==
        std::vector<std::string>{"/b/c", "/A", "~/new", "~/x\\.y(z)", "~/%2F(a)Z"});
}

TEST_CASE("routes stand in the order of the file, nested or not") {
  const auto loaded = load_text(
      "routes: [{name: one, paths: [/a]}]\n"
      "services:\n- {name: s, host: h, routes: [{name: two, paths: [/a]}]}\n"
      "- {name: t, host: h, routes: [{name: three, paths: [/a]}]}\n");
  REQUIRE(loaded.snapshot != nullptr);
  std::vector<std::string> names;
  for (const auto& route : loaded.snapshot->entities.routes) names.push_back(route.name);
  CHECK(names == std::vector<std::string>{"one", "two", "three"});
  CHECK(loaded.snapshot->entities.routes[1].service == 0);
}

TEST_CASE("decK's defaults are what entities have where they say nothing, its tags all have") {
  const auto loaded = load_text(R"(
_info:
  select_tags: [team, prod]
  defaults:
    service: {retries: 2, port: 8080, path: /base, tags: [x], host: fallback}
    route: {strip_path: false, protocols: [http], headers: {x-a: [one], x-b: [two]}}
    upstream: {slots: 100, healthchecks: {active: {timeout: 2, concurrency: 3}}}
    target: {weight: 7}
services:
- {name: plain}
- {name: own, host: h, port: 1, retries: 0, tags: [prod], path: null}
- {name: url, url: "http://u", routes: [{name: in, paths: [/], headers: {x-a: [mine]}}]}
routes:
- {name: out, paths: [/], strip_path: true}
upstreams:
- {name: up, healthchecks: {active: {timeout: 1}}, targets: [{target: "t:1"}]}
targets:
- {target: "t:2", weight: 0, upstream: up}
)");
  REQUIRE(loaded.snapshot != nullptr);
  const auto& all = loaded.snapshot->entities;
  using Texts = std::vector<std::string>;
  const auto& plain = all.services[0];
  CHECK((plain.host == "fallback" && plain.port == 8080 && plain.path == "/base"));
  CHECK((plain.retries == 2 && plain.connect_timeout == 60000));
  CHECK(plain.tags == Texts{"x", "team", "prod"});
  const auto& own = all.services[1];
  CHECK((own.host == "h" && own.port == 1 && own.path == "/base" && own.retries == 0));
  CHECK(own.tags == Texts{"prod", "team"});
  const auto& url = all.services[2];
  CHECK((url.host == "u" && url.port == 80 && url.path.empty() && url.retries == 2));
  const auto& in = all.routes[0];
  CHECK((!in.strip_path && !in.https && in.headers.size() == 2));
  CHECK(in.headers[0].values == Texts{"mine"});
  CHECK((all.routes[1].strip_path && all.routes[1].headers.size() == 2));
  CHECK(all.upstreams[0].slots == 100);
  CHECK(all.upstreams[0].targets[0].weight == 7);
  CHECK(all.upstreams[0].targets[1].weight == 0);
  CHECK(all.upstreams[0].targets[1].tags == Texts{"team", "prod"});
}

TEST_CASE("what an export of Kong or decK writes out is read") {
  const auto loaded = load_text(R"(
_info: {select_tags: [prod], defaults: {}}
_workspace: default
_konnect: {runtime_group_name: x}
_transform: false
services:
- {id: 11111111-1111-4111-8111-111111111111, name: s, host: u.internal, path: null, tags: null,
   client_certificate: null, tls_verify: null, tls_verify_depth: null, ca_certificates: null,
   created_at: 1.7e9, updated_at: 1700000000, enabled: true, protocol: http, port: 80}
routes:
- {name: r, service: {id: 11111111-1111-4111-8111-111111111111}, paths: [/], methods: null,
   hosts: null, headers: null, snis: null, sources: null, destinations: null,
   protocols: [http, https], https_redirect_status_code: 426, path_handling: v0}
upstreams:
- name: u.internal
  algorithm: round-robin
  hash_on: none
  hash_fallback: none
  hash_on_cookie_path: /
  hash_on_header: null
  use_srv_name: false
  slots: 10000
  healthchecks:
    threshold: 0
    active:
      type: http
      timeout: 1
      concurrency: 10
      http_path: /
      https_sni: null
      https_verify_certificate: true
      headers: null
      healthy: {interval: 0, successes: 0, http_statuses: [200, 302]}
      unhealthy: {interval: 0, tcp_failures: 0, timeouts: 0, http_failures: 0,
                  http_statuses: [429, 404, 500, 501, 502, 503, 504, 505]}
    passive:
      type: http
      healthy: {successes: 0, http_statuses: [200, 201]}
      unhealthy: {tcp_failures: 0, timeouts: 0, http_failures: 0, http_statuses: [429, 500, 503]}
  targets: [{target: "10.0.0.1:80", weight: 100, created_at: 1700000000.123, tags: null}]
plugins:
- {name: p, service: null, route: {name: r}, consumer: null, instance_name: null, tags: null,
   protocols: [grpc, grpcs, http, https], enabled: true, config: {}}
consumers: [{username: c, custom_id: null, tags: null}]
snis: []
certificates: null
)");
  INFO(render(loaded.diagnostics, "kong.yml", "", false));
  REQUIRE(loaded.snapshot != nullptr);
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.snapshot->entities.services[0].created_at == 1700000000);
  CHECK(loaded.snapshot->entities.services[0].upstream == 0);
  CHECK(loaded.snapshot->entities.plugins[0].route == 0);
  CHECK_FALSE(loaded.snapshot->entities.transform);
}

TEST_CASE("url stands for host, port and path") {
  const auto loaded = load_text("services: [{name: a, url: \"http://h.test:81/p\"}]\n");
  REQUIRE(loaded.snapshot != nullptr);
  const auto& service = loaded.snapshot->entities.services[0];
  CHECK(service.host == "h.test");
  CHECK(service.port == 81);
  CHECK(service.path == "/p");
}

TEST_CASE("what a later version brings is refused, not ignored") {
  CHECK(fault("vaults: [{}]\n").message.find("not supported yet") != std::string::npos);
  CHECK(fault("plugins: [{name: p, ordering: {}}]\n").path == "plugins[0].ordering");
}

TEST_CASE("hashing and health checks have Kong's defaults and conversions") {
  const auto loaded = load_text(
      "upstreams:\n"
      "- {name: a, hash_on: header, hash_on_header: X-Key, hash_fallback: ip}\n"
      "- name: b\n"
      "  healthchecks: {active: {timeout: 0.5, unhealthy: {interval: 2, http_statuses: [503]}}}\n"
      "  gateway: {slow_start: 30s, try_timeout: 500ms, ejection: {failures: 5}, retry_budget: "
      "{}}\n");
  REQUIRE(loaded.snapshot != nullptr);
  const auto& a = loaded.snapshot->entities.upstreams[0];
  CHECK(a.algorithm == Algorithm::consistent_hashing);
  CHECK(a.hash_on.name == "X-Key");
  CHECK(a.hash_fallback.input == HashInput::ip);
  CHECK(a.healthchecks.active.healthy_statuses.count() == 2);
  CHECK(a.healthchecks.passive.healthy_statuses[308]);
  CHECK_FALSE(a.healthchecks.active.probes());
  CHECK(a.retry_budget.percent < 0);
  const auto& b = loaded.snapshot->entities.upstreams[1];
  CHECK(b.healthchecks.active.timeout == 500);
  CHECK(b.healthchecks.active.unhealthy_interval == 2000);
  CHECK(b.healthchecks.active.unhealthy_statuses.count() == 1);
  CHECK(b.slow_start == 30000);
  CHECK(b.try_timeout == 500);
  CHECK(b.ejection.failures == 5);
  CHECK(b.ejection.time == 30000);
  CHECK(b.retry_budget.percent == 20);
}

TEST_CASE("credentials are read nested in consumers and at the top") {
  const auto loaded = load_text(
      "consumers:\n- username: c\n  keyauth_credentials: [{key: one}]\n"
      "keyauth_credentials: [{key: two, consumer: c}]\n");
  REQUIRE(loaded.snapshot != nullptr);
  const auto& list = loaded.snapshot->entities.credentials.at("keyauth_credentials");
  REQUIRE(list.size() == 2);
  for (const auto& credential : list) CHECK(credential.consumer == 0);
  CHECK(fault("keyauth_credentials: [{key: two}]\n").message ==
        "has no consumer, expected a name or an id");
}

TEST_CASE("all errors are reported at once, in the order of the file") {
  const auto loaded =
      load_text("plugins: [{nam: x}]\nservices: [{name: a}]\nroutes: [{name: r}]\n");
  CHECK(loaded.snapshot == nullptr);
  REQUIRE(loaded.diagnostics.size() >= 4);
  for (std::size_t i = 1; i < loaded.diagnostics.size(); ++i)
    CHECK(loaded.diagnostics[i - 1].where <= loaded.diagnostics[i].where);
}
