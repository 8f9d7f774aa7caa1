// SPDX-License-Identifier: Apache-2.0
// The files of a new plugin. "@NAME@" stands for its name, "@TYPE@" for that as an identifier.
#pragma once

#include <span>
#include <string_view>

namespace gw::tools {

struct Template {
  std::string_view path;  // may hold @NAME@
  std::string_view text;
};

// Empty: there is no such language.
std::span<const Template> templates_of(std::string_view lang);

}  // namespace gw::tools
