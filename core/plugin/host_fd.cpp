// SPDX-License-Identifier: Apache-2.0
// gw.loop/1: file descriptors of plugins and their libraries.
#include "base/text.hpp"
#include "net/fd_watch.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/host_loop.hpp"
#include "plugin/worker_handle.hpp"

gw_worker::Watch::~Watch() { worker.host.watched().erase(fd); }

namespace gw::plugin {

namespace {

static_assert(GW_FD_READ == int(net::FdWatch::k_read) &&
              GW_FD_WRITE == int(net::FdWatch::k_write) &&
              GW_FD_ERROR == int(net::FdWatch::k_error));

constexpr bool is_mask(std::uint32_t mask) { return (mask & ~(GW_FD_READ | GW_FD_WRITE)) == 0; }

}  // namespace

gw_handle fd_watch(gw_worker* worker, std::int32_t fd, std::uint32_t mask, gw_fd_cb callback,
                   void* ud, gw_error* error) noexcept {
  if (callback == nullptr || !is_mask(mask))
    return set_error(error, GW_E_INVALID, "no callback, or a mask with other bits"), 0;
  // libuv would take a second watch of the same descriptor and end the process later.
  if (!worker->host.watched().insert(fd).second)
    return set_error(error, GW_E_EXISTS, cat("descriptor ", fd, " is watched already")), 0;
  auto watch = std::make_unique<gw_worker::Watch>(*worker, fd);  // forgets it when it goes
  const auto on_events = [self = watch.get(), callback, ud](unsigned events) {
    gw_worker& owner = self->worker;
    const Breadcrumb crumb(owner.host, owner.plugin, shared::Where::callback);
    callback(&owner, self->fd, events, ud);
  };
  auto opened = net::FdWatch::open(worker->host.environment().loop, fd, mask, on_events);
  if (!opened.ok()) return set_error(error, GW_E_INVALID, opened.error().text), 0;
  watch->poll = std::move(opened).value();
  const gw_handle handle = worker->next_handle++;
  worker->watches.emplace(handle, std::move(watch));
  return handle;
}

gw_status fd_update(gw_worker* worker, gw_handle watch, std::uint32_t mask) noexcept {
  const auto found = worker->watches.find(watch);
  if (found == worker->watches.end()) return GW_E_NOTFOUND;
  if (!is_mask(mask)) return GW_E_INVALID;
  found->second->poll->update(mask);
  return GW_OK;
}

gw_status fd_unwatch(gw_worker* worker, gw_handle watch) noexcept {
  return worker->watches.erase(watch) > 0 ? GW_OK : GW_E_NOTFOUND;
}

}  // namespace gw::plugin
