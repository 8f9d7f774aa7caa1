// SPDX-License-Identifier: Apache-2.0
// The two readers of text: JSON (nlohmann's SAX parser) and YAML 1.2 (yaml-cpp's events). Both
// build a Value with places, refuse duplicate keys and nesting beyond k_max_depth, and go on after
// a fault that leaves the tree usable.
#pragma once

#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::config {

inline constexpr std::size_t k_max_depth = 100;
// Nodes that aliases and merge keys may add to a document (an "alias bomb" would add billions).
inline constexpr std::size_t k_max_alias_nodes = 200000;

// False: the text cannot be read at all; root is then unspecified. Faults go to `out` either way.
bool read_json(std::string_view text, Value& root, std::vector<Diagnostic>& out);
bool read_yaml(std::string_view text, Value& root, std::vector<Diagnostic>& out);
// As Kong: JSON first if the text looks like it, else YAML. A file named *.json is only JSON.
bool read_document(std::string_view file, std::string_view text, Value& root,
                   std::vector<Diagnostic>& out);

// An unquoted YAML scalar by the core schema of YAML 1.2. A fault is a message, else empty.
struct PlainScalar {
  Value value;
  std::string fault;
};
PlainScalar read_plain_scalar(std::string_view text, Location where);

}  // namespace gw::config
