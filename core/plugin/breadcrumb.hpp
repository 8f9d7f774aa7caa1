// SPDX-License-Identifier: Apache-2.0
// Breadcrumb: says on the worker board that a plugin's code runs, for as long as it lives. Two
// plain stores.
#pragma once

#include "plugin/host.hpp"
#include "plugin/registry.hpp"

namespace gw::plugin {

class Breadcrumb {
 public:
  Breadcrumb(Host& host, const Plugin& plugin, shared::Where where, std::uint32_t route = 0)
      : slot_(host.environment().region.board().mine()) {
    slot_.enter(plugin.name_id, route, where);
  }
  ~Breadcrumb() { slot_.leave(); }
  Breadcrumb(const Breadcrumb&) = delete;
  Breadcrumb& operator=(const Breadcrumb&) = delete;

 private:
  shared::WorkerSlot& slot_;
};

}  // namespace gw::plugin
