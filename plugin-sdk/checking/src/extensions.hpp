// SPDX-License-Identifier: Apache-2.0
// The rare surfaces of a plugin (get_ext), each of whose callbacks runs in a frame.
#pragma once

#include <cstddef>

#include "frame.hpp"

namespace gw::checking {

// The checked copy of the table that plugin number N gave for this id; what is not known stays as
// it is.
template <size_t N>
const void* check_extension(const known_plugin& plugin, const char* id, const void* given);

}  // namespace gw::checking

#include "extensions.inl"
