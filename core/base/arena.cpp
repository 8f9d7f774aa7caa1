// SPDX-License-Identifier: Apache-2.0
#include "base/arena.hpp"

#include <cstdlib>

#include "base/check.hpp"

namespace gw {

namespace {

char* allocate_or_die(std::size_t n) {
  auto* p = static_cast<char*>(std::malloc(n));
  check(p != nullptr);  // out of memory ends the process
  return p;
}

}  // namespace

BlockPool::~BlockPool() {
  for (char* block : free_) std::free(block);
}

char* BlockPool::take() {
  if (free_.empty()) return allocate_or_die(size_);
  char* block = free_.back();
  free_.pop_back();
  return block;
}

void BlockPool::give(char* block) noexcept {
  if (free_.size() >= keep_)
    std::free(block);
  else
    free_.push_back(block);
}

void* Arena::allocate_slow(std::size_t n, std::size_t align) {
  if (n + align + sizeof(Block) > pool_.block_size()) return allocate_large(n);
  char* memory = pool_.take();
  blocks_ = new (memory) Block{blocks_, 0};
  held_ += pool_.block_size();
  cursor_ = reinterpret_cast<std::size_t>(memory) + sizeof(Block);
  end_ = reinterpret_cast<std::size_t>(memory) + pool_.block_size();
  return allocate(n, align);
}

void* Arena::allocate_large(std::size_t n) {
  char* memory = allocate_or_die(sizeof(Block) + n);
  blocks_ = new (memory) Block{blocks_, sizeof(Block) + n};
  held_ += blocks_->large;
  return memory + sizeof(Block);
}

void Arena::reset() noexcept {
  while (blocks_ != nullptr) {
    Block* block = blocks_;
    blocks_ = block->next;
    if (block->large > 0)
      std::free(block);
    else
      pool_.give(reinterpret_cast<char*>(block));
  }
  cursor_ = end_ = held_ = 0;
}

}  // namespace gw
