// SPDX-License-Identifier: Apache-2.0
// `gatewright plugin list`, `inspect` and `schema`. Exit statuses.
#pragma once

#include <string>

namespace gw::server {

int list_plugins(bool json);
// Reads the note only, unless `load`.
int inspect_plugin(const std::string& file, bool load, bool json);
// The schema of the options of one plugin (empty: the file's first), or the table that a README
// has. Loads the file, which runs its code.
int print_schema(const std::string& file, const std::string& name, bool table);

}  // namespace gw::server
