// SPDX-License-Identifier: Apache-2.0
// Callbacks that plugins give to the host's tables: the host gets one of ours instead, which knows
// whose it is and makes the frame that it runs in.
#pragma once

#include <functional>

#include "gatewright/host/http_call.h"
#include "gatewright/host/loop.h"
#include "gatewright/host/pool.h"
#include "workers.hpp"

namespace gw::checking {

// What the host is given instead of a plugin's function and its ud.
struct given {
  gw_worker* worker;
  const known_plugin* plugin;
  void* ud;
  gw_handle handle = 0;
  gw_timer_cb timer = nullptr;
  bool repeats = false;
  gw_http_cb http = nullptr;
  gw_post_cb post = nullptr;
  gw_fd_cb fd = nullptr;
  gw_job job = nullptr;
  gw_job_done done = nullptr;
};

given* keep(given g);
void forget(given* g);
void forget_if(const std::function<bool(const given&)>& matches);

}  // namespace gw::checking
