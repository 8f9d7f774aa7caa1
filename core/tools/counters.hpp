// SPDX-License-Identifier: Apache-2.0
// What a piece of work costs this thread: time, instructions in user mode, allocations.
#pragma once

#include <cstdint>
#include <string>

namespace gw::tools {

// Counts what this process takes from the general heap, whoever takes it: the calls of malloc and
// its like in all objects that are loaded by now are led through a counter, for good. False: they
// cannot be, on this machine.
bool count_allocations();
// Since then.
std::uint64_t allocations();

// Instructions of this thread in user mode, if the machine lets them be counted.
class InstructionCounter {
 public:
  InstructionCounter();
  ~InstructionCounter();
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  // Empty: it counts.
  const std::string& why_not() const { return why_not_; }
  std::uint64_t now() const;  // 0 when it does not count

 private:
  int fd_;
  std::string why_not_;
};

}  // namespace gw::tools
