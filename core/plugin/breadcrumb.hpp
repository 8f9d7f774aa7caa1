// SPDX-License-Identifier: Apache-2.0
// Breadcrumb: says on the worker board that a plugin's code runs, for as long as it lives, and
// wakes the watchdog where it sleeps. A few plain stores.
#pragma once

#include "plugin/host.hpp"
#include "plugin/registry.hpp"

namespace gw::plugin {

class Breadcrumb {
 public:
  Breadcrumb(Host& host, const Plugin& plugin, shared::Where where, std::uint32_t route = 0,
             std::string_view request_id = {})
      : slot_(host.slot()) {
    slot_.note_request(request_id);
    if (!slot_.enter(plugin.name_id, route, where)) [[unlikely]]
      host.environment().region.board().call_watchdog();
  }
  ~Breadcrumb() { slot_.leave(); }
  Breadcrumb(const Breadcrumb&) = delete;
  Breadcrumb& operator=(const Breadcrumb&) = delete;

 private:
  shared::WorkerSlot& slot_;
};

}  // namespace gw::plugin
