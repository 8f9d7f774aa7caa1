// SPDX-License-Identifier: Apache-2.0
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>

#include "support/catch.hpp"

using gw::test::exchange;
using gw::test::field_list;
using gw::test::request_spec;

namespace {

const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/key-auth.so";
const std::string k_form = "application/x-www-form-urlencoded";
const std::string k_in_body = R"({"key_in_body": true, "hide_credentials": true})";

// alice with a key and all names, a bare consumer, and one for those without a key.
struct Gateway {
  Gateway() {
    host.add_consumer("c-1", "alice", "crm-7");
    host.add_consumer("c-2");
    host.add_consumer("c-3", "guest");
    host.add_credential("keyauth_credentials", "k-1", "c-1", R"({"key": "alice-key"})");
    host.add_credential("keyauth_credentials", "k-2", "c-2", R"({"key": "bare-key"})");
  }
  std::unique_ptr<exchange> send(const std::string& config, request_spec spec) {
    auto x = std::make_unique<exchange>(
        host, std::vector<gw::test::instance*>{&host.load(k_so, config)}, std::move(spec));
    x->run();
    return x;
  }
  gw::test::host host;
};

request_spec get(const std::string& target, const field_list& headers = {}) {
  return {"GET", target, headers, "", 0, 0};
}

request_spec post(const std::string& type, const std::string& body, const field_list& more = {}) {
  field_list headers{{"Content-Type", type}};
  headers.insert(headers.end(), more.begin(), more.end());
  return {"POST", "/", headers, body, 0, 0};
}

std::string refusal(gw::test::host& host, const std::string& config) {
  try {
    host.load(k_so, config);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

GW_TEST_CASE("key-auth describes itself as a security plugin before all others of its kind") {
  gw::test::host host;
  const gw_plugin_desc& d = host.describe(k_so);
  CHECK(std::string(d.name) == "key-auth");
  CHECK(d.priority == 1250);
  CHECK(d.flags == (GW_P_SECURITY | GW_P_AUTH | GW_P_NO_CONSUMER | GW_P_BODY_ASKED));
  CHECK(d.on_response == nullptr);
}

GW_TEST_CASE("a known key in a header lets the request in and tells whose it is") {
  Gateway g;
  const auto x = g.send("{}", get("/", {{"ApiKey", "alice-key"}, {"X-Anonymous-Consumer", "1"}}));
  CHECK(x->status() == 200);
  CHECK(x->request_header("X-Consumer-ID") == "c-1");
  CHECK(x->request_header("X-Consumer-Username") == "alice");
  CHECK(x->request_header("X-Consumer-Custom-ID") == "crm-7");
  CHECK(x->request_header("X-Credential-Identifier") == "k-1");
  CHECK_FALSE(x->request_header("X-Anonymous-Consumer"));
  CHECK(x->request_header("apikey") == "alice-key");
}

GW_TEST_CASE("names that a consumer has not are taken from the client's headers") {
  Gateway g;
  const auto x = g.send("{}", get("/", {{"apikey", "bare-key"},
                                        {"x-consumer-username", "admin"},
                                        {"x-consumer-custom-id", "1"},
                                        {"x-credential-identifier", "forged"}}));
  CHECK(x->request_header("X-Consumer-ID") == "c-2");
  CHECK_FALSE(x->request_header("X-Consumer-Username"));
  CHECK_FALSE(x->request_header("X-Consumer-Custom-ID"));
  CHECK(x->request_header("X-Credential-Identifier") == "k-2");
}

GW_TEST_CASE("the consumer is published to later plugins") {
  Gateway g;
  exchange x(g.host, {&g.host.load(k_so)}, get("/?apikey=alice-key"));
  x.start();
  const auto* id = x.slot<gw_identity>(GW_SLOT_CONSUMER);
  REQUIRE(id != nullptr);
  CHECK(std::string(id->consumer->username.p, id->consumer->username.n) == "alice");
  CHECK(std::string(id->credential_id.p, id->credential_id.n) == "k-1");
  CHECK(id->flags == 0);
}

GW_TEST_CASE("each refusal is 401 with its message and a challenge") {
  Gateway g;
  const auto check = [&g](const request_spec& spec, const std::string& message,
                          const std::string& code) {
    const auto x = g.send("{}", spec);
    REQUIRE(x->reply());
    CHECK(x->reply()->status == 401);
    CHECK(x->reply()->message == message);
    CHECK(x->reply()->code == code);
    CHECK(x->reply()->flags == 0);
    CHECK(x->response_header("WWW-Authenticate") == "Key");
    CHECK(x->decisions().at(0).verdict == GW_DENY);
    CHECK(x->slot<gw_identity>(GW_SLOT_CONSUMER) == nullptr);
  };
  check(get("/"), "No API key found in request", "missing_key");
  check(get("/", {{"apikey", ""}}), "No API key found in request", "missing_key");
  check(get("/?apikey"), "No API key found in request", "missing_key");
  check(get("/", {{"apikey", "wrong"}}), "Unauthorized", "unknown_key");
  check(get("/", {{"apikey", "alice-key"}, {"apikey", "alice-key"}}), "Duplicate API key found",
        "duplicate_key");
  check(get("/?apikey=alice-key&api%6bey=alice-key"), "Duplicate API key found", "duplicate_key");
}

GW_TEST_CASE("the realm is in the challenge, quoted") {
  Gateway g;
  const auto x = g.send(R"({"realm": "my \"api\""})", get("/"));
  CHECK(x->response_header("WWW-Authenticate") == "Key realm=\"my \\\"api\\\"\"");
}

GW_TEST_CASE("the first enabled place that holds the name decides, even when it is empty") {
  Gateway g;
  CHECK(g.send("{}", get("/?apikey=alice-key", {{"apikey", ""}}))->status() == 401);
  CHECK(g.send("{}", get("/?apikey=wrong", {{"apikey", "alice-key"}}))->status() == 200);
  CHECK(g.send(R"({"key_in_header": false})", get("/?apikey=alice-key", {{"apikey", "wrong"}}))
            ->status() == 200);
  CHECK(g.send(R"({"key_in_query": false})", get("/?apikey=alice-key"))->status() == 401);
}

GW_TEST_CASE("key names are tried in their order") {
  Gateway g;
  const std::string two = R"({"key_names": ["X-Key", "apikey"]})";
  CHECK(g.send(two, get("/?apikey=alice-key"))->status() == 200);
  CHECK(g.send(two, get("/?apikey=alice-key", {{"x-key", "wrong"}}))->status() == 401);
  CHECK(g.send(two, get("/?X-Key&apikey=alice-key"))->status() == 200);
}

GW_TEST_CASE("hide_credentials takes header and argument away and nothing else") {
  Gateway g;
  const std::string hide = R"({"hide_credentials": true})";
  const auto header = g.send(hide, get("/?b=%7E&apikey=1&a=2", {{"apikey", "alice-key"}}));
  CHECK_FALSE(header->request_header("apikey"));
  CHECK(header->query() == "b=%7E&a=2");
  const auto query = g.send(hide, get("/p?z=1&api%6B%65%79=alice-key&y=%20+"));
  CHECK(query->status() == 200);
  CHECK(query->query() == "z=1&y=%20+");
  const auto only = g.send(hide, get("/?apikey=alice-key"));
  CHECK_FALSE(only->query());
}

GW_TEST_CASE("a key is found in each kind of body and hidden in its own type") {
  Gateway g;
  const auto form = g.send(k_in_body, post(k_form + "; charset=utf-8", "a=%31&apikey=alice-key"));
  CHECK(form->status() == 200);
  CHECK(form->request_body() == "a=%31");
  CHECK(form->request_header("X-Consumer-Username") == "alice");

  const auto json =
      g.send(k_in_body, post("application/json", R"({"apikey":"alice-key", "n": 1.0})"));
  CHECK(json->status() == 200);
  CHECK(json->request_body() == R"({"n": 1.0})");

  const std::string key_part =
      "--x\r\nContent-Disposition: form-data; name=\"apikey\"\r\n\r\nalice-key\r\n";
  const std::string rest =
      "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nbytes\r\n--x--\r\n";
  const auto multipart =
      g.send(k_in_body, post("multipart/form-data; boundary=x", key_part + rest));
  CHECK(multipart->status() == 200);
  CHECK(multipart->request_body() == rest);
}

GW_TEST_CASE("a body is left alone unless it was asked for and can be read") {
  Gateway g;
  CHECK(g.send("{}", post(k_form, "apikey=alice-key"))->status() == 401);
  CHECK(g.send(k_in_body, post("text/plain", "apikey=alice-key"))->status() == 401);
  CHECK(g.send(k_in_body, post("application/json", "{broken"))->status() == 401);
  CHECK(g.send(k_in_body, post(k_form, ""))->status() == 401);
  const auto big = g.send(k_in_body, post(k_form, "apikey=alice-key&" + std::string(1 << 20, 'a')));
  CHECK(big->status() == 401);
}

GW_TEST_CASE("a key in the head is hidden in the body as well") {
  Gateway g;
  const auto x = g.send(k_in_body, post(k_form, "apikey=alice-key&a=1", {{"apikey", "alice-key"}}));
  CHECK(x->status() == 200);
  CHECK(x->request_body() == "a=1");
  CHECK_FALSE(x->request_header("apikey"));
}

GW_TEST_CASE("a plugin after key-auth runs once the key in the body was accepted") {
  Gateway g;
  auto& first = g.host.load(k_so, k_in_body);
  auto& second = g.host.load(k_so, R"({"anonymous": "guest"})");  // steps aside if all is settled
  exchange x(g.host, {&first, &second}, post(k_form, "apikey=alice-key"));
  x.run();
  CHECK(x.status() == 200);
  CHECK(x.request_header("X-Consumer-Username") == "alice");
  CHECK_FALSE(x.request_header("X-Anonymous-Consumer"));
}

GW_TEST_CASE("anonymous: a request without an accepted key counts as that consumer") {
  Gateway g;
  for (const char* who : {"guest", "c-3"}) {
    const auto x = g.send(R"({"anonymous": ")" + std::string(who) + "\"}",
                          get("/", {{"apikey", "wrong"}, {"X-Credential-Identifier", "forged"}}));
    CHECK(x->status() == 200);
    CHECK(x->request_header("X-Consumer-ID") == "c-3");
    CHECK(x->request_header("X-Consumer-Username") == "guest");
    CHECK(x->request_header("X-Anonymous-Consumer") == "true");
    CHECK_FALSE(x->request_header("X-Credential-Identifier"));
    const auto* id = x->slot<gw_identity>(GW_SLOT_CONSUMER);
    REQUIRE(id != nullptr);
    CHECK(id->flags == GW_ID_ANONYMOUS);
  }
}

GW_TEST_CASE("anonymous: a later success takes the place of the anonymous consumer") {
  Gateway g;
  auto& first = g.host.load(k_so, R"({"anonymous": "guest", "key_names": ["other"]})");
  auto& second = g.host.load(k_so, R"({"anonymous": "guest"})");
  exchange x(g.host, {&first, &second}, get("/", {{"apikey", "alice-key"}}));
  x.run();
  CHECK(x.request_header("X-Consumer-Username") == "alice");
  CHECK(x.request_header("X-Credential-Identifier") == "k-1");
  CHECK_FALSE(x.request_header("X-Anonymous-Consumer"));
}

GW_TEST_CASE("anonymous: an unknown consumer is a 500 that says so, and a warning at load") {
  Gateway g;
  const auto x = g.send(R"({"anonymous": "nobody"})", get("/"));
  const std::string text = "anonymous consumer nobody is configured but doesn't exist";
  REQUIRE(x->reply());
  CHECK(x->reply()->status == 500);
  CHECK(x->reply()->message == text);
  CHECK(g.host.logs().at(0).text == text);
  CHECK(g.send(R"({"anonymous": "nobody"})", get("/", {{"apikey", "alice-key"}}))->status() == 200);
}

GW_TEST_CASE("run_on_preflight off lets OPTIONS pass without a key") {
  Gateway g;
  const request_spec options{"OPTIONS", "/", {}, "", 0, 0};
  CHECK(g.send("{}", options)->status() == 401);
  CHECK(g.send(R"({"run_on_preflight": false})", options)->status() == 200);
  CHECK(g.send(R"({"run_on_preflight": false})", get("/"))->status() == 401);
}

GW_TEST_CASE("what can't work is refused at load with a message") {
  Gateway g;
  CHECK(refusal(g.host, R"({"key_names": ["a b"]})").find("\"a b\" is not a header name") !=
        std::string::npos);
  CHECK(refusal(g.host, R"({"key_name": ["a"]})").find("key_name") != std::string::npos);
  gw::test::host with_ttl;
  with_ttl.add_consumer("c-1");
  with_ttl.add_credential("keyauth_credentials", "k-9", "c-1", R"({"key": "a", "ttl": 60})");
  CHECK(refusal(with_ttl, "{}").find("keyauth_credentials k-9: \"ttl\" needs a database") == 0);
  gw::test::host without_key;
  without_key.add_credential("keyauth_credentials", "k-9", "c-1", "{}");
  CHECK(refusal(without_key, "{}").find("\"key\"") != std::string::npos);
}
