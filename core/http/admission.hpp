// SPDX-License-Identifier: Apache-2.0
// Admission: how many client connections one worker takes, in all and from one address. Shared by
// the worker's proxy listeners; one loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "net/address.hpp"

namespace gw::http {

class Admission {
 public:
  // all: above it new ones wait in the kernel's queue; per_address: above it they are closed at
  // once, 0 is no limit. Those that are open stay.
  void set_limits(std::size_t all, std::size_t per_address) {
    all_ = all;
    per_address_ = per_address;
  }
  bool full() const { return open_ >= all_; }
  std::size_t open() const { return open_; }
  void opened() { ++open_; }
  void closed() { --open_; }

  enum class Entry : std::uint8_t { uncounted, counted, refused };
  // A connection turns out to be this client's. Counted ones leave.
  Entry enter(const net::Address& client);
  void leave(const net::Address& client);

 private:
  std::size_t all_ = SIZE_MAX;
  std::size_t per_address_ = 0;
  std::size_t open_ = 0;
  std::unordered_map<net::Address, std::size_t, net::AddressHash> clients_;  // port 0
};

}  // namespace gw::http
