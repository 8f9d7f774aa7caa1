// SPDX-License-Identifier: Apache-2.0
// byte_buffer: bytes that are put together piece by piece, in memory that is kept from one use to
// the next. Unlike a std::string it gives out room to be written to without clearing it first. Not
// for more than one thread at a time.
#pragma once

#include <cstring>
#include <memory>

#include "gatewright/cpp/value.hpp"

namespace gw {

class byte_buffer {
 public:
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  view text() const { return {memory_.get(), size_}; }

  // Room for at least n bytes behind those that are there; commit() makes the written ones part of
  // the text. Valid until the next call that may grow.
  char* reserve(size_t n) {
    if (capacity_ - size_ < n) grow(n);
    return memory_.get() + size_;
  }
  void commit(size_t n) { size_ += n; }
  // Bytes that can be written behind the text as it is.
  size_t room() const { return capacity_ - size_; }
  void append(view bytes) {
    if (bytes.empty()) return;
    std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // Keeps the first n bytes. REQUIRES: n <= size().
  void cut(size_t n) { size_ = n; }
  // Drops the first n bytes. REQUIRES: n <= size().
  void drop_front(size_t n) {
    if (n == 0) return;
    std::memmove(memory_.get(), memory_.get() + n, size_ - n);
    size_ -= n;
  }
  void clear() { size_ = 0; }
  // Gives the memory back.
  void release() {
    memory_.reset();
    size_ = capacity_ = 0;
  }
  void swap(byte_buffer& other) noexcept {
    memory_.swap(other.memory_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void grow(size_t n) {
    size_t wanted = capacity_ < 1024 ? 2048 : capacity_ * 2;
    if (wanted < size_ + n) wanted = size_ + n;
    std::unique_ptr<char[]> larger(new char[wanted]);
    if (size_ > 0) std::memcpy(larger.get(), memory_.get(), size_);
    memory_ = std::move(larger);
    capacity_ = wanted;
  }

  std::unique_ptr<char[]> memory_;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace gw
