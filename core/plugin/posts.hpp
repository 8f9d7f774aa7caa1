// SPDX-License-Identifier: Apache-2.0
// Posts: what threads of a plugin's own hand to one instance on one worker (gw.loop/1 post).
// Bounded, and what was accepted is called. A letter in the worker's mailbox stands for all that
// wait, and keeps them alive.
#pragma once

#include <gatewright/plugin.h>

#include <memory>
#include <mutex>
#include <vector>

namespace gw::plugin {

class Posts : public std::enable_shared_from_this<Posts> {
 public:
  explicit Posts(gw_worker& worker) : worker_(worker) {}

  // Any thread.
  gw_status add(gw_post_cb call, void* ud);
  // Refuses further ones. The loop's thread.
  void close(bool deliver_waiting);

 private:
  struct Post {
    gw_post_cb call;
    void* ud;
  };
  void deliver();
  std::vector<Post> take();

  gw_worker& worker_;  // not touched once closed
  std::mutex lock_;
  std::vector<Post> waiting_;
  bool closed_ = false;
};

}  // namespace gw::plugin
