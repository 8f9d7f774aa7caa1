// SPDX-License-Identifier: Apache-2.0
#include "plugin/posts.hpp"

#include "plugin/breadcrumb.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

gw_status Posts::add(gw_post_cb call, void* ud) {
  if (call == nullptr) return GW_E_INVALID;
  const std::lock_guard lock(lock_);
  if (closed_) return GW_E_STATE;
  if (waiting_.size() >= GW_POST_MAX) return GW_E_BUSY;
  waiting_.push_back({call, ud});
  // Under the lock: the worker is there for as long as this is not closed.
  if (waiting_.size() == 1)
    worker_.host.environment().mailbox.post([self = shared_from_this()] { self->deliver(); });
  return GW_OK;
}

std::vector<Posts::Post> Posts::take() {
  const std::lock_guard lock(lock_);
  return std::exchange(waiting_, {});
}

void Posts::deliver() {
  for (const Post& post : take()) {
    const Breadcrumb crumb(worker_.host, worker_.plugin, shared::Where::callback);
    post.call(&worker_, post.ud);
  }
}

void Posts::close(bool deliver_waiting) {
  {
    const std::lock_guard lock(lock_);
    closed_ = true;
    if (!deliver_waiting) waiting_.clear();
  }
  deliver();
}

}  // namespace gw::plugin
