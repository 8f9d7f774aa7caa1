// SPDX-License-Identifier: Apache-2.0
// hiredis on a worker's loop: gw::attach(worker, context) behind redisAsyncConnect(), once for each
// context, before its first command. The context must be freed (redisAsyncFree, or its disconnect)
// before the worker_state is gone. For hiredis 0.14 and later; link it yourself.
#pragma once

#include <hiredis/async.h>

#include <gatewright/plugin.hpp>
#include <memory>

namespace gw {

namespace detail {

struct redis_watch {
  gw::worker owner;
  redisAsyncContext* context;  // null: hiredis has let go
  gw::handle watch;
  uint32_t mask;

  using shared = std::shared_ptr<redis_watch>;
  static redis_watch& of(void* data) { return **static_cast<shared*>(data); }
  void want(uint32_t bit, bool on) {
    const uint32_t next = on ? mask | bit : mask & ~bit;
    if (next == mask) return;
    mask = next;
    owner.rewatch(watch, mask);
  }
  void ready(uint32_t events) {
    // Either call may end the context.
    if (context != nullptr && (events & mask & GW_FD_READ) != 0) redisAsyncHandleRead(context);
    if (context != nullptr && (events & mask & GW_FD_WRITE) != 0) redisAsyncHandleWrite(context);
  }
  static void cleanup(void* data) {
    const std::unique_ptr<shared> kept(static_cast<shared*>(data));
    (*kept)->context = nullptr;
    (*kept)->owner.unwatch((*kept)->watch);
  }
};

}  // namespace detail

// False: it has a loop already, or its descriptor cannot be watched.
inline bool attach(gw::worker worker, redisAsyncContext* context) {
  using detail::redis_watch;
  if (context->ev.data != nullptr) return false;
  const auto self = std::make_shared<redis_watch>(redis_watch{worker, context, 0, 0});
  self->watch = worker.watch(context->c.fd, 0, [self](uint32_t events) { self->ready(events); });
  if (self->watch == 0) return false;
  context->ev.data = new redis_watch::shared(self);
  context->ev.addRead = [](void* data) { redis_watch::of(data).want(GW_FD_READ, true); };
  context->ev.delRead = [](void* data) { redis_watch::of(data).want(GW_FD_READ, false); };
  context->ev.addWrite = [](void* data) { redis_watch::of(data).want(GW_FD_WRITE, true); };
  context->ev.delWrite = [](void* data) { redis_watch::of(data).want(GW_FD_WRITE, false); };
  context->ev.cleanup = redis_watch::cleanup;
  return true;
}

}  // namespace gw
