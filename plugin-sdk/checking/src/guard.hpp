// SPDX-License-Identifier: Apache-2.0
// Guarded memory: copies that end at an unreadable page and become unreadable themselves. Taken
// from a ring of 256 MiB of addresses, so that a dead copy's address is not used again soon, and a
// late reader can be told whose it was.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gw::checking {

// Whose loan it is; printed by the handler of SIGSEGV.
struct origin {
  char plugin[64] = "";
  char callback[24] = "";  // in which it was lent: "on_request"
  char source[24] = "";    // what lent it: "hdr_get"
  char phase[16] = "";
};

// Installs the handler of SIGSEGV and SIGBUS, unless it is there (a test framework puts its own in
// front for each case); other faults go on to the one before.
void watch_faults(int fd);

using block = uint32_t;  // 0: none

// Room for n bytes, writable. Null when it is too large or the ring is full of living blocks.
void* take(size_t n, size_t align, const origin& from, block& out);
// A copy; the bytes themselves when there is no room.
const void* copy(const void* bytes, size_t n, size_t align, const origin& from, block& out);
// Unreadable from now on.
void retire(block b);
// The block that an address lies in; 0: it is no guarded memory.
block block_at(const void* address);
// What lent it.
const char* source_of(block b);

}  // namespace gw::checking
