// SPDX-License-Identifier: Apache-2.0
// The parts of gw.loop/1 that have files of their own.
#pragma once

#include <gatewright/plugin.h>

#include <cstdint>

namespace gw::plugin {

gw_handle fd_watch(gw_worker* worker, std::int32_t fd, std::uint32_t mask, gw_fd_cb callback,
                   void* ud, gw_error* error) noexcept;
gw_status fd_update(gw_worker* worker, gw_handle watch, std::uint32_t mask) noexcept;
gw_status fd_unwatch(gw_worker* worker, gw_handle watch) noexcept;

}  // namespace gw::plugin
