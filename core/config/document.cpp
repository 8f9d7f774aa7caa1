// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "config/readers.hpp"

namespace gw::config {

namespace {

// yaml-cpp takes byte 4 as the end of the file and replaces what is not UTF-8: both are refused
// before it sees them.
bool check_bytes(std::string_view text, std::vector<Diagnostic>& out) {
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const Location where{line, std::uint32_t(i - line_start + 1)};
    const std::size_t n = utf8_length(text.substr(i));
    const bool control =
        (std::uint8_t(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
    if (n == 0 || control) {
      const std::string byte = cat("byte 0x", hex(&c, 1));
      out.push_back({Severity::error, where, "",
                     n == 0 ? cat(byte, " is not valid UTF-8")
                            : cat(byte, " is a control character, expected text"),
                     n == 0 ? "save the file as UTF-8" : ""});
      return false;
    }
    if (c == '\n') {
      ++line;
      line_start = i + 1;
    }
    i += n;
  }
  return true;
}

bool check_encoding(std::string_view text, std::vector<Diagnostic>& out) {
  if (!text.starts_with("\xFE\xFF") && !text.starts_with("\xFF\xFE")) return true;
  out.push_back({Severity::error,
                 {1, 1},
                 "",
                 "the file is UTF-16, expected UTF-8",
                 "save the file as UTF-8"});
  return false;
}

}  // namespace

bool read_document(std::string_view file, std::string_view text, Value& root,
                   std::vector<Diagnostic>& out) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  if (!check_encoding(text, out) || !check_bytes(text, out)) return false;

  const auto first = text.find_first_not_of(" \t\r\n");
  const bool only_json = file.ends_with(".json");
  if (!only_json && (first == std::string_view::npos || text[first] != '{'))
    return read_yaml(text, root, out);

  std::vector<Diagnostic> faults;
  bool read = read_json(text, root, faults);
  if (!read && !only_json) {
    // A YAML flow mapping may begin like JSON. When it is neither, JSON's fault tells more.
    std::vector<Diagnostic> yaml_faults;
    read = read_yaml(text, root, yaml_faults);
    if (read) faults = std::move(yaml_faults);
  }
  out.insert(out.end(), faults.begin(), faults.end());
  return read;
}

}  // namespace gw::config
