// SPDX-License-Identifier: Apache-2.0
// The two digests that Kong's format fixes: SHA-1 inside version 5 UUIDs, MD5 as the name of a
// configuration's content. Neither protects anything here. Written out rather than taken from
// OpenSSL, which stays in net/ and refuses MD5 where FIPS mode is on.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::config {

std::array<std::uint8_t, 16> md5(std::string_view data);
std::array<std::uint8_t, 20> sha1(std::string_view data);

using Uuid = std::array<std::uint8_t, 16>;
// RFC 4122 4.3 with SHA-1.
Uuid uuid_v5(const Uuid& space, std::string_view name);
std::string uuid_text(const Uuid& uuid);
// 8-4-4-4-12 hex digits of either case.
bool is_uuid(std::string_view text);

// The id that Kong gives an entity of a declarative file that has none: by the collection's name
// ("services") and the entity's key.
std::string entity_id(std::string_view collection, std::string_view key);

}  // namespace gw::config
