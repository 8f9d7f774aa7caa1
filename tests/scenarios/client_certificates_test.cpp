// SPDX-License-Identifier: Apache-2.0
// Certificates of clients, as routes, services and settings want them, with curl and openssl.
#include <signal.h>

#include <algorithm>

#include "catch.hpp"
#include "origin.hpp"
#include "raw_client.hpp"
#include "tls.hpp"

using namespace support;

namespace {

std::string shown(const Issued& one) {
  return "--cert " + one.certificate_file + " --key " + one.key_file;
}

// A route of the path /NAME that wants a certificate of these authorities.
std::string route(const std::string& name, const std::string& authorities,
                  const std::string& more = "") {
  return "  - {name: " + name + ", paths: [/" + name +
         "], gateway: {verify_client: {ca_certificates: [" + authorities + "]" + more + "}}}\n";
}

// With a certificate of its own, and the headers that tell of clients'.
std::string settings(const Issued& own, const std::string& more = "") {
  return "  workers: 1\n  client_certificate_header: X-Client-Cert\n  ssl_cert: " +
         own.certificate_file + "\n  ssl_cert_key: " + own.key_file + "\n" + more;
}

constexpr auto k_status = "-o /dev/null -w '%{http_code} ' ";

// Status and new connections of each answer, asked for one behind the other.
std::string one_connection(const Curl& curl, std::vector<std::string> paths,
                           const std::string& options) {
  const std::string last = paths.back();
  paths.pop_back();
  std::string before = "-w '%{http_code}/%{num_connects} ' -o /dev/null " + options;
  for (const auto& path : paths)
    before += " https://a.test:" + std::to_string(curl.port) + path + " -o /dev/null";
  return curl("a.test", last, before).out;
}

}  // namespace

TEST_CASE("a route is only for clients whose certificate its authorities vouch for") {
  Authority authority, stranger("Stranger");
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto good = authority.issue("client", "DNS:client.test");
  const auto expired = authority.issue("expired", "DNS:client.test", -1);
  const auto unknown = stranger.issue("client", "DNS:client.test");
  Origin origin;
  GatewayProcess gateway("ca_certificates:\n" + authority_entity(k_a, authority) +
                             "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n" +
                             route("closed", k_a) + route("half", k_a, ", required: false") +
                             "  - {paths: [/open]}\n",
                         settings(own), "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const auto version = GENERATE("--tls-max 1.2 ", "--tlsv1.3 ");
  const auto ask = [&](const std::string& path, const std::string& options) {
    return curl("a.test", path, version + options).out;
  };

  CHECK(ask("/closed", shown(good)) == "ok");
  const auto seen = origin.wait_for_request(1);
  CHECK(seen.value("X-Client-Cert-Subject-DN") == "CN=client");
  const auto digest =
      run_shell("openssl x509 -noout -fingerprint -sha256 -in " + good.certificate_file).out;
  auto expected = digest.substr(digest.find('=') + 1);
  std::erase_if(expected, [](char c) { return c == ':' || c == '\n'; });
  std::transform(expected.begin(), expected.end(), expected.begin(), ::tolower);
  CHECK(seen.value("X-Client-Cert-Fingerprint") == expected);
  CHECK(run_shell("python3 -c 'import sys, urllib.parse; sys.stdout.write(urllib.parse.unquote(\"" +
                  seen.value("X-Client-Cert") + "\"))'")
            .out == good.certificate);

  CHECK(ask("/closed", k_status) == "403 ");
  CHECK(ask("/closed", k_status + shown(expired)) == "403 ");
  CHECK(ask("/closed", k_status + shown(unknown)) == "403 ");
  CHECK(ask("/closed", "").find("No required TLS certificate was sent") != std::string::npos);
  CHECK(ask("/closed", shown(unknown)).find("TLS certificate failed verification") !=
        std::string::npos);
  CHECK(ask("/closed", "-H 'Accept: application/problem+json' " + shown(expired))
            .find("\"client_certificate_refused\"") != std::string::npos);
  CHECK(origin.requests().size() == 1);

  // What does not fit counts as none, and nobody is believed who only says so.
  const std::string lies =
      "-H 'X-Client-Cert: mine' -H 'x-client-cert-subject-dn: CN=client' -H 'X_Client_Cert: mine' "
      "-H 'X-Client-Cert-Fingerprint: 00' ";
  std::size_t n = 1;
  for (const auto& [path, options] : std::vector<std::pair<std::string, std::string>>{
           {"/half", ""}, {"/half", shown(unknown)}, {"/open", shown(good)}, {"/open", ""}}) {
    CHECK(ask(path, lies + options) == "ok");
    const auto request = origin.wait_for_request(++n);
    for (const auto& field : request.fields) CHECK(field.name.substr(0, 8) != "X-Client");
  }
  CHECK(ask("/half", lies + shown(good)) == "ok");
  const auto last = origin.wait_for_request(++n);
  CHECK(last.count("X-Client-Cert") == 1);
  CHECK(last.value("X-Client-Cert-Subject-DN") == "CN=client");
  CHECK(last.value("X-Client-Cert-Fingerprint") == expected);
  // A client cannot have them dropped either.
  CHECK(ask("/closed", "-H 'Connection: X-Client-Cert' " + shown(good)) == "ok");
  CHECK(origin.wait_for_request(++n).count("X-Client-Cert") == 1);
}

TEST_CASE("routes with other authorities are judged each by their own, on one connection") {
  Authority authority, other("Other");
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto mine = authority.issue("client", "DNS:client.test");
  const auto theirs = other.issue("client", "DNS:client.test");
  Origin origin;
  GatewayProcess gateway(
      "ca_certificates:\n" + authority_entity(k_a, authority) + authority_entity(k_b, other) +
          "services:\n- name: s\n  url: " + origin.url() +
          "\n  gateway: {verify_client: {ca_certificates: [" + k_b + "]}}\n  routes:\n" +
          route("a", k_a) + "  - {paths: [/b]}\n" + route("both", std::string(k_a) + ", " + k_b),
      settings(own), "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const std::vector<std::string> paths{"/a", "/b", "/both", "/a", "/b"};
  CHECK(one_connection(curl, paths, shown(mine)) == "200/1 403/0 200/0 200/0 403/0 ");
  CHECK(one_connection(curl, paths, shown(theirs)) == "403/1 200/0 200/0 403/0 200/0 ");
  CHECK(one_connection(curl, paths, "") == "403/1 403/0 403/0 403/0 403/0 ");
  const std::string routes = get(gateway.admin_port(), "/routes/both").body;
  CHECK(routes.find("\"verify_client\"") != std::string::npos);
  CHECK(routes.find(k_b) != std::string::npos);
}

TEST_CASE("a chain may be as long as the depth says, also when a session is resumed") {
  Authority authority;
  Authority between(authority, "Between");
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto leaf = between.issue("client", "DNS:client.test");
  const std::string chain = between.path("chain.pem");
  write_file(chain, leaf.certificate + between.pem());
  Origin origin;
  GatewayProcess gateway("ca_certificates:\n" + authority_entity(k_a, authority) +
                             "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n" +
                             route("one", k_a) + route("none", k_a, ", depth: 0"),
                         settings(own), "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  CHECK(one_connection(curl, {"/one", "/none"}, "--cert " + chain + " --key " + leaf.key_file) ==
        "200/1 403/0 ");
  CHECK(one_connection(curl, {"/one", "/none"}, shown(leaf)) == "403/1 403/0 ");
  const auto version = GENERATE("-tls1_2", "-tls1_3");
  const auto ask = [&](const Issued& as, const std::string& options) {
    return run_shell(
               "printf 'GET /one HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' | "
               "openssl "
               "s_client -ign_eof -connect 127.0.0.1:" +
               std::to_string(gateway.port()) + " " + version + " -cert " + as.certificate_file +
               " -key " + as.key_file + " " + options)
        .out;
  };
  const std::string session = authority.path("session");
  for (const std::string direction : {"-sess_out ", "-sess_in "})
    CHECK(ask(leaf, "-cert_chain " + between.file() + " " + direction + session)
              .find("HTTP/1.1 200") != std::string::npos);
  // Without one in between the ticket is enough.
  const auto direct = authority.issue("direct", "DNS:client.test");
  CHECK(ask(direct, "-sess_out " + session).find("HTTP/1.1 200") != std::string::npos);
  const auto again = ask(direct, "-sess_in " + session);
  CHECK(again.find("Reused, TLSv1.") != std::string::npos);
  CHECK(again.find("HTTP/1.1 200") != std::string::npos);
}

TEST_CASE("a reload asks for certificates, and clients come back with theirs") {
  Authority authority;
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto good = authority.issue("client", "DNS:client.test");
  Origin origin;
  const auto entities = [&](const std::string& routes) {
    return "ca_certificates:\n" + authority_entity(k_a, authority) +
           "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n" + routes;
  };
  GatewayProcess gateway(entities("  - {paths: [/closed]}\n"), settings(own), "127.0.0.1:0 ssl");
  const std::string pipe = authority.path("pipe"), heard = authority.path("heard");
  // A client whose connection and session are older than the wish.
  const std::string connect =
      "openssl s_client -ign_eof -connect 127.0.0.1:" + std::to_string(gateway.port()) + " -cert " +
      good.certificate_file + " -key " + good.key_file;
  run_shell("mkfifo " + pipe + "; (" + connect + " <" + pipe + " >" + heard +
            " 2>&1; echo ended >>" + heard + ") >/dev/null 2>&1 &");
  std::ofstream say(pipe);
  const auto wait_for = [&](const std::string& text) {
    const auto all =
        "timeout 10 sh -c 'until grep -q \"" + text + "\" " + heard + "; do sleep 0.05; done'";
    return run_shell(all).status == 0;
  };
  say << "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n" << std::flush;
  REQUIRE(wait_for("HTTP/1.1 200"));
  gateway.rewrite(entities(route("closed", k_a)));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  say << "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n" << std::flush;
  REQUIRE(wait_for("HTTP/1.1 403"));
  CHECK(wait_for("Connection: close"));
  CHECK(wait_for("ended"));
  const Curl curl{gateway.port(), authority.file()};
  CHECK(curl("a.test", "/closed", shown(good)).out == "ok");
}

TEST_CASE("without TLS there is no certificate") {
  Authority authority;
  Origin origin;
  GatewayProcess gateway("ca_certificates:\n" + authority_entity(k_a, authority) +
                             "services:\n- name: s\n  url: " + origin.url() + "\n  routes:\n" +
                             route("closed", k_a) + "  - {paths: [/open]}\n",
                         "  workers: 1\n  client_certificate_header: X-Client-Cert\n");
  CHECK(get(gateway.port(), "/closed", "X-Client-Cert: mine\r\n").status == 403);
  CHECK(get(gateway.port(), "/open", "X-Client-Cert: mine\r\n").status == 200);
  CHECK_FALSE(origin.wait_for_request().has("X-Client-Cert"));
  RawClient client(gateway.port());
  CHECK(client
            .ask(request_text("POST", "/open", "Transfer-Encoding: chunked\r\n") +
                 "1\r\nx\r\n0\r\nX-Client-Cert: mine\r\nX-Other: 1\r\n"
                 "x-client-cert-fingerprint: 00\r\n\r\n")
            .status == 200);
  const auto trailers = origin.wait_for_request(2).trailers;
  REQUIRE(trailers.size() == 1);
  CHECK(trailers[0].name == "X-Other");
}

TEST_CASE("what the process verifies is known on every route") {
  Authority authority;
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto good = authority.issue("client", "DNS:client.test");
  const std::string mode = GENERATE("optional", "on");
  Origin origin;
  GatewayProcess gateway(
      "services:\n" + service("s", origin.url()),
      settings(own, "  ssl_verify_client: " + mode +
                        "\n  ssl_client_certificate: " + authority.file() + "\n"),
      "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  CHECK(curl("a.test", "/s", shown(good)).out == "ok");
  CHECK(origin.wait_for_request().value("X-Client-Cert-Subject-DN") == "CN=client");
  CHECK((curl("a.test", "/s").status == 0) == (mode == "optional"));
}

TEST_CASE("plugins see the certificate that is vouched for") {
  Authority authority, stranger("Stranger");
  const auto own = authority.issue("a.test", "DNS:a.test");
  const auto good = authority.issue("client", "DNS:client.test");
  const auto unknown = stranger.issue("client", "DNS:client.test");
  Origin origin;
  GatewayProcess gateway(
      "ca_certificates:\n" + authority_entity(k_a, authority) + "services:\n- name: s\n  url: " +
          origin.url() + "\n  routes:\n" + route("half", k_a, ", required: false") +
          "plugins:\n- {name: faulty, config: {phase: request, act: certificate}}\n",
      settings(own, "  plugins: [" GW_MODULES "/faulty.so]\n"), "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const auto told = curl("a.test", "/half", shown(good)).out;
  CHECK(told.starts_with("CN=client "));
  CHECK(told.ends_with("\n" + good.certificate));
  CHECK(told.size() == std::string("CN=client \n").size() + 64 + good.certificate.size());
  CHECK(curl("a.test", "/half", shown(unknown)).out == " \n");
  CHECK(curl("a.test", "/half").out == " \n");
}
