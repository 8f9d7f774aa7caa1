// SPDX-License-Identifier: Apache-2.0
// The options of rate-limiting as typed values, and what a schema can't check: at least one limit,
// larger periods with larger limits, policies that this build does not have. Schema and defaults
// stand in schema.json.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gatewright/plugin.hpp"
#include "key.hpp"

namespace rate_limiting {

struct Config {
  explicit Config(const gw::config& source);

  std::vector<std::pair<Period, std::int64_t>> limits;  // smallest period first
  IdentityKind limit_by = IdentityKind::consumer;
  gw::hid header = 0;  // for limit_by header
  std::string path;    // for limit_by path
  bool hide_client_headers = false;
  bool fault_tolerant = true;
  int error_code = 429;
  std::string error_message;
};

}  // namespace rate_limiting
