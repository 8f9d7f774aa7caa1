// SPDX-License-Identifier: Apache-2.0
// Replaces operator new of the binary to count. To be included by one source of a binary.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes these very operators for a mismatch where it inlines one of a pair only.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace support {

inline std::atomic<std::uint64_t> allocations{0};

}  // namespace support

void* operator new(std::size_t size) {
  ++support::allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// All forms in use are replaced: what one of ours made must not meet another's delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++support::allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
