// SPDX-License-Identifier: Apache-2.0
// The record as Kong's log serializer makes it.
#include "log_lines.hpp"

using namespace file_log_test;

namespace {

gw::test::request_spec spec(const std::string& target, const gw::test::field_list& headers = {}) {
  gw::test::request_spec made;
  made.target = target;
  made.headers = headers;
  return made;
}

gw_attempt attempt(int status, gw_status state, std::uint64_t start_ns) {
  gw_attempt a{};
  a.size = sizeof a;
  a.status = status;
  a.state = state;
  a.ip = GW_STR("10.0.0.7");
  a.port = 9001;
  a.start_ns = start_ns;
  a.connect_ns = 2'500'000;
  return a;
}

}  // namespace

GW_TEST_CASE("a record has the members of Kong's") {
  const json r =
      record_of(spec("/a/b?x=1", {{"Host", "Api.Example:8443"}, {"User-Agent", "t"}}), {},
                [](exchange& x) {
                  x.number(GW_BYTES_IN, 321);
                  x.number(GW_BYTES_OUT, 654);
                  x.number(GW_START_UNIX_NS, 1'700'000'000'123'456'789);
                  x.number(GW_NS_TOTAL, 30'900'000);
                  x.number(GW_NS_UPSTREAM_SENT, 2'100'000);
                  x.number(GW_NS_UPSTREAM_HEAD, 12'200'000);
                  x.text(GW_UPSTREAM_PATH, "/b");
                  x.text(GW_ROUTE_ID, "r-id");
                  x.text(GW_ROUTE_NAME, "orders");
                  x.text(GW_SERVICE_ID, "s-id");
                  x.attempt(attempt(200, GW_OK, 3'000'000));
                },
                {{"Content-Type", "text/plain"}});
  const json& request = r["request"];
  CHECK(request["id"] == "0123456789abcdef0123456789abcdef");
  CHECK(request["method"] == "GET");
  CHECK(request["uri"] == "/a/b?x=1");
  CHECK(request["url"] == "http://api.example:8000/a/b?x=1");
  CHECK(request["querystring"] == json({{"x", "1"}}));
  CHECK(request["headers"] == json({{"host", "Api.Example:8443"}, {"user-agent", "t"}}));
  CHECK(request["size"] == 321);
  CHECK(r["response"] ==
        json({{"status", 200}, {"headers", {{"content-type", "text/plain"}}}, {"size", 654}}));
  CHECK(r["upstream_uri"] == "/b?x=1");
  CHECK(r["upstream_status"] == "200");
  CHECK(r["latencies"] == json({{"request", 30}, {"kong", 2}, {"proxy", 10}, {"receive", 18}}));
  CHECK(r["tries"] == json::array({{{"ip", "10.0.0.7"},
                                    {"port", 9001},
                                    {"balancer_start", 1'700'000'000'126},
                                    {"balancer_start_ns", 1'700'000'000'126'456'789},
                                    {"balancer_latency", 2},
                                    {"balancer_latency_ns", 2'500'000}}}));
  CHECK(r["route"] == json({{"id", "r-id"}, {"name", "orders"}}));
  CHECK(r["service"] == json({{"id", "s-id"}}));
  CHECK(r["client_ip"] == "127.0.0.1");
  CHECK(r["started_at"] == 1'700'000'000'123);
  CHECK(r["source"] == "upstream");
  CHECK(r["workspace_name"] == "default");
  CHECK_FALSE(r.contains("consumer"));
  CHECK_FALSE(r.contains("authenticated_entity"));
}

GW_TEST_CASE("a request that was not proxied says so") {
  const json r = record_of(spec("/"), {}, [](exchange& x) {
    x.number(GW_FLAGS, GW_F_LOCAL_REPLY);
    x.number(GW_NS_TOTAL, 5'000'000);
    x.text(GW_UPSTREAM_PATH, "");
  });
  CHECK(r["source"] == "kong");
  CHECK(r["latencies"] == json({{"request", 5}, {"kong", 5}, {"proxy", -1}, {"receive", 0}}));
  CHECK(r["tries"] == json::array());
  CHECK(r["upstream_uri"] == "");
  CHECK(r["upstream_status"] == "");
}

GW_TEST_CASE("each attempt has its status, failed ones say how") {
  const json r = record_of(spec("/?"), {}, [](exchange& x) {
    x.attempt(attempt(0, GW_E_CONNECT, 0));
    x.attempt(attempt(0, GW_E_TIMEOUT, 1));
    x.attempt(attempt(201, GW_OK, 2));
  });
  CHECK(r["upstream_status"] == "502, 504, 201");
  CHECK(r["upstream_uri"] == "/?");
  CHECK(r["tries"][0]["state"] == "failed");
  CHECK(r["tries"][0]["code"] == 502);
  CHECK(r["tries"][1]["code"] == 504);
  CHECK_FALSE(r["tries"][2].contains("state"));
}

GW_TEST_CASE("credentials in Authorization and Proxy-Authorization are redacted, in any case") {
  const json r = record_of(spec("/", {{"Authorization", "Basic c2VjcmV0"},
                                      {"PROXY-authorization", "Bearer secret"},
                                      {"proxy-Authorization", "second secret"},
                                      {"X-Authorization", "kept"}}));
  const json& headers = r["request"]["headers"];
  CHECK(headers["authorization"] == "REDACTED");
  CHECK(headers["proxy-authorization"] == json::array({"REDACTED", "REDACTED"}));
  CHECK(headers["x-authorization"] == "kept");
  CHECK(r.dump().find("secret") == std::string::npos);
}

GW_TEST_CASE("headers that stand several times are arrays, in their order") {
  gw::test::field_list many;
  for (int i = 0; i < 100; ++i) many.emplace_back("X-" + std::to_string(i % 40), std::to_string(i));
  const json headers = record_of(spec("/", many))["request"]["headers"];
  CHECK(headers.size() == 40);
  CHECK(headers["x-3"] == json::array({"3", "43", "83"}));
  CHECK(headers["x-39"] == json::array({"39", "79"}));
}

TEST_CASE("the cost of a head does not grow with the square of its fields") {
  const auto fields = [](int n) {
    gw::test::field_list many;
    for (int i = 0; i < 6 * n; ++i) many.emplace_back("X-" + std::to_string(i % (5 * n)), "v");
    return many;
  };
  const auto seconds = [&](int n) {
    const auto asked = spec("/", fields(n));
    const std::clock_t start = std::clock();
    record_of(asked);
    return double(std::clock() - start) / CLOCKS_PER_SEC;
  };
  CHECK(seconds(10000) < 9 * seconds(2500) + 0.1);  // four times the fields; the square: 16
  const json headers = record_of(spec("/", fields(10000)))["request"]["headers"];
  CHECK(headers.size() == 50000);
  CHECK(headers["x-9999"] == json::array({"v", "v"}));
  CHECK(headers["x-10000"] == "v");
}

// What is kept of a name serves the requests behind it: none may show in it what the first did.
GW_TEST_CASE("each of many requests has its own names, in lower case, and its own values") {
  const std::string names = R"j("custom_fields": {"f": "$(header:X-Short)"})j";
  const std::string long_name(100, 'N'), long_value(5000, 'v');
  const std::vector<gw::test::field_list> requests{
      {{"X-Short", "1"}, {"Authorization", "secret"}, {long_name, "a"}},
      {{"x-SHORT", "a \"quoted\" value"}, {"AUTHORIZATION", "secret"}, {long_name, "b"}},
      {{"X-short", long_value}, {"Other", ""}},
      {{"X-Short", ""}, {"X-short", "2"}, {"authorization", "secret"}},
      {{"X-Short", "3"}},
  };
  Folder folder;
  {
    Gateway gateway(folder / "log", names);
    for (const auto& headers : requests) {
      exchange x(gateway.host, {&gateway.plugin}, spec("/", headers));
      x.run(200, {{"X-Short", "answer"}}, "");
      x.finish();
    }
    gateway.plugin.stop();
  }
  CHECK(content(folder / "log").find("secret") == std::string::npos);
  const auto lines = lines_of(folder / "log");
  REQUIRE(lines.size() == requests.size());
  const auto headers = [&](std::size_t i) { return lines[i]["request"]["headers"]; };
  const std::string lower_name(100, 'n');
  CHECK(headers(0) == json{{"x-short", "1"}, {"authorization", "REDACTED"}, {lower_name, "a"}});
  CHECK(headers(1)["x-short"] == "a \"quoted\" value");
  CHECK(headers(1)["authorization"] == "REDACTED");
  CHECK(headers(1)[lower_name] == "b");
  CHECK(headers(2) == json{{"x-short", long_value}, {"other", ""}});
  CHECK(headers(3)["x-short"] == json::array({"", "2"}));
  CHECK(headers(3)["authorization"] == "REDACTED");
  CHECK(headers(4) == json{{"x-short", "3"}});
  for (const json& line : lines) CHECK(line["response"]["headers"]["x-short"] == "answer");
}

GW_TEST_CASE("the query is decoded as Kong does") {
  const auto query = [](const std::string& text) {
    return record_of(spec("/?" + text))["request"]["querystring"];
  };
  CHECK(query("a=1&a=2&b&%61=%33&c=") == json({{"a", {"1", "2", "3"}}, {"b", true}, {"c", ""}}));
  CHECK(query("x+y=1%2B1+2&=nameless&&z=%zz") == json({{"x y", "1+1 2"}, {"z", "%zz"}}));
  CHECK(query("a&a=1") == json({{"a", {true, "1"}}}));
  std::string many;
  for (int i = 0; i < 150; ++i) many += "n" + std::to_string(i) + "&";
  CHECK(query(many).size() == 100);
}

GW_TEST_CASE("a consumer and its credential are named") {
  gw::test::host host;
  Folder folder;
  host.add_consumer("c-id", "alice", "77");
  host.add_credential("keyauth_credentials", "k-id", "c-id", R"({"key": "k"})");
  auto& auth = host.load(GATEWRIGHT_PLUGIN_DIR "/key-auth.so");
  auto& log = host.load(k_so, Gateway::config_of(folder / "log", {}));
  exchange(host, {&auth, &log}, spec("/", {{"apikey", "k"}})).run();
  log.stop();
  const json r = lines_of(folder / "log").at(0);
  CHECK(r["authenticated_entity"] == json({{"id", "k-id"}}));
  CHECK(r["consumer"] == json({{"id", "c-id"}, {"username", "alice"}, {"custom_id", "77"}}));
}

GW_TEST_CASE("what other plugins add stands in the record") {
  gw::test::host host;
  Folder folder;
  auto& ids = host.load(GATEWRIGHT_PLUGIN_DIR "/correlation-id.so");
  auto& log = host.load(k_so, Gateway::config_of(folder / "log", {}));
  exchange(host, {&ids, &log}, spec("/", {{"Kong-Request-ID", "my \"id\""}})).run();
  exchange(host, {&ids, &log}, spec("/")).run();
  log.stop();
  const auto lines = lines_of(folder / "log");
  CHECK(lines.at(0)["correlation_id"] == "my \"id\"");
  CHECK(lines.at(1)["correlation_id"] == lines.at(1)["request"]["headers"]["kong-request-id"]);
}

GW_TEST_CASE("hostile bytes never break a line") {
  const std::string hostile = "\"\\\n\r\x01\xED\xA0\x80\xFF</script>";
  const json r = record_of(spec("/", {{"X-Evil", hostile}}), {}, [&](exchange& x) {
    x.text(GW_RAW_TARGET, "/" + hostile);
    x.text(GW_METHOD, hostile);
    x.text(GW_CLIENT_IP, std::string(100'000, 'i'));
  });
  CHECK(r["request"]["headers"]["x-evil"] == "\"\\\n\r\x01\uFFFD\uFFFD\uFFFD\uFFFD</script>");
  CHECK(r["client_ip"].get<std::string>().size() < 9000);
}
