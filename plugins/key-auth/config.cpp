// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

namespace key_auth {
namespace {

std::string challenge_of(const std::string& realm) {
  if (realm.empty()) return "Key";
  std::string out = "Key realm=\"";
  for (char c : realm) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

}  // namespace

Config::Config(const gw::config& c)
    : in_header(c.boolean("key_in_header")),
      in_query(c.boolean("key_in_query")),
      in_body(c.boolean("key_in_body")),
      hide_credentials(c.boolean("hide_credentials")),
      run_on_preflight(c.boolean("run_on_preflight")),
      challenge(challenge_of(c.str("realm"))) {
  for (std::string& name : c.strings("key_names")) {
    const gw::hid header = c.header_id(name);
    key_names.push_back({std::move(name), header});
  }
}

}  // namespace key_auth
