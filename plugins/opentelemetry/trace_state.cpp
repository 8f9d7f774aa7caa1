// SPDX-License-Identifier: Apache-2.0
#include "trace_state.hpp"

#include <algorithm>
#include <cstring>

namespace otel {
namespace {

constexpr std::size_t k_long_member = 128;
constexpr std::size_t k_text_limit = 256;  // of a key, and of a value

constexpr bool is_key_start(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

constexpr bool is_key_char(char c) {
  return is_key_start(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

constexpr bool is_value_char(char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; }

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= k_text_limit && is_key_start(key[0]) &&
         std::all_of(key.begin(), key.end(), is_key_char);
}

// Spaces at the end are taken off before; those at the start belong to the value.
bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= k_text_limit &&
         std::all_of(value.begin(), value.end(), is_value_char);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool TraceState::add(std::string_view field) {
  while (true) {
    const auto comma = field.find(',');
    const std::string_view member = trim(field.substr(0, comma));
    if (!member.empty() && !add_member(member)) return false;
    if (comma == std::string_view::npos) return true;
    field.remove_prefix(comma + 1);
  }
}

bool TraceState::add_member(std::string_view member) {
  const auto equals = member.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = member.substr(0, equals);
  if (!is_key(key) || !is_value(member.substr(equals + 1))) return false;
  for (std::size_t i = 0; i < count_; ++i) {
    if (members_[i].substr(0, key_sizes_[i]) == key) return true;
  }
  if (count_ == members_.size()) return false;
  members_[count_] = member;
  key_sizes_[count_++] = key.size();
  return true;
}

void TraceState::truncate() {
  for (std::size_t i = count_; i-- > 0 && size() > k_tracestate_limit;) {
    if (members_[i].size() > k_long_member) drop(i);
  }
  while (size() > k_tracestate_limit) drop(count_ - 1);
}

void TraceState::drop(std::size_t index) {
  for (std::size_t i = index + 1; i < count_; ++i) {
    members_[i - 1] = members_[i];
    key_sizes_[i - 1] = key_sizes_[i];
  }
  --count_;
}

std::size_t TraceState::size() const {
  std::size_t total = count_ == 0 ? 0 : count_ - 1;
  for (std::size_t i = 0; i < count_; ++i) total += members_[i].size();
  return total;
}

void TraceState::write(char* out) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (i != 0) *out++ = ',';
    std::memcpy(out, members_[i].data(), members_[i].size());
    out += members_[i].size();
  }
}

}  // namespace otel
