// SPDX-License-Identifier: Apache-2.0
// What names stand for, as one worker knows it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "net/resolver.hpp"

namespace gw::admin {

// An array with an object for each name; times in seconds.
nlohmann::json dns_names(const net::Resolver& resolver);

}  // namespace gw::admin
