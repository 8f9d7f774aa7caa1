// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.hpp"

#include "base/check.hpp"

namespace gw::net {

Mailbox::Mailbox(Loop& loop) : async_(this) {
  const auto on_wake = [](uv_async_t* async) {
    if (auto* self = static_cast<Mailbox*>(async->data)) self->drain();
  };
  check(uv_async_init(loop.raw(), async_.get(), on_wake) == 0);
}

Mailbox::~Mailbox() {
  for (Node* node = head_.exchange(nullptr); node != nullptr;) {
    Node* next = node->next;
    delete node;
    node = next;
  }
}

void Mailbox::post(std::function<void()> letter) {
  auto* node = new Node{nullptr, std::move(letter)};
  Node* before = head_.load(std::memory_order_relaxed);
  do node->next = before;
  while (!head_.compare_exchange_weak(before, node, std::memory_order_release,
                                      std::memory_order_relaxed));
  // Not node->next: the node is the loop's by now.
  if (before == nullptr) uv_async_send(async_.get());
}

void Mailbox::drain() {
  Node* newest = head_.exchange(nullptr, std::memory_order_acquire);
  Node* oldest = nullptr;
  while (newest != nullptr) {
    Node* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Node* node = oldest;
    oldest = node->next;
    node->letter();
    delete node;
  }
}

}  // namespace gw::net
