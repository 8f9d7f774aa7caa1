// SPDX-License-Identifier: Apache-2.0
// decK's `_info.defaults`: members that services, routes, upstreams and targets have where they say
// nothing themselves. As in decK, there are none for plugins.
#pragma once

#include <vector>

#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::config {

// Checks the defaults, once, and puts them into the document's entities if they are right. A place
// within an entity that has a default's value is the default's.
void apply_deck_defaults(Value& root, std::vector<Diagnostic>& out);

}  // namespace gw::config
