// SPDX-License-Identifier: Apache-2.0
// Counted memory (gw.memory/1) as a std::pmr::memory_resource: an operator sees in /status how much
// of it the plugin holds. For what may grow: std::pmr::unordered_map<K, V> cache(&resource).
#pragma once

#include <memory_resource>

#include "gatewright/cpp/config.hpp"

namespace gw {

// Any thread. Has to outlive what is allocated from it. Throws std::bad_alloc.
class memory_resource final : public std::pmr::memory_resource {
 public:
  // Where the host does not offer the table, operator new is used, and nothing is counted.
  explicit memory_resource(const config& c)
      : api_(c.host().api<gw_memory_api>(GW_MEMORY_API)),
        account_(api_ != nullptr ? api_->account(c.args().cfg) : 0) {}

 private:
  void* do_allocate(size_t n, size_t align) override {
    if (api_ == nullptr) return std::pmr::new_delete_resource()->allocate(n, align);
    void* p = api_->alloc(account_, n, align);
    if (p == nullptr) throw std::bad_alloc();
    return p;
  }
  void do_deallocate(void* p, size_t n, size_t align) override {
    if (api_ == nullptr) return std::pmr::new_delete_resource()->deallocate(p, n, align);
    api_->free(account_, p);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  const gw_memory_api* api_;
  gw_account account_;
};

}  // namespace gw
