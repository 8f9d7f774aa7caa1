// SPDX-License-Identifier: Apache-2.0
// Resolver: names to addresses, off the loop (libuv's threads), remembered for a time. While a name
// cannot be renewed its old addresses go on being used, up to `stale_ms`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace gw::net {

// Addresses without ports. Empty: the name does not resolve.
using Addresses = std::vector<Address>;

class Resolver {
 public:
  Resolver(Loop& loop, std::uint64_t valid_ms, std::uint64_t stale_ms);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void set_times(std::uint64_t valid_ms, std::uint64_t stale_ms);

  // What is known now, without waiting: an IP literal, or a name looked up before and not too old.
  // Null: ask start_lookup. A name past `valid_ms` is renewed in the background.
  const Addresses* known(std::string_view name);

  // Calls back once on the loop's thread, never inside this call. The result is borrowed.
  using Callback = std::function<void(const Addresses&)>;
  void start_lookup(std::string_view name, Callback callback);

 private:
  struct Entry;
  struct Lookup;
  Entry& entry(std::string_view name);
  void start(Entry& entry);
  void finish(Entry& entry, Addresses addresses);

  Loop& loop_;
  std::uint64_t valid_ms_;
  std::uint64_t stale_ms_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace gw::net
