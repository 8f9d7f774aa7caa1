// SPDX-License-Identifier: Apache-2.0
// Cookies of a request (RFC 6265 5.4), read as leniently as servers do: pairs between semicolons,
// blanks around names and values taken away, nothing decoded. A piece without "=" is a value
// without a name.
#pragma once

#include "gatewright/cpp/request.hpp"

namespace gw {

struct cookie {
  view name;   // may be empty
  view value;  // with its quotes, if it has some: see unquoted()
};

namespace detail {
inline view trimmed(view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}
}  // namespace detail

// Without the double quotes around it.
inline view unquoted(view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// Calls f(const cookie&) for each in one field's value.
template <class F>
void for_each_cookie(view field, const F& f) {
  for (size_t at = 0; at < field.size();) {
    const size_t found = field.find(';', at);
    const size_t end = found == view::npos ? field.size() : found;
    const view pair = detail::trimmed(field.substr(at, end - at));
    at = end + 1;
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == view::npos)
      f(cookie{pair.substr(0, 0), pair});
    else
      f(cookie{detail::trimmed(pair.substr(0, equals)), detail::trimmed(pair.substr(equals + 1))});
  }
}

// Over all fields: `id` is that of "cookie" (config::header_id), which HTTP/2 clients may split.
template <class F>
void for_each_cookie(const headers& request, hid id, const F& f) {
  for (const gw_field& field : request.fields())
    if (field.id == id) for_each_cookie(to_view(field.value), f);
}

// The first of this name (names are compared with case); absent if there is none.
inline view find_cookie(const headers& request, hid id, view name) {
  view out;
  for_each_cookie(request, id, [&](const cookie& c) {
    if (absent(out) && c.name == name) out = c.value;
  });
  return out;
}

}  // namespace gw
