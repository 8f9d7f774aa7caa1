// SPDX-License-Identifier: Apache-2.0
// Names against a real DNS server that changes its mind, and is silent, and is gone.
#include "net/resolver.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "deadline.hpp"
#include "dns_server.hpp"

using namespace gw::net;
using support::DnsServer;

namespace {

// The process has one hosts file.
struct Hosts {
  std::string path = "/tmp/gatewright-hosts-" + std::to_string(::getpid());
  Hosts() { write("127.0.0.9 hosts.test\n"); }
  ~Hosts() { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};
Hosts hosts;

struct World {
  explicit World(const DnsServer& server) {
    options.dns.servers = {server.address()};
    options.dns.hosts_file = hosts.path;
    options.dns.timeout = 700;
    options.min_ttl = 20;
    use();
  }
  void use() { REQUIRE(resolver.set_options(options).ok()); }

  // Runs the loop until it is so.
  bool until(const std::function<bool()>& so) {
    struct Watch {
      World& world;
      const std::function<bool()>& so;
      support::Deadline deadline{};
      Deadline next{[](void* self) { static_cast<Watch*>(self)->look(); }, this};
      bool is_so = false;
      void look() {
        is_so = so();
        if (is_so || deadline.left_ms() == 0) return world.loop.stop();
        next.set(world.loop.deadlines(), 1);
      }
    } watch{*this, so};
    watch.next.set(loop.deadlines(), 0);
    loop.run();
    return watch.is_so;
  }
  // What a lookup tells: "127.0.0.1 127.0.0.2", or "-".
  std::string look(const std::string& name) {
    std::optional<std::string> told;
    resolver.start_lookup(name, [&](const Resolution* found) { told = text(found); });
    REQUIRE_FALSE(told);
    REQUIRE(until([&] { return told.has_value(); }));
    return *told;
  }
  std::string known(const std::string& name) { return text(resolver.known(name)); }
  bool becomes(const std::string& name, const std::string& expected) {
    return until([&] { return known(name) == expected; });
  }
  static std::string text(const Resolution* found) {
    if (found == nullptr) return "-";
    std::string out;
    for (const auto& one : found->endpoints) {
      out += (out.empty() ? "" : " ") + one.address.ip();
      if (one.address.port() != 0) out += ":" + std::to_string(one.address.port());
      if (one.alternative) out += "|" + one.alternative->ip();
      if (one.weight != 0) out += "*" + std::to_string(one.weight);
      if (!one.name.empty()) out += "(" + one.name + ")";
    }
    return out;
  }
  struct Shown {
    std::uint64_t ttl = 0, lookups = 0, failures = 0;
    std::string records, error;
  };
  Shown shown(const std::string& name) {
    Shown out;
    resolver.each([&](const KnownName& one) {
      if (one.name != name) return;
      out = {one.ttl, one.lookups, one.failures, std::string(one.records), std::string(one.error)};
    });
    return out;
  }

  Loop loop;
  ResolverOptions options;
  Resolver resolver{loop};
};

const std::string k_one = "host-record=one.test,127.0.0.1,7";

}  // namespace

TEST_CASE("an address needs no lookup") {
  DnsServer server({});
  World w(server);
  CHECK(w.known("10.0.0.1") == "10.0.0.1");
  CHECK(w.known("::1") == "::1");
  CHECK(w.resolver.known("10.0.0.1")->version == Resolution::k_literal);
  CHECK(w.look("10.0.0.2") == "10.0.0.2");
  CHECK_FALSE(w.resolver.suspect("10.0.0.1", [](const Resolution*) {}));
  for (const auto name : {"localhost", "a.b.LocalHost", "localhost."})
    CHECK(w.known(name).starts_with("127.0.0.1"));
  CHECK(w.known("notlocalhost") == "-");
  w.options.dns.order = {"A"};
  w.use();
  CHECK(w.known("localhost") == "127.0.0.1");
}

TEST_CASE("a name stands for all of its addresses, for as long as its records say") {
  DnsServer server({k_one, "host-record=two.test,127.0.0.3,5", "host-record=two.test,127.0.0.2,9",
                    "cname=alias.test,one.test,3", "host-record=long.test,127.0.0.1,86400"});
  World w(server);
  CHECK(w.known("one.test") == "-");
  CHECK(w.look("one.test") == "127.0.0.1");
  CHECK(w.known("one.test") == "127.0.0.1");
  CHECK(w.shown("one.test").ttl == 7000);
  CHECK(w.shown("one.test").records == "A/AAAA");
  CHECK(w.look("two.test") == "127.0.0.2 127.0.0.3");
  CHECK(w.look("alias.test") == "127.0.0.1");
  CHECK(w.shown("alias.test").ttl == 3000);
  CHECK(w.look("long.test") == "127.0.0.1");
  CHECK(w.shown("long.test").ttl == 3600000);
  w.options.max_ttl = 4000;
  w.options.min_ttl = 3500;
  w.use();
  w.look("one.test"), w.look("alias.test");
  CHECK(w.shown("one.test").ttl == 4000);
  CHECK(w.shown("alias.test").ttl == 3500);
  w.options.valid_ttl = 60000;
  w.use();
  w.look("one.test");
  CHECK(w.shown("one.test").ttl == 60000);
}

TEST_CASE("addresses of both families are two ways to one place, in the order of the setting") {
  DnsServer server({"host-record=both.test,127.0.0.1,::1,5", "host-record=six.test,::1,5",
                    // no route leads there
                    "host-record=far.test,127.0.0.1,2001:db8::1,5"});
  World w(server);
  const bool has_v6 = w.look("both.test") == "127.0.0.1|::1";
  if (!has_v6) WARN("this host has no IPv6, not even its loopback");
  CHECK(w.look("six.test") == "::1");
  const std::string far = w.look("far.test");
  CHECK((far == "127.0.0.1" || far == "127.0.0.1|2001:db8::1"));
  w.options.dns.order = {"AAAA", "A"};
  w.use();
  if (has_v6) CHECK(w.look("both.test") == "::1|127.0.0.1");
  w.options.dns.order = {"A"};
  w.options.not_found_ttl = 0;
  w.use();
  CHECK(w.look("both.test") == "127.0.0.1");
  CHECK(w.until([&] { return w.look("six.test") == "-"; }));
  w.options.dns.order = {"AAAA"};
  w.use();
  CHECK(w.look("six.test") == "::1");
}

TEST_CASE("an answer that does not fit into a datagram comes by TCP") {
  std::vector<std::string> records;
  for (int i = 1; i <= 100; ++i)
    records.push_back("host-record=large.test,127.0.1." + std::to_string(i) + ",5");
  DnsServer server(records);
  World w(server);
  const std::string found = w.look("large.test");
  CHECK(std::count(found.begin(), found.end(), ' ') == 99);
}

TEST_CASE("SRV records: the lowest priority, with ports, weights and names") {
  DnsServer server(
      {k_one, "host-record=two.test,127.0.0.2,20", "srv-host=_http._tcp.svc.test,one.test,8081,1,3",
       "srv-host=_http._tcp.svc.test,two.test,8082,1,0",
       "srv-host=_http._tcp.svc.test,two.test,8083,2,9", "srv-host=plain.test,one.test,8084,1,5",
       "host-record=plain.test,127.0.0.5,5", "srv-host=_gone._tcp.svc.test,nobody.test,80,1,1"});
  World w(server);
  CHECK(w.look("_http._tcp.svc.test") == "127.0.0.1:8081*3(one.test) 127.0.0.2:8082*1(two.test)");
  CHECK(w.shown("_http._tcp.svc.test").records == "SRV");
  CHECK(w.shown("_http._tcp.svc.test").ttl == 0 + 20);  // dnsmasq gives SRV records a TTL of 0
  CHECK(w.look("_gone._tcp.svc.test") == "-");
  CHECK(w.look("_none._tcp.svc.test") == "-");
  CHECK(w.look("plain.test") == "127.0.0.5");
  w.options.dns.order = {"SRV", "A"};
  w.use();
  CHECK(w.look("plain.test") == "127.0.0.1:8084*5(one.test)");
  CHECK(w.look("one.test") == "127.0.0.1");
}

TEST_CASE("LAST begins with the records that were there before") {
  DnsServer server({k_one});
  World w(server);
  w.options.dns.order = {"LAST", "SRV", "A", "CNAME"};
  w.use();
  CHECK(w.look("one.test") == "127.0.0.1");
  server.change({k_one, "srv-host=one.test,one.test,8081,1,1"});
  CHECK(w.look("one.test") == "127.0.0.1");
  server.change({"srv-host=one.test,two.test,8081,1,1", "host-record=two.test,127.0.0.2"});
  CHECK(w.look("one.test") == "127.0.0.2:8081*1(two.test)");
}

TEST_CASE("a name that moves is seen to move, and what is out of date is used meanwhile") {
  DnsServer server({"host-record=moves.test,127.0.0.1,0"});
  World w(server);
  CHECK(w.look("moves.test") == "127.0.0.1");
  const auto version = w.resolver.known("moves.test")->version;
  CHECK(w.look("moves.test") == "127.0.0.1");
  CHECK(w.resolver.known("moves.test")->version == version);
  server.change({"host-record=moves.test,127.0.0.2,0"});
  bool always = true;
  CHECK(w.until([&] {
    const std::string now = w.known("moves.test");
    always &= now != "-";
    return now == "127.0.0.2";
  }));
  CHECK(always);
  CHECK(w.resolver.known("moves.test")->version != version);
}

TEST_CASE("what is long out of date is not used before somebody has tried to renew it") {
  DnsServer server({"host-record=old.test,127.0.0.1,1"});
  World w(server);
  CHECK(w.look("old.test") == "127.0.0.1");
  w.options.unasked = 1;
  w.use();
  CHECK(w.until([&] { return w.known("old.test") == "-"; }));
  CHECK(w.becomes("old.test", "127.0.0.1"));
}

TEST_CASE("a server that is gone or silent: old answers serve on, for a time") {
  DnsServer server({"host-record=a.test,127.0.0.1,0"});
  World w(server);
  CHECK(w.look("a.test") == "127.0.0.1");
  SECTION("gone") { server.stop(); }
  SECTION("silent") { server.signal(SIGSTOP); }
  CHECK(w.until([&] {
    CHECK(w.known("a.test") == "127.0.0.1");
    return w.shown("a.test").failures > 0;
  }));
  CHECK_FALSE(w.shown("a.test").error.empty());
  CHECK(w.look("a.test") == "127.0.0.1");
  CHECK(w.look("b.test") == "-");
  w.options.stale_ttl = 0;
  w.use();
  CHECK(w.known("a.test") == "-");
  server.change({"host-record=a.test,127.0.0.4,0"});
  CHECK(w.until([&] { return w.look("a.test") == "127.0.0.4"; }));
  CHECK(w.shown("a.test").error.empty());
}

TEST_CASE("a name that does not exist is not asked for again at once") {
  DnsServer server({});
  World w(server);
  for (int i = 0; i < 5; ++i) CHECK(w.look("none.test") == "-");
  CHECK(w.shown("none.test").lookups == 1);
  w.options.not_found_ttl = 1;
  server.change({"host-record=none.test,127.0.0.1"});
  w.options.dns.timeout = 800;  // another client: what was not there is asked for again
  w.use();
  CHECK(w.until([&] { return w.look("none.test") == "127.0.0.1"; }));
}

TEST_CASE("a name that is said to exist no more is used for a while, and then not") {
  DnsServer server({"host-record=ends.test,127.0.0.1,0"});
  World w(server);
  w.options.not_found_ttl = 50;
  w.use();
  CHECK(w.look("ends.test") == "127.0.0.1");
  server.change({});
  std::uint64_t failures = 0;
  CHECK(w.until([&] {
    if (w.known("ends.test") == "-") return true;
    failures = w.shown("ends.test").failures;
    return false;
  }));
  CHECK(failures == 1);
  CHECK(w.shown("ends.test").failures == 2);
}

TEST_CASE("a name under suspicion is looked up again, at most once a second") {
  DnsServer server({k_one});
  World w(server);
  CHECK(w.look("one.test") == "127.0.0.1");
  const auto nothing = [](const Resolution*) {};
  CHECK_FALSE(w.resolver.suspect("one.test", nothing));
  server.change({"host-record=one.test,127.0.0.6,7"});
  CHECK(w.until([&] { return w.resolver.suspect("one.test", nothing); }));
  CHECK(w.becomes("one.test", "127.0.0.6"));
}

TEST_CASE("names of the hosts file are not asked for, and it is read again") {
  DnsServer server({"host-record=hosts.test,127.0.0.1"});
  World w(server);
  CHECK(w.look("hosts.test") == "127.0.0.9");
  hosts.write("127.0.0.10 hosts.test\n");
  CHECK(w.becomes("hosts.test", "127.0.0.10"));
  hosts.write("127.0.0.9 hosts.test\n");
}

TEST_CASE("lookups on their way are asked of the new servers, or forgotten") {
  DnsServer silent({}), other({k_one});
  silent.signal(SIGSTOP);
  World w(silent);
  std::string told;
  w.resolver.start_lookup("one.test", [&](const Resolution* found) { told = World::text(found); });
  int turns = 0;
  REQUIRE(w.until([&] { return ++turns > 20; }));
  CHECK(told.empty());
  w.options.dns.servers = {other.address()};
  w.use();
  CHECK(w.look("one.test") == "127.0.0.1");
  CHECK(told == "127.0.0.1");
  World ends(silent);
  ends.resolver.start_lookup("one.test", [&](const Resolution*) { FAIL("called back"); });
  turns = 0;
  CHECK(ends.until([&] { return ++turns > 20; }));
}

TEST_CASE("the servers of resolv.conf, also when it changes") {
  if (::getuid() != 0) {
    WARN("not run: port 53 takes a root");
    return;
  }
  const std::string net = "127." + std::to_string(::getpid() % 250 + 1) + ".53.";
  DnsServer first({k_one}, net + "1"), second({"host-record=one.test,127.0.0.2"}, net + "2");
  World w(first);
  const std::string file = hosts.path + ".resolv";
  const auto write = [&](const std::string& server) {
    std::ofstream(file + ".new") << "nameserver " << server << "\n";
    std::filesystem::rename(file + ".new", file);
  };
  write(net + "1");
  w.options.dns.servers = {};
  w.options.dns.resolv_conf = file;
  w.options.look_at_conf = 1;
  w.use();
  CHECK(w.look("one.test") == "127.0.0.1");
  write(net + "2");
  CHECK(w.until([&] { return w.look("one.test") == "127.0.0.2"; }));
  std::filesystem::remove(file);
}

TEST_CASE("only so many names are remembered") {
  DnsServer server({"address=/many.test/127.0.0.1"});
  World w(server);
  w.options.names = 100;
  w.use();
  for (int i = 0; i < 120; ++i)
    CHECK(w.look("n" + std::to_string(i) + ".many.test") == "127.0.0.1");
  int n = 0;
  w.resolver.each([&](const KnownName&) { ++n; });
  CHECK(n == 100);
  CHECK(w.known("n119.many.test") == "127.0.0.1");
}

TEST_CASE("servers that are none are refused") {
  Loop loop;
  ResolverOptions options;
  options.dns.servers = {"nobody"};
  options.dns.hosts_file = hosts.path;
  Resolver resolver(loop);
  CHECK_FALSE(resolver.set_options(options).ok());
  CHECK(resolver.known("a.test") == nullptr);
}

TEST_CASE("without a resolv.conf there is a client all the same") {
  Loop loop;
  ResolverOptions options;
  options.dns.hosts_file = hosts.path;
  options.dns.resolv_conf = hosts.path + ".none";
  Resolver resolver(loop);
  CHECK(resolver.set_options(options).ok());
}
