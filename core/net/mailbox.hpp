// SPDX-License-Identifier: Apache-2.0
// Mailbox: work handed to a loop from other threads. One lock-free list of many producers and one
// consumer behind one uv_async_t, which is woken only when the list was empty. Letters run on the
// loop's thread, in the order in which each producer sent them.
#pragma once

#include <atomic>
#include <functional>

#include "net/handle.hpp"
#include "net/loop.hpp"

namespace gw::net {

class Mailbox {
 public:
  explicit Mailbox(Loop& loop);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Any thread. `letter` runs later on the loop's thread, never inside this call; letters not yet
  // run when the mailbox is destroyed are dropped.
  void post(std::function<void()> letter);

 private:
  struct Node {
    Node* next;
    std::function<void()> letter;
  };
  void drain();

  std::atomic<Node*> head_{nullptr};
  Handle<uv_async_t> async_;
};

}  // namespace gw::net
