// SPDX-License-Identifier: Apache-2.0
// The options of key-auth as values. What they mean stands in schema.json.
#pragma once

#include <string>
#include <vector>

#include "gatewright/plugin.hpp"

namespace key_auth {

struct KeyName {
  std::string name;
  gw::hid header;
};

struct Config {
  explicit Config(const gw::config& c);

  std::vector<KeyName> key_names;
  bool in_header, in_query, in_body;
  bool hide_credentials;
  bool run_on_preflight;
  std::string challenge;  // value of WWW-Authenticate
};

}  // namespace key_auth
