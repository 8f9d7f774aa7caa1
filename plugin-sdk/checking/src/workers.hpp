// SPDX-License-Identifier: Apache-2.0
// Instances on workers: which are alive, on which thread, and whose.
#pragma once

#include "frame.hpp"

namespace gw::checking {

gw_status start_worker(const known_plugin& p, gw_worker* w, void* inst, void** state,
                       gw_error* error);
void stop_worker(const known_plugin& p, gw_worker* w, void* inst, void* state);
// Null: it is not alive.
const known_plugin* owner_of(gw_worker* w);
// Whether the running thread may use it; else reported.
bool usable(gw_worker* w, const char* function);
bool on_worker_thread();

}  // namespace gw::checking
