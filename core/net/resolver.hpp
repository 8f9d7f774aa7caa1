// SPDX-License-Identifier: Apache-2.0
// Resolver: names to addresses, off the loop (libuv's threads), remembered for a time. While a name
// cannot be renewed its old addresses go on being used, up to `stale_ms`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace gw::net {

// One place that a name stands for.
struct Endpoint {
  Address address;           // its port is the record's for SRV, else 0: the asker's
  std::uint16_t weight = 0;  // of an SRV record; 0: none, the asker's
};

// What a name stands for. Never changes: an answer with other contents is another object.
struct Resolution {
  static constexpr std::uint64_t k_literal = 1;  // version of an address that was no name
  std::vector<Endpoint> endpoints;               // not empty, in an order of its own
  std::uint64_t version = 0;  // of these contents; not 0, equal over renewals that change nothing
};

class Resolver {
 public:
  Resolver(Loop& loop, std::uint64_t valid_ms, std::uint64_t stale_ms);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void set_times(std::uint64_t valid_ms, std::uint64_t stale_ms);

  // What is known now, without waiting: an IP literal, or a name looked up before and not too old.
  // Null: ask start_lookup. A name past `valid_ms` is renewed in the background.
  // Borrowed until the loop's next turn.
  const Resolution* known(std::string_view name);

  // Calls back once on the loop's thread, never inside this call. The result is borrowed; null: the
  // name does not resolve.
  using Callback = std::function<void(const Resolution*)>;
  void start_lookup(std::string_view name, Callback callback);
  // An address of it does not answer: it is looked up again, at most once a second. What was known
  // goes on being used meanwhile. False: nothing was started, and nobody is called back.
  bool suspect(std::string_view name, Callback callback);

 private:
  struct Entry;
  struct Lookup;
  Entry& entry(std::string_view name);
  void start(Entry& entry);
  void finish(Entry& entry, std::vector<Endpoint> found);

  Loop& loop_;
  std::uint64_t valid_ms_;
  std::uint64_t stale_ms_;
  std::uint64_t last_version_ = Resolution::k_literal;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace gw::net
