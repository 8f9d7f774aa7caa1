// SPDX-License-Identifier: Apache-2.0
// HeldBytes: how many bytes somebody keeps in memory because a peer is slow or a plugin wants to
// see them at once. Their sum over a loop is what a worker judges its load by (Loop::held_bytes).
#pragma once

#include "net/loop.hpp"

namespace gw::net {

class HeldBytes {
 public:
  explicit HeldBytes(Loop& loop) : loop_(loop) {}
  ~HeldBytes() { set(0); }
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;

  void set(std::size_t bytes) {
    loop_.held_bytes_ += bytes - bytes_;
    bytes_ = bytes;
  }

 private:
  Loop& loop_;
  std::size_t bytes_ = 0;
};

}  // namespace gw::net
