// SPDX-License-Identifier: Apache-2.0
#include "guard.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <initializer_list>
#include <mutex>

#include "frame.hpp"

namespace gw::checking {

namespace {

constexpr size_t k_page = 4096;
constexpr uint32_t k_pages = 65536;
constexpr size_t k_largest = size_t{k_pages / 4} * k_page;

// What a page belongs to. Block numbers are the block's first page + 1.
struct block_info {
  origin from;
  uint32_t pages = 0;  // with the guard page behind
  bool live = false;
};

struct ring {
  char* base = nullptr;
  uint32_t next = 0;
  uint32_t* first_page = nullptr;  // by page: its block's first page + 1
  block_info* blocks = nullptr;    // by first page
  std::mutex lock;
};
ring& the_ring() {
  static ring r;
  return r;
}

struct sigaction g_before_segv, g_before_bus;
int g_fd = 2;

void* map(size_t n, int protection) {
  void* at = ::mmap(nullptr, n, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

bool set_up(ring& r) {
  if (r.base != nullptr) return true;
  r.first_page = static_cast<uint32_t*>(map(k_pages * sizeof(uint32_t), PROT_READ | PROT_WRITE));
  r.blocks = static_cast<block_info*>(map(k_pages * sizeof(block_info), PROT_READ | PROT_WRITE));
  char* base = static_cast<char*>(map(k_pages * k_page, PROT_NONE));
  if (r.first_page == nullptr || r.blocks == nullptr || base == nullptr) return false;
  r.base = base;
  return true;
}

// The first of `pages` free pages; k_pages: none.
uint32_t find_room(ring& r, uint32_t pages) {
  uint32_t at = r.next;
  for (uint32_t looked = 0; looked < 2 * k_pages;) {
    if (at + pages > k_pages) {
      looked += k_pages - at + 1;
      at = 0;
    }
    uint32_t free = 0;
    while (free < pages) {
      const uint32_t owner = r.first_page[at + free];
      if (owner != 0 && r.blocks[owner - 1].live) break;
      ++free;
    }
    if (free == pages) return at;
    const uint32_t owner = r.first_page[at + free] - 1;
    const uint32_t end = owner + r.blocks[owner].pages;
    looked += end - at;
    at = end;
  }
  return k_pages;
}

// A block that is over gives its pages up: none of them is to name it once another begins where it
// began.
void forget_block(ring& r, uint32_t number) {
  block_info& info = r.blocks[number - 1];
  for (uint32_t i = 0; i < info.pages; ++i)
    if (r.first_page[number - 1 + i] == number) r.first_page[number - 1 + i] = 0;
  info.pages = 0;
}

// An address of the ring; null: it is none.
const block_info* block_of(const void* address) {
  const ring& r = the_ring();
  const auto* p = static_cast<const char*>(address);
  if (r.base == nullptr || p < r.base || p >= r.base + k_pages * k_page) return nullptr;
  const uint32_t first = r.first_page[size_t(p - r.base) / k_page];
  return first == 0 ? nullptr : &r.blocks[first - 1];
}

// Async-signal-safe.
void say(std::initializer_list<const char*> words) {
  char line[512];
  size_t n = 0;
  for (const char* word : words)
    for (; *word != '\0' && n < sizeof line; ++word) line[n++] = *word;
  (void)!::write(g_fd, line, n);
}

void explain(const block_info& b) {
  const frame* now = current();
  say({"gatewright: plugin ", b.from.plugin, ": dead memory used: what ", b.from.source,
       " gave to ", b.from.callback, " (phase ", b.from.phase, ") ",
       b.live ? "was read past its end"
              : "had ended: the callback returned, or the same thing was changed",
       "; used in ", now != nullptr ? now->function : "no callback", " (phase ",
       now != nullptr ? now->phase : "none", ")\n"});
}

void on_fault(int number, siginfo_t* info, void* context) {
  if (const block_info* b = block_of(info->si_addr)) {
    explain(*b);
    std::signal(number, SIG_DFL);
    return;  // the same instruction again, which ends the process
  }
  const struct sigaction& before = number == SIGSEGV ? g_before_segv : g_before_bus;
  if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr)
    return before.sa_sigaction(number, info, context);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    return before.sa_handler(number);
  std::signal(number, SIG_DFL);
}

}  // namespace

void watch_faults(int fd) {
  g_fd = fd;
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  const auto install = [&action](int number, struct sigaction& before) {
    struct sigaction now {};
    ::sigaction(number, nullptr, &now);
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_fault) return;
    before = now;
    ::sigaction(number, &action, nullptr);
  };
  install(SIGSEGV, g_before_segv);
  install(SIGBUS, g_before_bus);
}

void* take(size_t n, size_t align, const origin& from, block& out) {
  out = 0;
  ring& r = the_ring();
  const std::lock_guard<std::mutex> lock(r.lock);
  if (n > k_largest || !set_up(r)) return nullptr;
  const auto data = static_cast<uint32_t>((n + k_page - 1) / k_page + (n == 0 ? 1 : 0));
  const uint32_t first = find_room(r, data + 1);
  if (first == k_pages) return nullptr;
  char* at = r.base + size_t{first} * k_page;
  if (::mprotect(at, data * k_page, PROT_READ | PROT_WRITE) != 0) return nullptr;
  for (uint32_t i = 0; i <= data; ++i)
    if (r.first_page[first + i] != 0) forget_block(r, r.first_page[first + i]);
  for (uint32_t i = 0; i <= data; ++i) r.first_page[first + i] = first + 1;
  r.blocks[first] = block_info{from, data + 1, true};
  r.next = first + data + 1;
  out = first + 1;
  return at + ((data * k_page - n) & ~(align - 1));
}

const void* copy(const void* bytes, size_t n, size_t align, const origin& from, block& out) {
  void* to = take(n, align, from, out);
  return to == nullptr ? bytes : std::memcpy(to, bytes, n);
}

void retire(block b) {
  if (b == 0) return;
  ring& r = the_ring();
  const std::lock_guard<std::mutex> lock(r.lock);
  block_info& info = r.blocks[b - 1];
  if (!info.live) return;
  info.live = false;
  // Gives the memory back as well.
  ::mmap(r.base + size_t{b - 1} * k_page, (info.pages - 1) * k_page, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

block block_at(const void* address) {
  const block_info* b = block_of(address);
  return b == nullptr ? 0 : static_cast<block>(b - the_ring().blocks) + 1;
}

const char* source_of(block b) { return b == 0 ? "" : the_ring().blocks[b - 1].from.source; }

}  // namespace gw::checking
