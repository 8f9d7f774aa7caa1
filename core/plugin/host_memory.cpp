// SPDX-License-Identifier: Apache-2.0
// gw.memory/1: the C library's allocator, counted in a gauge for each plugin. An account is that
// gauge's series, so nothing has to be looked up or kept here.
#include <malloc.h>

#include <bit>
#include <cstdlib>

#include "plugin/host.hpp"
#include "plugin/host_config.hpp"
#include "plugin/registry.hpp"
#include "shared/metrics.hpp"

namespace gw::plugin {

namespace {

constexpr std::size_t k_usual = 16;
constexpr std::size_t k_max_align = 4096;

shared::Metrics& metrics() { return Host::current()->environment().region.metrics(); }

void count(gw_account account, std::int64_t bytes) { metrics().add_any_thread(account, bytes); }

std::int64_t size_of(void* p) { return std::int64_t(::malloc_usable_size(p)); }

gw_account account(gw_cfg* cfg) noexcept {
  shared::MetricShape shape;
  shape.kind = shared::MetricKind::gauge;
  shape.name = "gatewright_plugin_memory_bytes";
  shape.help = "Memory that plugins have taken through gw.memory/1, by plugin.";
  shape.labels = {"plugin"};
  const auto made = metrics().define(shape);
  const std::string_view name = cfg->plugin.name;
  return made.ok() ? metrics().with(made.value(), {&name, 1}) : 0;
}

void* alloc(gw_account account, std::size_t n, std::size_t align) noexcept {
  if (align > k_max_align || (align & (align - 1)) != 0) return nullptr;
  void* p = nullptr;
  if (align <= k_usual)
    p = std::malloc(n);
  else if (::posix_memalign(&p, align, n) != 0)
    p = nullptr;
  if (p != nullptr) count(account, size_of(p));
  return p;
}

void* reallocate(gw_account account, void* p, std::size_t n) noexcept {
  const std::int64_t before = p != nullptr ? size_of(p) : 0;
  void* moved = std::realloc(p, n > 0 ? n : 1);
  if (moved != nullptr) count(account, size_of(moved) - before);
  return moved;
}

void release(gw_account account, void* p) noexcept {
  if (p == nullptr) return;
  count(account, -size_of(p));
  std::free(p);
}

}  // namespace

const gw_memory_api k_memory_api{sizeof(gw_memory_api), 0, account, alloc, reallocate, release};

}  // namespace gw::plugin
