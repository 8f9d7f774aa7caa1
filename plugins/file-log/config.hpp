// SPDX-License-Identifier: Apache-2.0
// The options of file-log, read once for each entry.
#pragma once

#include <cstdint>
#include <gatewright/plugin.hpp>
#include <string>
#include <vector>

namespace file_log {

// A piece of a custom field's text: as it is, or the value of a field.
struct Piece {
  enum class Kind { text, request_header, response_header };
  Kind kind = Kind::text;
  std::string text;
  gw::hid header = 0;
};

struct CustomField {
  std::string name;
  std::vector<Piece> pieces;
};

struct Config {
  explicit Config(const gw::config& source);

  std::string path;
  bool reopen;
  std::uint64_t flush_interval_ms;
  std::uint64_t queue_max_bytes;
  std::vector<CustomField> custom_fields;
};

}  // namespace file_log
