// SPDX-License-Identifier: Apache-2.0
// An intrusive doubly linked list: the links are in the elements, so joining and leaving are
// constant time and allocate nothing. An element is in one list at a time and leaves it when it is
// destroyed.
#pragma once

namespace gw {

struct ListNode {
  ListNode* prev = this;
  ListNode* next = this;

  ListNode() = default;
  ~ListNode() { unlink(); }
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  bool linked() const { return next != this; }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  // REQUIRES: !linked().
  void link_before(ListNode& other) {
    prev = other.prev;
    next = &other;
    other.prev->next = this;
    other.prev = this;
  }
};

// T derives from ListNode.
template <class T>
class List {
 public:
  bool empty() const { return !head_.linked(); }
  void push_back(T& element) { static_cast<ListNode&>(element).link_before(head_); }
  void push_front(T& element) { static_cast<ListNode&>(element).link_before(*head_.next); }
  // REQUIRES: !empty().
  T& front() { return static_cast<T&>(*head_.next); }
  T& back() { return static_cast<T&>(*head_.prev); }
  // f may unlink or destroy the element that it is given, no other.
  template <class F>
  void for_each(F&& f) {
    for (ListNode* node = head_.next; node != &head_;) {
      ListNode* next = node->next;
      f(static_cast<T&>(*node));
      node = next;
    }
  }

 private:
  ListNode head_;
};

}  // namespace gw
