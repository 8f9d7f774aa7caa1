// SPDX-License-Identifier: Apache-2.0
// Arena: memory that lives as long as one request. Allocation is a pointer bump in blocks that come
// from a pool and go back to it when the arena is reset; nothing is freed singly and no destructor
// is run. Owned by the exchange; not for use by two threads.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gw {

// Blocks of one size, kept for reuse, last in first out. One per loop.
class BlockPool {
 public:
  explicit BlockPool(std::size_t block_size, std::size_t keep) : size_(block_size), keep_(keep) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  char* take();
  // REQUIRES: block came from take() of this pool.
  void give(char* block) noexcept;
  std::size_t block_size() const { return size_; }

 private:
  std::size_t size_;
  std::size_t keep_;
  std::vector<char*> free_;
};

class Arena {
 public:
  explicit Arena(BlockPool& pool) : pool_(pool) {}
  ~Arena() { reset(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Never null. align is a power of two, at most 16.
  void* allocate(std::size_t n, std::size_t align = 8) {
    const auto at = (cursor_ + align - 1) & ~(align - 1);
    if (at + n > end_ || cursor_ == 0) [[unlikely]]
      return allocate_slow(n, align);
    cursor_ = at + n;
    return reinterpret_cast<void*>(at);
  }

  std::string_view copy(std::string_view text) {
    auto* p = static_cast<char*>(allocate(text.size(), 1));
    if (!text.empty()) std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

  // n objects, not initialised.
  template <class T>
  T* array(std::size_t n) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(n * sizeof(T), alignof(T)));
  }

  // Gives everything back.
  void reset() noexcept;
  // Bytes held, of blocks and large pieces.
  std::size_t held() const { return held_; }

 private:
  struct Block {
    Block* next;
    std::size_t large;  // 0: from the pool; else its size, from the heap
  };
  void* allocate_slow(std::size_t n, std::size_t align);
  void* allocate_large(std::size_t n);

  BlockPool& pool_;
  Block* blocks_ = nullptr;
  std::size_t cursor_ = 0;
  std::size_t end_ = 0;
  std::size_t held_ = 0;
};

}  // namespace gw
