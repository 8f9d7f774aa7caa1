// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "config/schema.hpp"
#include "config/settings_table.hpp"

using namespace gw::config;

namespace {

struct Read {
  Settings settings;
  std::vector<Diagnostic> out;
};

Read read(std::string_view section, const Named& flags = {}, const Named& environment = {}) {
  auto value = parse_json(section);
  REQUIRE(value.ok());
  Read result;
  read_settings(&value.value(), flags, environment, result.settings, result.out);
  return result;
}

}  // namespace

TEST_CASE("flags go before the environment, that before the file, that before the default") {
  constexpr auto k_file = R"({"keepalive_requests":1})";
  const Named flag{{"keepalive_requests", "4"}};
  const Named own{{"GATEWRIGHT_DNS_VALID_TTL", "3s"}, {"KONG_DNS_VALID_TTL", "2s"}};
  CHECK(read("{}").settings.keepalive_requests == 10000);
  CHECK(read(k_file).settings.keepalive_requests == 1);
  CHECK(read(k_file, flag, {{"GATEWRIGHT_KEEPALIVE_REQUESTS", "3"}}).settings.keepalive_requests ==
        4);
  CHECK(read(k_file, {}, {{"GATEWRIGHT_KEEPALIVE_REQUESTS", "3"}}).settings.keepalive_requests ==
        3);
  CHECK(read("{}", {}, own).settings.dns_valid_ttl == 3000);
  CHECK(read("{}", {}, {own[1]}).settings.dns_valid_ttl == 2000);
}

TEST_CASE("DNS: servers are addresses, the order has addresses, Kong's names are known") {
  const auto resolver = [](const char* text) { return read("{}", {{"dns_resolver", text}}); };
  CHECK(resolver("10.0.0.1, 10.0.0.2:5353, [::1]:54, ::1").settings.dns_resolver ==
        std::vector<std::string>{"10.0.0.1:53", "10.0.0.2:5353", "[::1]:54", "[::1]:53"});
  CHECK(resolver("dns.example").out.size() == 1);
  CHECK(resolver("10.0.0.1:99999").out.size() == 1);
  const auto order = [](const char* text) { return read("{}", {{"dns_order", text}}); };
  CHECK(order("last, SRV,a,CNAME").settings.dns_order ==
        std::vector<std::string>{"LAST", "SRV", "A", "CNAME"});
  CHECK(order("SRV").out.size() == 1);
  CHECK(order("A,MX").out.size() == 1);
  const auto kongs = read("{}", {}, {{"KONG_RESOLVER_ADDRESS", "10.0.0.3"}});
  CHECK(kongs.settings.dns_resolver == std::vector<std::string>{"10.0.0.3:53"});
  CHECK(kongs.out.empty());
}

TEST_CASE("durations and sizes have units; a bare number is seconds or bytes") {
  std::uint64_t n = 0;
  CHECK((parse_duration("500ms", n) && n == 500));
  CHECK((parse_duration("2", n) && n == 2000));
  CHECK((parse_duration("1.5s", n) && n == 1500));
  CHECK((parse_duration("1h", n) && n == 3600000));
  CHECK((parse_size("8k", n) && n == 8192));
  CHECK((parse_size("1 MB", n) && n == 1048576));
  CHECK((parse_size("7", n) && n == 7));
  for (const auto text : {"", "s", "-1", "1x", "1.2.3"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text, n));
    CHECK_FALSE(parse_size(text, n));
  }
}

TEST_CASE("lists, switches and words are read in each of their forms") {
  CHECK(read(R"({"plugins":["a","b"]})").settings.plugins == std::vector<std::string>{"a", "b"});
  CHECK(read("{}", {{"plugins", "a,b"}}).settings.plugins == std::vector<std::string>{"a", "b"});
  CHECK(read(R"({"plugins":"off"})").settings.plugins.empty());
  CHECK_FALSE(read(R"({"supervisor":false})").settings.supervisor);
  CHECK_FALSE(read("{}", {{"supervisor", "OFF"}}).settings.supervisor);
  CHECK(read(R"({"workers":"auto"})").settings.workers == 0);
  CHECK(read(R"({"workers":3})").settings.workers == 3);
  CHECK(read("{}", {}, {{"KONG_NGINX_WORKER_PROCESSES", "5"}}).settings.workers == 5);
  CHECK(read(R"({"port_maps":["80:8000"]})").settings.port_maps.at(8000) == 80);
}

TEST_CASE("what a path may hold is refused or kept, one by one") {
  const auto refused = [](std::string_view section) {
    return int(read(section).settings.refused_path_traits);
  };
  const int standard =
      k_path_backslash | k_path_control | k_path_double_encoding | k_path_hidden_dots;
  CHECK(refused("{}") == standard);
  CHECK(refused(R"({"path_encoded_slash":"refuse"})") == (standard | k_path_encoded_slash));
  CHECK(refused(R"({"path_backslash":"keep","path_control":"keep"})") ==
        (k_path_double_encoding | k_path_hidden_dots));
  CHECK(refused(R"({"path_double_encoding":"keep","path_hidden_dots":"keep"})") ==
        (k_path_backslash | k_path_control));
  CHECK(read(R"({"path_control":"on"})").out.size() == 1);
  CHECK(read(R"({"underscore_headers":"keep"})").settings.underscore_headers == Underscores::keep);
  CHECK(read(R"({"underscore_headers":"off"})").out.size() == 1);
}

TEST_CASE("listeners have an address, a port and flags") {
  Listen listen;
  CHECK(parse_listen("[::1]:8000 proxy_protocol backlog=9", listen).empty());
  CHECK(listen.host == "::1");
  CHECK(listen.port == 8000);
  CHECK(listen.proxy_protocol);
  CHECK(listen.backlog == 9);
  CHECK(parse_listen("127.0.0.1", listen) != "");
  CHECK(parse_listen("", listen) != "");
  CHECK(parse_listen("127.0.0.1:80 backlog=0", listen) != "");
  CHECK(parse_listen("127.0.0.1:443 ssl", listen).empty());
  CHECK(listen.ssl);
  CHECK(parse_listen("127.0.0.1:443 ssl http2", listen).find("not supported yet") !=
        std::string::npos);
  CHECK(read(R"({"proxy_listen":"off"})").settings.proxy_listen.empty());
  CHECK(read("{}").settings.proxy_listen.at(0).port == 8000);
}

TEST_CASE("a long list may be one string, in the file and on the command line") {
  const std::string listeners = "127.0.0.1:8000 reuseport backlog=4096, 127.0.0.1:9000 reuseport";
  for (const auto& result : {read(R"({"proxy_listen":")" + listeners + "\"}"),
                             read("{}", {{"proxy_listen", listeners}})}) {
    CHECK(result.out.empty());
    REQUIRE(result.settings.proxy_listen.size() == 2);
    CHECK(result.settings.proxy_listen[0].backlog == 4096);
    CHECK(result.settings.proxy_listen[1].port == 9000);
  }
}

TEST_CASE("a wrong value tells where it came from and what is expected") {
  const auto file = read("{\n\"keepalive_requests\":\"x\"}");
  REQUIRE(file.out.size() == 1);
  CHECK(file.out[0].path == "gateway.keepalive_requests");
  CHECK(file.out[0].where.line == 2);
  const auto variable = read("{}", {}, {{"GATEWRIGHT_SUPERVISOR", "perhaps"}});
  REQUIRE(variable.out.size() == 1);
  CHECK(variable.out[0].path == "GATEWRIGHT_SUPERVISOR");
  CHECK(variable.out[0].message == "is \"perhaps\", expected on or off");
  const auto unknown = read(R"({"worker":1})", {{"nothing", "1"}});
  REQUIRE(unknown.out.size() == 2);
  CHECK(unknown.out[0].hint == "did you mean \"workers\"?");
  CHECK(unknown.out[1].message == "there is no such setting");
}

TEST_CASE("a variable that is no setting is a warning, with the nearest name") {
  const auto result = read("{}", {}, {{"GATEWRIGHT_WORKER", "2"}, {"KONG_WORKER", "2"}});
  REQUIRE(result.out.size() == 2);
  for (const auto& d : result.out) {
    CHECK(d.severity == Severity::warning);
    CHECK(d.message == "is no setting and is ignored");
    CHECK(d.hint == "did you mean GATEWRIGHT_WORKERS?");
  }
  CHECK(result.out[0].path == "GATEWRIGHT_WORKER");
  CHECK(result.out[1].path == "KONG_WORKER");
  // A service named kong makes these in every pod of Kubernetes.
  CHECK(read("{}", {},
             {{"KONG_PROXY_SERVICE_HOST", "10.0.0.1"},
              {"KONG_PROXY_PORT_80_TCP_ADDR", "10.0.0.1"},
              {"KONG_DECLARATIVE_CONFIG", "kong.yml"}})
            .out.empty());
}

TEST_CASE("every setting is read from the file, the environment and a flag") {
  for (const auto& doc : setting_docs()) {
    const std::string name(doc.name);
    std::string text(doc.fallback);
    if (name == "phase_order") text = R"({"request":["rate-limiting","key-auth"]})";
    if (name == "trusted_ips") text = "10.0.0.0/8, ::1";
    if (name == "port_maps") text = "80:8000";
    if (name == "plugin_path" || name == "error_log") text = "/x";
    std::string variable = "GATEWRIGHT_";
    for (const char c : name) variable += c >= 'a' && c <= 'z' ? char(c - 32) : c;
    Value section = Value::make_object();
    section.set(name, Value::make_string(text));
    for (const auto& result :
         {read(to_json(section)), read("{}", {{name, text}}), read("{}", {}, {{variable, text}})}) {
      INFO(name << " = " << text << "\n" << render(result.out, "", "", false));
      CHECK(result.out.empty());
    }
  }
}

TEST_CASE("phase_order is an object, or its JSON as text") {
  const std::string text = R"({"access":["rate-limiting","key-auth"],"log":["file-log"]})";
  const std::map<std::string, std::vector<std::string>> expected{
      {"request", {"rate-limiting", "key-auth"}}, {"log", {"file-log"}}};
  CHECK(read("{\"phase_order\":" + text + "}").settings.phase_order == expected);
  CHECK(read("{}", {}, {{"GATEWRIGHT_PHASE_ORDER", text}}).settings.phase_order == expected);
  CHECK(read("{}", {{"phase_order", text}}).settings.phase_order == expected);
  for (const auto bad : {"[]", "request=a", R"({"reqest":["a"]})", R"({"request":[1]})",
                         R"({"request":["a","a"]})", R"({"request":["a"],"access":["b"]})"}) {
    INFO(bad);
    CHECK(read("{}", {{"phase_order", bad}}).out.size() == 1);
  }
}

TEST_CASE("keys of kong.conf that change nothing pass, others are told by name") {
  for (const auto fine :
       {R"({"stream_listen":"off"})", R"({"stream_listen":false})", R"({"proxy_access_log":"off"})",
        R"({"database":"off","admin_gui_listen":"off","admin_access_log":"off"})",
        R"({"role":"traditional","router_flavor":"traditional_compatible","vaults":"bundled"})"})
    CHECK(read(fine).out.empty());
  CHECK(read(R"({"nginx_worker_processes":3})").settings.workers == 3);
  CHECK(read("{}", {}, {{"KONG_NGINX_WORKER_PROCESSES", "3"}}).settings.workers == 3);
  CHECK(read("{}", {}, {{"KONG_DATABASE", "off"}}).out.empty());

  const auto one = [](const Read& result) {
    REQUIRE(result.out.size() == 1);
    return result.out[0];
  };
  const auto log = one(read(R"({"proxy_access_log":"/dev/stdout"})"));
  CHECK(log.severity == Severity::warning);
  CHECK(log.path == "gateway.proxy_access_log");
  CHECK(log.message ==
        "is \"/dev/stdout\", which changes nothing: the process keeps no access log; the plugin "
        "file-log does");
  CHECK(log.hint == "write off, or remove it");
  const auto database = one(read("{}", {}, {{"KONG_DATABASE", "postgres"}}));
  CHECK(database.path == "KONG_DATABASE");
  CHECK(database.severity == Severity::error);
  CHECK(one(read("{}", {}, {{"KONG_PG_HOST", "db"}})).severity == Severity::warning);
  CHECK(one(read(R"({"ssl_early_data":"on"})")).message.find("not supported yet") !=
        std::string::npos);
  CHECK(one(read(R"({"workers":2,"nginx_worker_processes":3})")).path ==
        "gateway.nginx_worker_processes");
}

TEST_CASE("an element of a list that is wrong is told with its own place") {
  const auto ips = read("{\"trusted_ips\":[\"10.0.0.0/8\",\n\"10.0.0.0/33\"]}");
  REQUIRE(ips.out.size() == 1);
  CHECK(ips.out[0].where == Location{2, 1});
  CHECK(ips.out[0].message ==
        "is the string \"10.0.0.0/33\", expected addresses and blocks such as 10.0.0.0/8");
  CHECK(read(R"({"proxy_listen":["127.0.0.1:8000","off"]})").out.size() == 1);
  CHECK(read(R"({"proxy_listen":""})").out.size() == 1);
  CHECK(read(R"({"plugins":""})").out.size() == 1);
  CHECK(read(R"({"real_ip_header":"X Y"})").out.size() == 1);
}

TEST_CASE("two listeners have two addresses") {
  const auto result = read(R"({"admin_listen":"127.0.0.1:8000"})");
  REQUIRE(result.out.size() == 1);
  CHECK(result.out[0].path == "gateway.admin_listen");
  CHECK(read(R"({"proxy_listen":["127.0.0.1:0","127.0.0.1:0"]})").out.empty());
}

TEST_CASE("a time too short to count is no time without limit") {
  std::uint64_t n = 0;
  CHECK_FALSE(parse_duration("0.0001s", n));
  CHECK((parse_duration("0", n) && n == 0));
  CHECK_FALSE(parse_size("99999999999999g", n));
}
