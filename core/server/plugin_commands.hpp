// SPDX-License-Identifier: Apache-2.0
// `gatewright plugin list` and `gatewright plugin inspect`. Exit statuses.
#pragma once

#include <string>

namespace gw::server {

int list_plugins(bool json);
// Reads the note only, unless `load`.
int inspect_plugin(const std::string& file, bool load, bool json);

}  // namespace gw::server
