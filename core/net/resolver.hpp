// SPDX-License-Identifier: Apache-2.0
// Resolver: what names stand for, remembered for as long as their records say. A name that is used
// is renewed in the background; while it cannot be renewed, what it stood for goes on being used.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/dns_client.hpp"
#include "net/loop.hpp"

namespace gw::net {

// What a name stands for. Never changes: an answer with other contents is another object.
struct Resolution {
  static constexpr std::uint64_t k_literal = 1;  // version of an address that was no name
  std::vector<Endpoint> endpoints;               // not empty, in an order of its own
  std::uint64_t version = 0;  // of these contents; not 0, equal over renewals that change nothing
};

// Times in ms.
struct ResolverOptions {
  DnsOptions dns;
  std::uint64_t valid_ttl = 0;   // instead of the records'; 0: theirs, within min_ttl and max_ttl
  std::uint64_t min_ttl = 1000;  // not 0
  std::uint64_t max_ttl = 3600000;
  std::uint64_t stale_ttl = 3600000;  // how long after that it may be used while it is not renewed
  // How long a name that does not exist is not asked for, and one that has existed is used still.
  std::uint64_t not_found_ttl = 30000;
  std::uint64_t error_ttl = 1000;     // how long one is not asked for when no server has answered
  std::uint64_t unasked = 30000;      // out of date for longer: renewed before it is used
  std::uint64_t look_at_conf = 5000;  // between two looks at resolv.conf
  std::size_t names = 10000;          // remembered; beyond it the one unused for longest goes
};

// A name as the admin side shows it.
struct KnownName {
  std::string_view name;
  std::string_view records;  // "SRV", "A/AAAA"; empty: never found
  const std::vector<Endpoint>& endpoints;
  std::uint64_t age = 0;     // ms since it was found
  std::uint64_t ttl = 0;     // ms
  bool looking = false;      // a lookup is on its way
  std::string_view error{};  // why the last lookup found nothing; empty: it did
  std::uint64_t lookups = 0, failures = 0;
};

class Resolver {
 public:
  explicit Resolver(Loop& loop, ResolverOptions options = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Names are looked up anew with other servers. The error says why there is no DNS client: names
  // do not resolve then.
  Status set_options(ResolverOptions options);

  // What is to be used now, without waiting: an IP literal, localhost, or what a name stands for.
  // Null: ask start_lookup. Borrowed until the loop's next turn.
  const Resolution* known(std::string_view name);

  // Calls back once on the loop's thread, never inside this call. The result is borrowed; null: the
  // name does not resolve.
  using Callback = std::function<void(const Resolution*)>;
  void start_lookup(std::string_view name, Callback callback);
  // An address of it does not answer: it is looked up again, at most once a second. What was known
  // goes on being used meanwhile. False: nothing was started, and nobody is called back.
  bool suspect(std::string_view name, Callback callback);

  // A lookup is on its way, and servers have answered the one before it.
  bool expects(std::string_view name) const;

  // In the order of the names, without literals.
  void each(const std::function<void(const KnownName&)>& show) const;

 private:
  struct Entry;
  Entry& entry(std::string_view name);
  Resolution localhost();
  void make_room();
  void look_up(Entry& entry);
  void finish(const std::string& name, DnsAnswer answer);
  void learn(Entry& entry, DnsAnswer answer);
  void note_failure(Entry& entry, const DnsAnswer& answer);
  void answer_waiting(Entry& entry);
  bool is_usable(const Entry& entry) const;
  void look_at_resolv_conf();
  Status make_client();

  Loop& loop_;
  ResolverOptions options_;
  std::unique_ptr<DnsClient> client_;  // null: it cannot be made
  std::uint64_t last_version_ = Resolution::k_literal;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
  std::vector<std::string> refused_;  // names that are not asked for now; their waiters are told
  Deadline tell_refused_;
  std::uint64_t conf_looked_at_ = 0;  // ms
  std::string conf_state_;            // of the file when the client was made
};

}  // namespace gw::net
