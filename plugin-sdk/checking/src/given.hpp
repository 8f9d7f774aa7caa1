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

// Keeps what a plugin gives for as long as the host may call it: `start` hands it to the host and
// answers a handle; 0: the host has not taken it.
template <class Start>
gw_handle start_with(const given& what, const Start& start) {
  given* g = keep(what);
  const gw_handle out = start(g);
  if (out == 0)
    forget(g);
  else
    g->handle = out;
  return out;
}
// Forgets it if the host's `cancel` has ended it. `kind`: the callback that tells what it is.
template <class Callback, class Cancel>
gw_status end_with(gw_worker* w, gw_handle h, Callback given::*kind, const char* function,
                   const Cancel& cancel) {
  if (!usable(w, function)) return GW_E_STATE;
  const gw_status s = cancel(w, h);
  if (s == GW_OK)
    forget_if([&](const given& g) { return g.worker == w && g.*kind != nullptr && g.handle == h; });
  return s;
}

}  // namespace gw::checking
