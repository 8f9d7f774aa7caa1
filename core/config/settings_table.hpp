// SPDX-License-Identifier: Apache-2.0
// The table of process settings: one row for each, which drives the file's `gateway` section, the
// environment, the flags and the documentation.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/settings.hpp"
#include "config/value.hpp"

namespace gw::config {

struct SettingDoc {
  std::string_view name;
  std::string_view kind;      // "duration", "size", "list"…
  std::string_view fallback;  // as one would write it
  bool kong;                  // also read from KONG_NAME
  std::string_view about;
};
std::vector<SettingDoc> setting_docs();

using Named = std::vector<std::pair<std::string, std::string>>;

// flags > environment > section > default. `section` may be null.
void read_settings(const Value* section, const Named& flags, const Named& environment,
                   Settings& into, std::vector<Diagnostic>& out);

// What a duration or size text means: "500ms", "2s", "8k"; a bare number is seconds or bytes.
bool parse_duration(std::string_view text, std::uint64_t& ms);
bool parse_size(std::string_view text, std::uint64_t& bytes);
// "127.0.0.1:8000 backlog=N". The error is empty when it is fine.
std::string parse_listen(std::string_view text, Listen& into);

}  // namespace gw::config
