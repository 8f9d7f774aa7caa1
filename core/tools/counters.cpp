// SPDX-License-Identifier: Apache-2.0
#include "tools/counters.hpp"

#include <elf.h>
#include <link.h>
#include <linux/perf_event.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>

#include "base/text.hpp"

namespace gw::tools {

namespace {

#if defined(__x86_64__)
constexpr std::uint64_t k_by_name[] = {R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT};
#elif defined(__aarch64__)
constexpr std::uint64_t k_by_name[] = {R_AARCH64_GLOB_DAT, R_AARCH64_JUMP_SLOT};
#else
constexpr std::uint64_t k_by_name[] = {0, 0};  // no relocation that would have a name
#endif

std::atomic<std::uint64_t> g_allocations{0};
// The heap's own functions, as they were before their places were taken.
struct Heap {
  void* (*allocate)(std::size_t);
  void* (*zeroed)(std::size_t, std::size_t);
  void* (*again)(void*, std::size_t);
  void* (*aligned)(std::size_t, std::size_t);
  int (*posix_aligned)(void**, std::size_t, std::size_t);
} g_heap;

void count() { g_allocations.fetch_add(1, std::memory_order_relaxed); }
void* counted_malloc(std::size_t n) { return count(), g_heap.allocate(n); }
void* counted_calloc(std::size_t n, std::size_t size) { return count(), g_heap.zeroed(n, size); }
void* counted_realloc(void* old, std::size_t n) { return count(), g_heap.again(old, n); }
void* counted_aligned(std::size_t align, std::size_t n) {
  return count(), g_heap.aligned(align, n);
}
int counted_posix(void** out, std::size_t align, std::size_t n) {
  return count(), g_heap.posix_aligned(out, align, n);
}

void* counted(std::string_view name) {
  if (name == "malloc") return reinterpret_cast<void*>(counted_malloc);
  if (name == "calloc") return reinterpret_cast<void*>(counted_calloc);
  if (name == "realloc") return reinterpret_cast<void*>(counted_realloc);
  if (name == "aligned_alloc") return reinterpret_cast<void*>(counted_aligned);
  if (name == "posix_memalign") return reinterpret_cast<void*>(counted_posix);
  return nullptr;
}

// What the dynamic section of one object says of its relocations.
struct Tables {
  const char* names = nullptr;
  const Elf64_Sym* symbols = nullptr;
  const Elf64_Rela* lists[2] = {};  // of data, of calls
  std::size_t bytes[2] = {};
};

Tables tables_of(const dl_phdr_info& object, const Elf64_Dyn* entry) {
  Tables out;
  // The loader has made them addresses; those of the kernel's object are still offsets.
  const auto at = [&](const Elf64_Dyn* e) {
    const auto value = e->d_un.d_ptr;
    return value < object.dlpi_addr ? object.dlpi_addr + value : value;
  };
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_STRTAB) out.names = reinterpret_cast<const char*>(at(entry));
    if (entry->d_tag == DT_SYMTAB) out.symbols = reinterpret_cast<const Elf64_Sym*>(at(entry));
    if (entry->d_tag == DT_RELA) out.lists[0] = reinterpret_cast<const Elf64_Rela*>(at(entry));
    if (entry->d_tag == DT_JMPREL) out.lists[1] = reinterpret_cast<const Elf64_Rela*>(at(entry));
    if (entry->d_tag == DT_RELASZ) out.bytes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_PLTRELSZ) out.bytes[1] = entry->d_un.d_val;
  }
  return out;
}

// Writes an address where the loader has put one, and what is there is read-only by now.
bool put(std::uintptr_t place, void* value) {
  static const auto page = std::uintptr_t(::sysconf(_SC_PAGESIZE));
  void* start = reinterpret_cast<void*>(place & ~(page - 1));
  if (::mprotect(start, page, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(place) = value;
  return true;
}

int lead_through_counter(dl_phdr_info* object, std::size_t, void* placed) {
  const Elf64_Dyn* dynamic = nullptr;
  for (int i = 0; i < object->dlpi_phnum; ++i)
    if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic =
          reinterpret_cast<const Elf64_Dyn*>(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
  if (dynamic == nullptr) return 0;
  const Tables tables = tables_of(*object, dynamic);
  if (tables.names == nullptr || tables.symbols == nullptr) return 0;
  for (std::size_t list = 0; list < std::size(tables.lists); ++list) {
    const std::size_t n = tables.lists[list] != nullptr ? tables.bytes[list] : 0;
    for (std::size_t i = 0; i < n / sizeof(Elf64_Rela); ++i) {
      const Elf64_Rela& one = tables.lists[list][i];
      const std::uint64_t kind = ELF64_R_TYPE(one.r_info);
      if (kind == 0 || (kind != k_by_name[0] && kind != k_by_name[1])) continue;
      void* target = counted(tables.names + tables.symbols[ELF64_R_SYM(one.r_info)].st_name);
      if (target != nullptr && put(object->dlpi_addr + one.r_offset, target))
        ++*static_cast<std::size_t*>(placed);
    }
  }
  return 0;
}

}  // namespace

bool count_allocations() {
  if (g_heap.allocate == nullptr)
    g_heap = {::malloc, ::calloc, ::realloc, ::aligned_alloc, ::posix_memalign};
  std::size_t placed = 0;
  ::dl_iterate_phdr(lead_through_counter, &placed);
  return placed > 0;
}

std::uint64_t allocations() { return g_allocations.load(std::memory_order_relaxed); }

InstructionCounter::InstructionCounter() {
  perf_event_attr what{};
  what.type = PERF_TYPE_HARDWARE;
  what.size = sizeof what;
  what.config = PERF_COUNT_HW_INSTRUCTIONS;
  what.exclude_kernel = 1;
  what.exclude_hv = 1;
  fd_ = int(::syscall(SYS_perf_event_open, &what, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
  if (fd_ >= 0) return;
  why_not_ = cat("perf_event_open: ", std::strerror(errno));
  if (errno == EACCES || errno == EPERM) why_not_ += "; see kernel.perf_event_paranoid";
  if (errno == ENOENT || errno == EOPNOTSUPP) why_not_ = "this machine has no counter of them";
}

InstructionCounter::~InstructionCounter() {
  if (fd_ >= 0) ::close(fd_);
}

std::uint64_t InstructionCounter::now() const {
  std::uint64_t value = 0;
  if (fd_ < 0 || ::read(fd_, &value, sizeof value) != ssize_t(sizeof value)) return 0;
  return value;
}

}  // namespace gw::tools
