// SPDX-License-Identifier: Apache-2.0
#include "routing/regex_syntax.hpp"

#include <algorithm>

namespace gw::routing {

namespace {

// The length of the class that begins with pattern[at] == '['.
std::size_t class_length(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\') {
      i += 2;
    } else if (pattern.substr(i, 2) == "[:") {
      const auto end = pattern.find(":]", i + 2);
      i = end == pattern.npos ? i + 1 : end + 2;
    } else {
      ++i;
    }
  }
  return std::min(i + 1, pattern.size()) - at;
}

// The length of the piece at `at` that is one unit to a walk: an escape, a quotation, a class, or
// one byte.
std::size_t unit_length(std::string_view pattern, std::size_t at) {
  if (pattern[at] == '[') return class_length(pattern, at);
  if (pattern[at] != '\\' || at + 1 == pattern.size()) return 1;
  if (pattern[at + 1] != 'Q') return 2;
  const auto end = pattern.find("\\E", at + 2);
  return end == pattern.npos ? pattern.size() - at : end + 2 - at;
}

// Whether groups only group, so that brackets can be counted and nothing alters what a byte means.
bool plain_groups(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); i += unit_length(pattern, i)) {
    if (pattern[i] != '(' || i + 1 == pattern.size()) continue;
    if (pattern[i + 1] == '*') return false;
    if (pattern[i + 1] != '?') continue;
    const char kind = i + 2 < pattern.size() ? pattern[i + 2] : '\0';
    if (std::string_view(":<P=!>").find(kind) == std::string_view::npos) return false;
  }
  return true;
}

bool has_top_level_alternative(std::string_view pattern) {
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); i += unit_length(pattern, i)) {
    if (pattern[i] == '(') ++depth;
    if (pattern[i] == ')') --depth;
    if (pattern[i] == '|' && depth <= 0) return true;
  }
  return false;
}

// The byte that stands for itself at `at`, and its length in the pattern. Length 0: none.
std::size_t literal_at(std::string_view pattern, std::size_t at, char& out) {
  out = pattern[at];
  if (std::string_view("^$.[]|()?*+{}").find(out) != std::string_view::npos) return 0;
  if (out != '\\') return 1;
  if (at + 1 == pattern.size()) return 0;
  out = pattern[at + 1];
  const bool word = (out | 0x20) >= 'a' && (out | 0x20) <= 'z';
  return word || (out >= '0' && out <= '9') || out < 0x20 || out > 0x7E ? 0 : 2;
}

// Whether the rest may make the byte before it optional: by a quantifier, or by one that stands
// behind an empty quotation. `+` leaves at least one.
bool takes_back(std::string_view rest) {
  if (rest.starts_with("\\Q") || rest.starts_with("\\E")) return true;
  return !rest.empty() && (rest[0] == '?' || rest[0] == '*' || rest[0] == '{');
}

}  // namespace

std::string name_groups(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size() + 8);
  for (std::size_t i = 0; i < pattern.size();) {
    const auto length = unit_length(pattern, i);
    out.append(pattern.substr(i, length));
    i += length;
    if (!pattern.substr(i - length).starts_with("(?<") || i + 2 >= pattern.size()) continue;
    const char after = pattern[i + 2];
    if (after == '=' || after == '!') continue;
    out.append("?P<");
    i += 2;
  }
  return out;
}

std::string literal_prefix(std::string_view pattern) {
  std::string out;
  if (!plain_groups(pattern) || has_top_level_alternative(pattern)) return out;
  std::size_t i = pattern.starts_with('^') ? 1 : 0;
  char c = 0;
  while (i < pattern.size()) {
    const auto length = literal_at(pattern, i, c);
    if (length == 0) break;
    i += length;
    out.push_back(c);
  }
  if (takes_back(pattern.substr(i)) && !out.empty()) out.pop_back();
  return out;
}

}  // namespace gw::routing
