// SPDX-License-Identifier: Apache-2.0
// Two sessions talk to each other through memory.
#include "net/tls_session.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"

namespace {

using namespace gw::net;
using gw::test::Authority;
using State = TlsSession::State;

const Authority& authority() {
  static const Authority made;
  return made;
}
const gw::test::Issued& issued(const std::string& name) {
  static std::unordered_map<std::string, gw::test::Issued> all;
  auto& one = all[name];
  if (one.key.empty()) {
    auto& mutable_authority = const_cast<Authority&>(authority());
    const bool expired = name.starts_with("expired");
    const std::string file = name.starts_with("*.") ? "wildcard" : name;
    one = mutable_authority.issue(file, "DNS:" + name, expired ? -1 : 1);
  }
  return one;
}

std::shared_ptr<const TlsServerContext> server_context(const std::string& name,
                                                       TlsServerOptions options = {}) {
  options.identities = {{issued(name).certificate, issued(name).key}};
  auto made = TlsServerContext::make(options);
  INFO((made.ok() ? "" : made.error().text));
  REQUIRE(made.ok());
  return made.value();
}

std::shared_ptr<TlsClientContext> client_context(TlsClientOptions options = {}) {
  if (options.authorities.empty()) options.authorities = authority().pem();
  auto made = TlsClientContext::make(options);
  INFO((made.ok() ? "" : made.error().text));
  REQUIRE(made.ok());
  return made.value();
}

std::shared_ptr<TlsCertificates> certificates(const std::string& name = "a.test") {
  return std::make_shared<TlsCertificates>(server_context(name),
                                           std::make_shared<TlsTicketKeys>(std::string(32, 's')));
}

// One side with what it has received and has still to send.
struct Side {
  TlsSession session;
  std::string got{}, out{};

  void take(std::string_view bytes) {
    std::vector<char> room(bytes.size() + 2 * TlsSession::k_record);
    const auto n = session.receive({bytes.data(), bytes.size()}, room, out);
    got.append(room.data(), n);
  }
  void say(std::string_view text) { session.send({&text, 1}, out); }
};

// Until neither has anything to say. `piece`: how many bytes arrive at once.
void talk(Side& a, Side& b, std::size_t piece = 1 << 20) {
  while (!a.out.empty() || !b.out.empty())
    for (auto [from, to] : {std::pair{&a, &b}, {&b, &a}}) {
      const std::string bytes = std::exchange(from->out, {});
      for (std::size_t at = 0; at < bytes.size(); at += piece)
        to->take(std::string_view(bytes).substr(at, piece));
    }
}

struct Pair {
  Side client, server;
  Pair(std::shared_ptr<TlsClientContext> c, std::shared_ptr<const TlsCertificates> s,
       std::string_view name = "a.test")
      : client{TlsSession(std::move(c), name, name)}, server{TlsSession(std::move(s))} {
    client.session.handshake(client.out);
  }
};

}  // namespace

TEST_CASE("two sessions agree and pass bytes both ways, however they are split") {
  const std::size_t piece = GENERATE(1, 2, 7, 100000);
  Pair pair(client_context(), certificates());
  talk(pair.client, pair.server, piece);
  REQUIRE(pair.client.session.state() == State::open);
  REQUIRE(pair.server.session.state() == State::open);
  CHECK(pair.server.session.server_name() == "a.test");
  CHECK(std::string(pair.client.session.version()) == "TLSv1.3");
  pair.client.say("ping");
  const std::string large(piece == 1 ? 20000 : 200000, 'x');
  pair.server.say(large);
  talk(pair.client, pair.server, piece);
  CHECK(pair.server.got == "ping");
  CHECK(pair.client.got == large);
}

TEST_CASE("small parts are sent as one record") {
  Pair pair(client_context(), certificates());
  talk(pair.client, pair.server);
  const std::string_view parts[] = {"HTTP/1.1 200 OK\r\n\r\n", "body"};
  pair.server.session.send(parts, pair.server.out);
  // A header of 5 bytes, the type byte and a tag of 16.
  CHECK(pair.server.out.size() == 23 + 5 + 17);
}

TEST_CASE("an end that was said is told apart from one that was not") {
  Pair pair(client_context(), certificates());
  talk(pair.client, pair.server);
  pair.server.say("last");
  pair.server.session.end(pair.server.out);
  talk(pair.client, pair.server);
  CHECK(pair.client.got == "last");
  CHECK(pair.client.session.state() == State::ended);
  // The other direction is still open.
  CHECK(pair.server.session.state() == State::open);
}

TEST_CASE("a certificate that can't be trusted ends the handshake with its reason") {
  struct Case {
    const char* certificate;
    const char* asked;
    bool own_authority;
    const char* reason;
  };
  const auto [certificate, asked, own_authority, reason] = GENERATE(values<Case>({
      {"expired.test", "expired.test", true, "certificate has expired"},
      {"a.test", "b.test", true, "hostname mismatch"},
      {"a.test", "127.0.0.1", true, "IP address mismatch"},
      {"a.test", "a.test", false, "unable to get local issuer certificate"},
  }));
  TlsClientOptions options;
  static const Authority other("Another");
  if (!own_authority) options.authorities = other.pem();
  Pair pair(client_context(options), certificates(certificate), asked);
  talk(pair.client, pair.server);
  CHECK(pair.client.session.state() == State::failed);
  CHECK(pair.client.session.error() == reason);
  CHECK(pair.server.session.state() == State::failed);

  // Without verification it is taken as it is.
  options.verify = false;
  Pair careless(client_context(options), certificates(certificate), asked);
  talk(careless.client, careless.server);
  CHECK(careless.client.session.state() == State::open);
}

TEST_CASE("the name that is asked for chooses the certificate") {
  auto all = certificates("default.test");
  all->add("a.test", server_context("a.test"));
  all->add("*.B.test", server_context("*.b.test"));
  all->add("c.*", server_context("c.test"));
  const auto [asked, shown] = GENERATE(table<std::string, std::string>({
      {"a.test", "a.test"},
      {"A.TEST", "a.test"},
      {"x.b.test", "wildcard"},
      {"b.test", "default.test"},
      {"x.y.b.test", "default.test"},
      {"c.test", "c.test"},
      {"elsewhere.test", "default.test"},
      {"", "default.test"},
  }));
  TlsClientOptions options;
  options.verify = false;
  Pair pair(client_context(options), all, asked);
  talk(pair.client, pair.server);
  REQUIRE(pair.client.session.state() == State::open);
  const auto& expected = issued(shown == "wildcard" ? "*.b.test" : shown).certificate;
  CHECK(expected.find(pair.client.session.peer()->pem) != std::string::npos);
}

TEST_CASE("sessions are resumed, also by another worker with the same secret, for two periods") {
  const auto version = GENERATE(TlsVersion::tls1_2, TlsVersion::tls1_3);
  TlsClientOptions options;
  options.protocols.highest = version;
  const auto client = client_context(options);
  {
    Pair first(client, certificates());
    talk(first.client, first.server);
    CHECK_FALSE(first.client.session.resumed());
  }
  Pair second(client, certificates());
  talk(second.client, second.server);
  REQUIRE(second.client.session.state() == State::open);
  CHECK(second.client.session.resumed());
  CHECK(second.server.session.resumed());

  // Each brings what the next is resumed with.
  Pair again(client, certificates());
  talk(again.client, again.server);
  CHECK(again.server.session.resumed());

  const auto stranger = std::make_shared<TlsCertificates>(
      server_context("a.test"), std::make_shared<TlsTicketKeys>(std::string(32, 't')));
  Pair third(client, stranger);
  talk(third.client, third.server);
  REQUIRE(third.client.session.state() == State::open);
  CHECK_FALSE(third.client.session.resumed());
}

TEST_CASE("ticket keys change with time, and only so") {
  const TlsTicketKeys keys("secret", 100), same("secret", 100), other("other", 100);
  const auto name = [](const TlsTicketKeys& of, std::uint64_t at) {
    const auto key = of.at(at);
    return std::string(reinterpret_cast<const char*>(key.name), sizeof key.name);
  };
  CHECK(name(keys, 100) == name(same, 199));
  CHECK(name(keys, 100) != name(keys, 200));
  CHECK(name(keys, 100) != name(other, 100));
}

namespace {

std::shared_ptr<const TlsVerifier> verifier(const std::string& authorities) {
  return TlsVerifier::make(authorities, 1).value();
}

}  // namespace

TEST_CASE("a session is only resumed where clients were asked for the same") {
  TlsClientOptions options;
  options.verify = false;
  options.identity = TlsIdentity{issued("client.test").certificate, issued("client.test").key};
  options.protocols.highest = GENERATE(TlsVersion::tls1_2, TlsVersion::tls1_3);
  const auto client = client_context(options);
  const auto resumes = [&client](const std::shared_ptr<TlsCertificates>& with) {
    Pair pair(client, with);
    talk(pair.client, pair.server);
    REQUIRE(pair.server.session.state() == State::open);
    CHECK((pair.server.session.peer() != nullptr) == pair.server.session.asked());
    return pair.server.session.resumed();
  };
  const auto asking = certificates(), requiring = certificates();
  asking->ask_clients(TlsClientCheck::request);
  requiring->ask_clients(TlsClientCheck::require, verifier(authority().pem()));
  CHECK_FALSE(resumes(certificates()));
  CHECK_FALSE(resumes(asking));
  CHECK(resumes(asking));
  CHECK_FALSE(resumes(requiring));
  CHECK(resumes(requiring));
  CHECK_FALSE(resumes(certificates()));
}

TEST_CASE("clients are asked for their certificate") {
  TlsClientOptions options;
  options.verify = false;
  const auto with = [&] {
    auto shown = options;
    shown.identity = TlsIdentity{issued("client.test").certificate, issued("client.test").key};
    return client_context(shown);
  };
  auto asking = certificates();
  SECTION("and must have one that is vouched for") {
    asking->ask_clients(TlsClientCheck::require, verifier(authority().pem()));
    Pair good(with(), asking);
    talk(good.client, good.server);
    CHECK(good.server.session.state() == State::open);
    CHECK(good.server.session.peer()->pem == issued("client.test").certificate);
    CHECK(good.server.session.peer()->subject == "CN=client.test");
    CHECK(good.server.session.peer_fault(verifier(authority().pem())).empty());
    Pair bare(client_context(options), asking);
    talk(bare.client, bare.server);
    CHECK(bare.server.session.state() == State::failed);
    CHECK(bare.server.session.error() == "peer did not return a certificate");
  }
  SECTION("and it is judged later") {
    static const Authority other("Another");
    asking->ask_clients(TlsClientCheck::request);
    Pair bare(client_context(options), asking);
    talk(bare.client, bare.server);
    CHECK(bare.server.session.state() == State::open);
    CHECK(bare.server.session.asked());
    CHECK(bare.server.session.peer() == nullptr);
    Pair unknown(with(), asking);
    talk(unknown.client, unknown.server);
    CHECK(unknown.server.session.state() == State::open);
    CHECK(unknown.server.session.peer_fault(verifier(other.pem())) ==
          "unable to get local issuer certificate");
    CHECK(unknown.server.session.peer_fault(verifier(authority().pem())).empty());
  }
}

TEST_CASE("protocols are agreed on by ALPN, and a stranger's are refused") {
  TlsServerOptions offers;
  offers.alpn = {"http/1.1"};
  const auto server = std::make_shared<TlsCertificates>(server_context("a.test", offers), nullptr);
  TlsClientOptions options;
  options.alpn = {"h2", "http/1.1"};
  Pair pair(client_context(options), server);
  talk(pair.client, pair.server);
  CHECK(pair.client.session.protocol() == "http/1.1");
  options.alpn = {"imap"};
  Pair stranger(client_context(options), server);
  talk(stranger.client, stranger.server);
  CHECK(stranger.server.session.state() == State::failed);
}

TEST_CASE("what cannot be used is refused with its reason") {
  const auto& a = issued("a.test");
  const auto& b = issued("c.test");
  CHECK(fault_of_identity({a.certificate, a.key}).empty());
  CHECK(fault_of_identity({a.certificate + authority().pem(), a.key}).empty());
  CHECK(fault_of_identity({a.certificate, b.key}) ==
        "the key is not that of the certificate (of the first one, in a chain)");
  CHECK(fault_of_identity({"nothing", a.key}).find("not PEM") != std::string::npos);
  CHECK(fault_of_identity({a.certificate, "nothing"}).find("not a PEM private key") !=
        std::string::npos);
  TlsServerOptions options;
  options.identities = {{a.certificate, a.key}};
  options.protocols.ciphers = "NO-SUCH-CIPHER";
  CHECK_FALSE(TlsServerContext::make(options).ok());
}

TEST_CASE("bytes that are no TLS fail the session") {
  Side server{TlsSession(certificates())};
  server.take("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(server.session.state() == State::failed);
  CHECK(server.session.error() == "http request");
}
