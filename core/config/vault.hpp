// SPDX-License-Identifier: Apache-2.0
// References to secrets: {vault://env/NAME[/JSONKEY][?prefix=P]}, as Kong writes it, stands for a
// variable of the environment, {file:/PATH} for a file's text (at most 64 KiB, UTF-8) without the
// newline at its end. They are resolved when a configuration is loaded, in options of
// plugins and in credentials; what they stand for is marked secret and not shown. Anywhere else,
// and of any other kind, they are errors: never taken for text.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::config {

// {vault://…} and {file:…}, as a whole.
bool is_reference(std::string_view text);
// What it stands for, from this process' environment or files. REQUIRES: is_reference(text).
Result<std::string> resolve_reference(std::string_view text);
// Resolves those of a whole document.
void resolve_references(Value& root, std::vector<Diagnostic>& out);

}  // namespace gw::config
