// SPDX-License-Identifier: Apache-2.0
// The record of one request, as Kong's log serializer makes it.
#pragma once

#include <gatewright/plugin.hpp>
#include <string>

#include "config.hpp"

namespace file_log {

// Appends one line, with its line end. To be called in the log phase.
void append_record(std::string& out, gw::request r, gw::slot<gw_identity> identity,
                   const Config& config);

}  // namespace file_log
