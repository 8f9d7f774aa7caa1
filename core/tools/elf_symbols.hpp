// SPDX-License-Identifier: Apache-2.0
// What a shared object exports and needs, read from its file; none of its code runs.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace gw::tools {

struct ElfSymbols {
  std::vector<std::string> exported;
  std::vector<std::string> unique;  // of these, those that exist once in a process (STB_GNU_UNIQUE)
  std::vector<std::string> undefined;  // to be found elsewhere when it is loaded
  bool static_tls = false;             // DF_STATIC_TLS
};

// The error tells what is wrong with the file.
Result<ElfSymbols> read_symbols(const std::string& path);

}  // namespace gw::tools
