// SPDX-License-Identifier: Apache-2.0
// A whole file at once.
#pragma once

#include <istream>
#include <string>

#include "base/result.hpp"

namespace gw {

// The error names the file (or `name`) and why: there is none, it is a folder, it is larger than
// 256 MiB.
Result<std::string> read_file(const std::string& path);
Result<std::string> read_stream(std::istream& in, const std::string& name);

}  // namespace gw
