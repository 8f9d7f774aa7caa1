// SPDX-License-Identifier: Apache-2.0
// Diagnostic: one thing wrong with a configuration, and how all of them are shown:
// `file:line:column: path: what was seen, what was expected`, the source line, a caret, a
// suggestion.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace gw::config {

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Location where;
  std::string path;  // "services[2].routes[0].paths[1]"; "GATEWRIGHT_WORKERS" for the environment
  std::string message;      // what was seen, what was expected
  std::string hint;         // "did you mean \"paths\"?"; may be empty
  bool hides_line = false;  // a secret stands in the source line, which is not to be shown
};

// Those in a line of `lines` do not show it.
void hide_lines(std::vector<Diagnostic>& diagnostics, const std::set<std::uint32_t>& lines);

// In the order of their places, duplicates removed.
void sort(std::vector<Diagnostic>& diagnostics);
bool has_errors(const std::vector<Diagnostic>& diagnostics);
// For people. color: ANSI escapes (the caller decides by NO_COLOR and isatty).
std::string render(const std::vector<Diagnostic>& diagnostics, std::string_view file,
                   std::string_view text, bool color);
// A JSON array of {severity, file, line, column, path, message, hint}.
std::string render_json(const std::vector<Diagnostic>& diagnostics, std::string_view file);

}  // namespace gw::config
