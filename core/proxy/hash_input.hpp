// SPDX-License-Identifier: Apache-2.0
// What an upstream with consistent hashing hashes of a request, by Kong's rules.
#pragma once

#include <cstdint>

#include "config/balancing.hpp"
#include "proxy/exchange.hpp"

namespace gw::proxy {

// Of `hash_on`, else of `hash_fallback`, else of the empty text. A cookie that the client does not
// have is made up: exchange.new_cookie is its value then, and the answer sets it.
std::uint64_t hash_of(Exchange& exchange, const config::Upstream& upstream);

// The Set-Cookie field for exchange.new_cookie, in the exchange's arena.
std::string_view set_cookie(Exchange& exchange, const config::Upstream& upstream);

}  // namespace gw::proxy
