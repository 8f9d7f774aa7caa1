// SPDX-License-Identifier: Apache-2.0
// What the router must know of a regex without running it: its text in the dialect of the engine,
// and the literal text that every match begins with. Both walk the pattern once and know escapes,
// \Q..\E and classes; neither checks it, which is the engine's work.
#pragma once

#include <string>
#include <string_view>

namespace gw::routing {

// `(?<name>` as `(?P<name>`, which older RE2 demands. Look-behind `(?<=`, `(?<!` stays.
std::string name_groups(std::string_view pattern);

// Bytes that begin every text which the pattern matches at its start. Errs to the short side: empty
// for top-level alternatives, flags and whatever else is not plain.
std::string literal_prefix(std::string_view pattern);

}  // namespace gw::routing
