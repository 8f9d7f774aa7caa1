// SPDX-License-Identifier: Apache-2.0
// gw_worker: one instance on one worker. It owns every timer and call made through it, and takes
// them back before the plugin's worker_stop, so that nothing fires afterwards.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "net/deadline.hpp"
#include "net/tls_context.hpp"

namespace gw::plugin {
class Host;
struct Plugin;
}  // namespace gw::plugin

struct gw_worker {
  gw_worker(gw::plugin::Host& h, const gw::plugin::Plugin& p);
  ~gw_worker();
  gw_worker(const gw_worker&) = delete;
  gw_worker& operator=(const gw_worker&) = delete;

  std::string_view plugin_name() const;
  // Cancels its timers and calls.
  void cancel_all();
  // Lets calls that were started at the very end run on, without a callback.
  void leave_calls();

  struct Timer;
  gw::plugin::Host& host;
  const gw::plugin::Plugin& plugin;
  std::uint64_t next_timer = 1;
  std::map<gw_handle, std::unique_ptr<Timer>> timers;
  std::map<gw_handle, bool> calls;  // on their way
  struct Certificate {
    gw::net::TlsIdentity identity;
    std::shared_ptr<const gw::net::TlsServerContext> made{};  // once it was shown
    // `like`: of the listener.
    std::shared_ptr<const gw::net::TlsServerContext> ready(const gw::net::TlsServerContext& like);
  };
  std::uint64_t next_certificate = 1;
  std::map<std::uint64_t, Certificate> certificates;
};
