// SPDX-License-Identifier: Apache-2.0
// TLS to clients and to targets, with curl, openssl and nginx as the others.
#include "tls.hpp"

#include <signal.h>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "nginx_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;
using gw::test::Authority;
using gw::test::Issued;

namespace {

// Says what it has seen of the TLS that it was asked through.
std::string tls_server(const Issued& issued, const Authority& authority) {
  return "server { listen @PORT0@ ssl; ssl_certificate " + issued.certificate_file +
         "; ssl_certificate_key " + issued.key_file + "; ssl_client_certificate " +
         authority.file() +
         "; ssl_verify_client optional; location / { return 200 \"$ssl_server_name "
         "$ssl_client_verify $connection $ssl_session_reused\"; } }";
}

}  // namespace

TEST_CASE("clients get the certificate of the name that they ask for") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test");
  const auto b = authority.issue("b", "DNS:*.b.test");
  const auto standard = authority.issue("standard.test", "DNS:standard.test");
  Origin origin;
  GatewayProcess gateway("certificates:\n" + certificate_entity(k_a, a, "{name: a.test}") +
                             certificate_entity(k_b, b, "{name: \"*.b.test\"}") + "services:\n" +
                             service("s", origin.url()),
                         "  workers: 1\n  ssl_cert: " + standard.certificate_file +
                             "\n  ssl_cert_key: " + standard.key_file + "\n",
                         "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  for (const auto name : {"a.test", "x.b.test", "standard.test"}) {
    const auto got = curl(name, "/s", "-o /dev/null -w '%{http_code} %{ssl_verify_result}'");
    CHECK(got.out == "200 0");
    const auto seen = origin.wait_for_request();
    CHECK(seen.value("X-Forwarded-Proto") == "https");
  }
  CHECK(curl("other.test", "/s").status == 60);  // the default's name is another
  const std::string shown = get(gateway.admin_port(), "/certificates").body;
  CHECK(shown.find("BEGIN CERTIFICATE") != std::string::npos);
  CHECK(shown.find("PRIVATE KEY") == std::string::npos);
  CHECK(get(gateway.admin_port(), "/snis/a.test").body.find(k_a) != std::string::npos);
}

TEST_CASE("sessions are resumed with any worker, and plain bytes are turned away") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test");
  Origin origin;
  GatewayProcess gateway(
      "services:\n" + service("s", origin.url()),
      "  workers: 2\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " + a.key_file + "\n",
      "127.0.0.1:0 ssl");
  const std::string session = authority.path("session");
  const auto version = GENERATE("-tls1_2", "-tls1_3");
  const auto ask = [&](const std::string& options) {
    return run_shell(
        "printf 'GET /s HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' | openssl "
        "s_client -ign_eof -connect 127.0.0.1:" +
        std::to_string(gateway.port()) + " " + version + " " + options);
  };
  CHECK(ask("-sess_out " + session).out.find("New, TLSv1.") != std::string::npos);
  for (int i = 0; i < 6; ++i)
    CHECK(ask("-sess_in " + session).out.find("Reused, TLSv1.") != std::string::npos);
  CHECK(run_shell("openssl s_client -connect 127.0.0.1:" + std::to_string(gateway.port()) +
                  " -tls1_1 </dev/null")
            .status != 0);
  bool reset = false;
  RawClient plain(gateway.port());
  plain.send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.read_to_end(&reset).find("HTTP/1.1") == std::string::npos);
}

TEST_CASE("a PROXY header stands before the TLS") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test");
  Origin origin;
  GatewayProcess gateway(
      "services:\n" + service("s", origin.url()),
      "  workers: 1\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " + a.key_file + "\n",
      "127.0.0.1:0 ssl proxy_protocol");
  const Curl curl{gateway.port(), authority.file()};
  CHECK(curl("a.test", "/s", "--haproxy-protocol").status == 0);
}

TEST_CASE("a reload changes certificates, and connections live on") {
  Authority authority;
  const auto first = authority.issue("first", "DNS:a.test");
  const auto second = authority.issue("second", "DNS:a.test");
  Origin origin;
  const auto entities = [&](const Issued& issued) {
    return "certificates:\n" + certificate_entity(k_a, issued, "a.test") + "services:\n" +
           service("s", origin.url());
  };
  GatewayProcess gateway(entities(first), "  workers: 1\n", "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const auto shown = [&] { return curl("a.test", "/s", "-v").out; };
  CHECK(shown().find("CN=first") != std::string::npos);
  gateway.rewrite(entities(second));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("configuration reloaded");
  CHECK(shown().find("CN=second") != std::string::npos);
  // One that cannot be used is refused, and the old one stays.
  auto broken = second;
  broken.key = first.key;
  gateway.rewrite(entities(broken));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("the key is not that of the certificate");
  CHECK(shown().find("CN=second") != std::string::npos);
}

TEST_CASE("targets are asked by name, verified when that is wanted, and shown our certificate") {
  Authority authority, stranger("Stranger");
  const auto issued = authority.issue("target", "DNS:localhost,IP:127.0.0.1");
  const auto ours = authority.issue("gateway", "DNS:gateway.test");
  NginxProcess nginx(tls_server(issued, authority));
  const std::string port = std::to_string(nginx.port());
  const std::string verify = "  tls_verify: true\n  ca_certificates: [";
  GatewayProcess gateway(
      "certificates:\n" + certificate_entity(k_a, ours, "") + "ca_certificates:\n" +
      authority_entity(k_a, authority) + authority_entity(k_b, stranger) + "services:\n" +
      service("plain", "https://localhost:" + port) +
      service("verified", "https://localhost:" + port, verify + k_a + "]\n") +
      service("address", "https://127.0.0.1:" + port, verify + k_a + "]\n") +
      service("shown", "https://localhost:" + port,
              verify + k_a + "]\n  client_certificate: " + k_a + "\n") +
      service("distrusted", "https://localhost:" + port, verify + k_b + "]\n  retries: 1\n"));
  const auto body = [&](const std::string& path) { return get(gateway.port(), path).body; };
  CHECK(body("/plain").starts_with("localhost NONE "));
  const std::string first = body("/verified");
  CHECK(first.starts_with("localhost NONE "));
  CHECK(body("/verified") == first);  // the same connection
  CHECK(body("/address").starts_with(" NONE "));
  CHECK(body("/shown").starts_with("localhost SUCCESS "));
  // A connection that was not verified is not taken for one that must be.
  CHECK(get(gateway.port(), "/distrusted").status == 502);
  gateway.wait_for_log("request failed: unable to get local issuer certificate reason=tls_failed");
}

TEST_CASE("a target whose certificate is over, or another's, is a 502 that names it") {
  Authority authority;
  const auto expired = authority.issue("expired", "DNS:localhost", -1);
  const auto other = authority.issue("other", "DNS:other.test");
  NginxProcess late(tls_server(expired, authority)), wrong(tls_server(other, authority));
  const std::string verify =
      std::string("  retries: 0\n  tls_verify: true\n  ca_certificates: [") + k_a + "]\n";
  GatewayProcess gateway(
      "ca_certificates:\n" + authority_entity(k_a, authority) + "services:\n" +
      service("late", "https://localhost:" + std::to_string(late.port()), verify) +
      service("wrong", "https://localhost:" + std::to_string(wrong.port()), verify));
  CHECK(get(gateway.port(), "/late").status == 502);
  gateway.wait_for_log("request failed: certificate has expired reason=tls_failed");
  CHECK(get(gateway.port(), "/wrong").status == 502);
  gateway.wait_for_log("request failed: hostname mismatch reason=tls_failed");
}

TEST_CASE("a target that speaks no TLS is a 502 with its reason") {
  NginxProcess nginx("server { listen @PORT0@; }");
  GatewayProcess gateway(
      "services:\n" +
      service("s", "https://127.0.0.1:" + std::to_string(nginx.port()), "  retries: 0\n"));
  CHECK(get(gateway.port(), "/s").status == 502);
  gateway.wait_for_log("request failed: wrong version number reason=tls_failed");
}

TEST_CASE("clients are asked for certificates") {
  Authority authority, stranger("Stranger");
  const auto a = authority.issue("a.test", "DNS:a.test");
  const auto good = authority.issue("client", "DNS:client.test");
  const auto bad = stranger.issue("client", "DNS:client.test");
  Origin origin;
  GatewayProcess gateway(
      "services:\n" + service("s", origin.url()),
      "  workers: 1\n  ssl_verify_client: on\n  ssl_client_certificate: " + authority.file() +
          "\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " + a.key_file + "\n",
      "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const auto with = [](const Issued& one) {
    return "--cert " + one.certificate_file + " --key " + one.key_file;
  };
  CHECK(curl("a.test", "/s", with(good)).status == 0);
  CHECK(curl("a.test", "/s").status != 0);
  CHECK(curl("a.test", "/s", with(bad)).status != 0);
}

TEST_CASE("large bodies pass through TLS on both sides") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test,DNS:localhost");
  NginxProcess nginx("server { listen @PORT0@ ssl; ssl_certificate " + a.certificate_file +
                     "; ssl_certificate_key " + a.key_file +
                     "; client_max_body_size 0; location / { root " + authority.path("") +
                     "; dav_methods PUT; } }");
  run_shell("head -c 20000000 /dev/urandom > " + authority.path("big"));
  GatewayProcess gateway(
      "services:\n- name: s\n  url: https://localhost:" + std::to_string(nginx.port()) +
          "\n  routes: [{paths: [/]}]\n",
      "  workers: 1\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " + a.key_file + "\n",
      "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const std::string got = authority.path("got");
  CHECK(curl("a.test", "/big", "-o " + got).status == 0);
  CHECK(run_shell("cmp " + got + " " + authority.path("big")).status == 0);
  CHECK(curl("a.test", "/put", "-T " + got).status == 0);
  CHECK(run_shell("cmp " + authority.path("put") + " " + authority.path("big")).status == 0);
}

TEST_CASE("a plugin brings certificates, and turns clients away") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test");
  const auto own = authority.issue("own", "DNS:*.plugin.test");
  Origin origin;
  const auto entities = [&](const Issued& issued) {
    return "services:\n" + service("s", origin.url()) +
           "plugins:\n- name: greeter\n  config: {suffix: .plugin.test, refused: .refused.test, " +
           "certificate: " + issued.certificate_file + ", key: " + own.key_file + "}\n";
  };
  GatewayProcess gateway(entities(own),
                         "  workers: 1\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " +
                             a.key_file + "\n  plugins: [" GW_MODULES "/greeter.so]\n",
                         "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  CHECK(curl("x.plugin.test", "/s").status == 0);
  CHECK(curl("a.test", "/s").status == 0);
  CHECK(curl("x.refused.test", "/s").out.find("access denied") != std::string::npos);
  gateway.wait_for_log("this name is refused");
  // One that cannot be used is found out when the configuration is loaded.
  gateway.rewrite(entities(a));
  gateway.signal(SIGHUP);
  gateway.wait_for_log("the key is not that of the certificate");
  CHECK(curl("x.plugin.test", "/s").status == 0);
}

namespace {

// What a client sees that asks for the staple.
std::string staple_of(const GatewayProcess& gateway, const std::string& version) {
  const std::string all =
      run_shell("openssl s_client -status -connect 127.0.0.1:" + std::to_string(gateway.port()) +
                " -servername a.test " + version + " </dev/null")
          .out;
  for (const auto& text : {"Cert Status: good", "OCSP response: no response sent"})
    if (all.find(text) != std::string::npos) return text;
  return all;
}

}  // namespace

TEST_CASE("certificate, key and what its authority says of it come from files, anew at each load") {
  Authority authority;
  const auto first = authority.issue("first", "DNS:a.test");
  const auto second = authority.issue("second", "DNS:a.test");
  Origin origin;
  const auto take = [&](const Issued& issued, const std::string& response) {
    run_shell("cd " + authority.path("") + " && cp " + issued.certificate_file + " cert && cp " +
              issued.key_file + " key && base64 " + response + " >staple");
  };
  take(first, authority.ocsp_response(first));
  GatewayProcess gateway(
      "certificates:\n- cert: \"{file:" + authority.path("cert") +
          "}\"\n  key: \"{file:" + authority.path("key") +
          "}\"\n  snis: [a.test]\n  gateway: {ocsp: \"{file:" + authority.path("staple") +
          "}\"}\nservices:\n" + service("s", origin.url()),
      "  workers: 1\n", "127.0.0.1:0 ssl");
  const Curl curl{gateway.port(), authority.file()};
  const auto reload = [&](const std::string& text) {
    const std::size_t before = gateway.count_log(text);
    gateway.signal(SIGHUP);
    gateway.wait_for_logs(before + 1, text);
  };
  for (const auto version : {"-tls1_2", "-tls1_3"})
    CHECK(staple_of(gateway, version) == "Cert Status: good");
  CHECK(curl("a.test", "/s", "-v --cert-status").out.find("CN=first") != std::string::npos);
  // A response for another certificate, or that says it is revoked, is refused with its place.
  take(second, authority.ocsp_response(first));
  reload("certificates[0].gateway.ocsp: is the OCSP response for another certificate");
  take(second, authority.ocsp_response(second, Authority::Says::revoked));
  reload("certificates[0].gateway.ocsp: says that the certificate is revoked");
  CHECK(staple_of(gateway, "-tls1_3") == "Cert Status: good");
  take(second, authority.ocsp_response(second));
  reload("configuration reloaded");
  CHECK(curl("a.test", "/s", "-v --cert-status").out.find("CN=second") != std::string::npos);
  // One that is over is not shown.
  take(second, authority.ocsp_response(second, Authority::Says::good_once));
  reload("configuration reloaded");
  CHECK(staple_of(gateway, "-tls1_3") == "OCSP response: no response sent");
  CHECK(curl("a.test", "/s").status == 0);
  CHECK(get(gateway.admin_port(), "/certificates").body.find("PRIVATE") == std::string::npos);
}

TEST_CASE("ws and wss are http and https whose requests become tunnels") {
  Authority authority;
  const auto a = authority.issue("a.test", "DNS:a.test,DNS:localhost");
  Origin origin([](Call& call) {
    if (call.request.value("Upgrade") != "websocket") return call.respond();
    call.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    call.send(call.peer().read_bytes(5) + "!");
    call.close();
  });
  NginxProcess nginx("server { listen @PORT0@ ssl; ssl_certificate " + a.certificate_file +
                     "; ssl_certificate_key " + a.key_file + "; location / { proxy_pass " +
                     origin.url() +
                     "; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
                     "proxy_set_header Connection Upgrade; } }");
  const auto one = [](const std::string& name, const std::string& target,
                      const std::string& protocols) {
    return "- {name: " + name + ", " + target + ", routes: [{paths: [/" + name + "], protocols: [" +
           protocols + "]}]}\n";
  };
  const std::string port = std::to_string(origin.port());
  GatewayProcess gateway(
      "plugins: [{name: correlation-id, protocols: [wss], config: {header_name: X-Seen, "
      "echo_downstream: true}}]\nservices:\n" +
          one("a", "url: \"ws://127.0.0.1:" + port + "\"", "ws, wss") +
          one("b", "protocol: ws, host: 127.0.0.1, port: " + port, "wss") +
          one("c", "url: \"wss://localhost:" + std::to_string(nginx.port()) + "\"", "wss"),
      "  workers: 1\n  ssl_cert: " + a.certificate_file + "\n  ssl_cert_key: " + a.key_file + "\n",
      "127.0.0.1:0 ssl");
  for (const std::string path : {"/a", "/b", "/c"}) {
    const auto heard = run_shell(
        "printf 'GET " + path +
        " HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: Upgrade\\r\\nUpgrade: "
        "websocket\\r\\n\\r\\nhello' | timeout 10 openssl s_client -quiet -ign_eof -connect "
        "127.0.0.1:" +
        std::to_string(gateway.port()));
    INFO(heard.out);
    CHECK(heard.out.find("HTTP/1.1 101 ") != std::string::npos);
    CHECK(heard.out.find("X-Seen: ") != std::string::npos);
    CHECK(heard.out.find("hello!") != std::string::npos);
    CHECK(Curl{gateway.port(), authority.file()}("a.test", path).out == "ok");
  }
}
