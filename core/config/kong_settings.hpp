// SPDX-License-Identifier: Apache-2.0
// kong.conf's keys that are no settings here: which of their values mean what this gateway does
// anyway, and what is said of the others. Nothing of kong.conf is ignored in silence.
#pragma once

#include <string_view>

#include "config/diagnostic.hpp"

namespace gw::config {

struct KongSetting {
  std::string_view name;  // a star at the end: all that begin so
  std::string_view same;  // the setting of ours that it is; empty: none
  std::string_view fine;  // values that change nothing, between blanks
  Severity otherwise = Severity::error;
  std::string_view why;
};

// Null: no key of kong.conf that is known here.
const KongSetting* find_kong_setting(std::string_view name);
// The name of the kong.conf key that is this setting under another name; empty: none.
std::string_view kong_alias_of(std::string_view setting);
// Reports a value that is not fine. REQUIRES: same is empty.
void check_kong_setting(const KongSetting& key, std::string_view text, std::string path,
                        Location where, std::vector<Diagnostic>& out);
// Variables that Kubernetes makes for a service named kong: KONG_PROXY_PORT_80_TCP_ADDR…
bool is_service_link(std::string_view variable);

}  // namespace gw::config
