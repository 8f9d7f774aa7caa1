// SPDX-License-Identifier: Apache-2.0
// The key of one counter: what Kong writes as
// `ratelimit:ROUTE:SERVICE:IDENTITY:WINDOWSTART:PERIOD`, packed so that it fits GW_KV_MAX and costs
// one short copy per request:
//
//   16 bytes  hash of the scope (route and service of the entry, or a zero UUID)
//    8 bytes  start of the window
//    1 byte   period, kind of identity, and whether the identity is hashed
//    n bytes  identity as it is, or 16 bytes of its hash when it is longer than k_longest_identity
//
// The kind is in the key so that a header value never shares a counter with an address.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "windows.hpp"

namespace rate_limiting {

enum class IdentityKind : std::uint8_t { ip, consumer, credential, service, header, path };

struct Identity {
  IdentityKind kind = IdentityKind::ip;
  std::string_view text;
};

using Hash = std::array<char, 16>;
// Spreads well; not made against forgery, and need not be: who may choose an identity (a header)
// may as well send the one that it would collide with.
Hash hash_of(std::string_view bytes);
Hash hash_of_scope(std::string_view route_id, std::string_view service_id);

inline constexpr std::size_t k_longest_identity = 128;

class Key {
 public:
  // The part that is the same for all identities; kept with the window.
  static constexpr std::size_t k_prefix = 24;
  using Prefix = std::array<char, k_prefix>;
  static Prefix make_prefix(const Hash& scope, std::int64_t window_start);

  Key(const Prefix& prefix, Period period, const Identity& identity) {
    std::memcpy(bytes_, prefix.data(), k_prefix);
    const auto tag = std::uint8_t(unsigned(period) | unsigned(identity.kind) << 3);
    if (identity.text.size() > k_longest_identity) {
      append_hash(tag, identity.text);
      return;
    }
    bytes_[k_prefix] = char(tag);
    std::memcpy(bytes_ + k_prefix + 1, identity.text.data(), identity.text.size());
    size_ = k_prefix + 1 + identity.text.size();
  }
  std::string_view view() const { return {bytes_, size_}; }

 private:
  void append_hash(std::uint8_t tag, std::string_view identity);

  char bytes_[k_prefix + 1 + k_longest_identity];
  std::size_t size_;
};

}  // namespace rate_limiting
