// SPDX-License-Identifier: Apache-2.0
#include "config/place.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gw::config {

namespace {

// Names that read well after a dot.
bool is_simple(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

std::string Place::text() const {
  if (!up_) return std::string(name_);
  std::string out = up_->text();
  if (index_ != k_no_index) return cat(out, '[', index_, ']');
  if (is_simple(name_)) return out.empty() ? std::string(name_) : cat(out, '.', name_);
  out += '[';
  append_json_string(out, name_);
  return out + ']';
}

}  // namespace gw::config
