// SPDX-License-Identifier: Apache-2.0
// What a module says of itself, looked at before anything of it is used. It comes from foreign
// code: any pointer may be null or astray in its alignment, any number absurd, any text without an
// end. (A pointer that points to no memory at all cannot be told from one that does.)
#pragma once

#include <gatewright/plugin.h>

#include "base/result.hpp"
#include "plugin/library.hpp"

namespace gw::plugin {

// The module, and whether it is the one that its note promised. After success plugins[0 … n) are
// readable up to their `size` members.
Status check_module(const gw_module* module, const NoteInfo& note);
// A zero-filled copy of the host's size of one descriptor. The error says what is wrong with it.
Result<gw_plugin_desc> copy_descriptor(const gw_plugin_desc* given);

}  // namespace gw::plugin
