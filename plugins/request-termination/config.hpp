// SPDX-License-Identifier: Apache-2.0
// The options of request-termination as values. What they mean stands in schema.json.
#pragma once

#include <string>

#include "gatewright/plugin.hpp"

namespace request_termination {

struct Config {
  explicit Config(const gw::config& c);

  int status;
  std::string message;  // with the status' usual text filled in; empty: none
  std::string content_type, body;
  bool has_body, echo;
  std::string trigger;  // empty: none
  gw::hid trigger_header;
};

}  // namespace request_termination
