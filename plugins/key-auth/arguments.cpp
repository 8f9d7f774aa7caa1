// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include "gatewright/arguments.hpp"

namespace key_auth {

Finding find_argument(std::string_view arguments, std::string_view name) {
  Finding found;
  gw::for_each_argument(arguments, [&](const gw::argument& a) {
    if (!gw::has_name(a, name)) return;
    if (gw::absent(a.value))
      found.add(Finding::Kind::other);
    else
      found.add(Finding::Kind::text, gw::decoded(a.value));
  });
  return found;
}

std::string without_argument(std::string_view arguments, std::string_view name) {
  std::string out;
  bool first = true;
  gw::for_each_argument(arguments, [&](const gw::argument& a) {
    if (gw::has_name(a, name)) return;
    if (!first) out += '&';
    first = false;
    out += a.raw;
  });
  return out;
}

}  // namespace key_auth
