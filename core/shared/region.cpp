// SPDX-License-Identifier: Apache-2.0
#include "shared/region.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "base/check.hpp"
#include "base/text.hpp"
#include "shared/health_table.hpp"
#include "shared/kv.hpp"
#include "shared/metrics.hpp"
#include "shared/names.hpp"
#include "shared/robust_mutex.hpp"
#include "shared/worker_board.hpp"

namespace gw::shared {

namespace {

constexpr std::uint64_t k_magic = 0x314e4f4947455747;  // "GWEGION1"
// To be raised with any change of what lies in the region: processes of two builds may meet in it.
constexpr std::uint32_t k_layout = 7;

Error failure(std::string_view what) { return Error{cat(what, ": ", std::strerror(errno))}; }

}  // namespace

struct Region::Header {
  std::uint64_t magic;
  std::uint32_t layout;
  std::uint32_t slots;
  std::uint64_t bytes;
  std::atomic<std::uint64_t> used;
  std::atomic<std::uint64_t> roots[std::size_t(Root::count)];
  RobustMutex mutex;
  char ticket_secret[Region::k_ticket_secret];
};

Region::Region(int fd, char* base, std::size_t bytes) : fd_(fd), base_(base), bytes_(bytes) {}

Region::~Region() {
  munmap(base_, bytes_);
  ::close(fd_);
}

Result<std::unique_ptr<Region>> Region::create(std::size_t bytes, std::uint32_t workers) {
  if (bytes < k_min_bytes)
    return Error{cat("shared_memory_size is ", bytes, "; expected at least ", k_min_bytes)};
  const int fd = memfd_create("gatewright-shared", MFD_CLOEXEC);
  if (fd < 0) return failure("cannot make the shared memory region");
  void* base = MAP_FAILED;
  if (ftruncate(fd, off_t(bytes)) == 0)
    base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    const Error error = failure(cat("cannot map ", bytes, " bytes of shared memory"));
    ::close(fd);
    return error;
  }
  auto* header = new (base) Header{};
  header->layout = k_layout;
  header->slots = workers * 2;
  header->bytes = bytes;
  header->used = (sizeof(Header) + 63) & ~std::size_t(63);
  header->mutex.init();
  check(getrandom(header->ticket_secret, sizeof header->ticket_secret, 0) == k_ticket_secret);
  header->magic = k_magic;
  std::unique_ptr<Region> region(new Region(fd, static_cast<char*>(base), bytes));
  if (!region->open_parts())
    return Error{cat("shared_memory_size is ", bytes, ", too small for ", workers, " workers")};
  return region;
}

Result<std::unique_ptr<Region>> Region::attach(int fd) {
  struct stat facts {};
  const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0 || fstat(own, &facts) != 0) return failure("cannot take the shared memory region");
  const auto bytes = std::size_t(facts.st_size);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0);
  if (base == MAP_FAILED) {
    const Error error = failure("cannot map the shared memory region");
    ::close(own);
    return error;
  }
  std::unique_ptr<Region> region(new Region(own, static_cast<char*>(base), bytes));
  const Header& header = region->header();
  if (bytes < sizeof(Header) || header.magic != k_magic || header.layout != k_layout)
    return Error{cat("the shared memory region has another layout than this build's (", k_layout,
                     "); restart the gateway")};
  check(region->open_parts());
  return region;
}

bool Region::open_parts() {
  const RobustLock lock(mutex(), 5000, [] {});
  check(lock.held());
  board_ = WorkerBoard::open(*this);
  names_ = Names::open(*this);
  kv_ = Kv::open_directory(*this);
  metrics_ = Metrics::open(*this);
  health_ = HealthTable::open(*this);
  return board_ && names_ && kv_ && metrics_ && health_;
}

Region::Header& Region::header() const { return *reinterpret_cast<Header*>(base_); }
RobustMutex& Region::mutex() { return header().mutex; }
std::size_t Region::used() const { return header().used.load(std::memory_order_relaxed); }
std::string_view Region::ticket_secret() const { return {header().ticket_secret, k_ticket_secret}; }
std::uint32_t Region::slots() const { return header().slots; }

void Region::use_slot(std::uint32_t slot) {
  check(slot < slots());
  slot_ = slot;
  metrics_->use_slot(slot);
}

std::uint64_t Region::allocate(std::size_t n) {
  auto& used = header().used;
  const std::uint64_t at = used.load(std::memory_order_relaxed);
  if (n > bytes_ - at) return 0;
  const std::uint64_t next = at + ((n + 63) & ~std::size_t(63));
  used.store(next < bytes_ ? next : bytes_, std::memory_order_relaxed);
  return at;
}

std::uint64_t Region::root(Root which) const {
  return header().roots[std::size_t(which)].load(std::memory_order_acquire);
}

void Region::set_root(Root which, std::uint64_t offset) {
  header().roots[std::size_t(which)].store(offset, std::memory_order_release);
}

}  // namespace gw::shared
