// SPDX-License-Identifier: Apache-2.0
#include "key.hpp"

#include <string>

#include "gatewright/plugin.h"

namespace rate_limiting {
namespace {

constexpr std::uint8_t k_hashed = 0x80;
constexpr std::string_view k_no_id = "00000000-0000-0000-0000-000000000000";

static_assert(Key::k_prefix + 1 + k_longest_identity + sizeof(std::int64_t) <= GW_KV_MAX);

// FNV-1a, closed by the finaliser of MurmurHash3 so that all bits depend on all bytes.
std::uint64_t fnv(std::string_view bytes, std::uint64_t hash) {
  for (const char c : bytes) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

}  // namespace

Hash hash_of(std::string_view bytes) {
  const std::uint64_t halves[2] = {fnv(bytes, 0xcbf29ce484222325), fnv(bytes, 0x9e3779b97f4a7c15)};
  Hash out;
  std::memcpy(out.data(), halves, sizeof halves);
  return out;
}

Hash hash_of_scope(std::string_view route_id, std::string_view service_id) {
  std::string text(route_id.empty() ? k_no_id : route_id);
  text.push_back(':');
  text.append(service_id.empty() ? k_no_id : service_id);
  return hash_of(text);
}

Key::Prefix Key::make_prefix(const Hash& scope, std::int64_t window_start) {
  Prefix out;
  std::memcpy(out.data(), scope.data(), scope.size());
  std::memcpy(out.data() + scope.size(), &window_start, sizeof window_start);
  return out;
}

void Key::append_hash(std::uint8_t tag, std::string_view identity) {
  const Hash hash = hash_of(identity);
  bytes_[k_prefix] = char(tag | k_hashed);
  std::memcpy(bytes_ + k_prefix + 1, hash.data(), hash.size());
  size_ = k_prefix + 1 + hash.size();
}

}  // namespace rate_limiting
