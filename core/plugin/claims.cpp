// SPDX-License-Identifier: Apache-2.0
#include "plugin/claims.hpp"

#include "shared/worker_board.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint64_t k_bytes = 64 * 1024;  // some 200 keys

std::string_view bytes_of(const auto& holder) {
  return {reinterpret_cast<const char*>(&holder), sizeof holder};
}

}  // namespace

bool Claims::open() {
  if (store_ != 0) return true;
  auto opened = region_.kv().open(k_store, k_bytes);
  if (opened.ok()) store_ = opened.value();
  return store_ != 0;
}

Claims::Holder Claims::me(std::uint64_t generation) const {
  return {region_.slot(), region_.board().mine().starts.load(std::memory_order_relaxed),
          generation};
}

bool Claims::is_at_work(const Holder& holder) const {
  if (holder.slot >= region_.slots()) return false;
  const auto& slot = region_.board().slots()[holder.slot];
  const auto state = slot.state.load(std::memory_order_relaxed);
  return slot.starts.load(std::memory_order_relaxed) == holder.starts &&
         (state == shared::WorkerState::starting || state == shared::WorkerState::ready);
}

bool Claims::hold(std::string_view key, std::uint64_t generation) {
  const Holder own = me(generation);
  Holder holder;
  std::size_t length = 0;
  std::uint64_t stamp = 0;
  const auto got = region_.kv().get(store_, key, &holder, sizeof holder, &length, &stamp);
  if (got == shared::KvStatus::ok && holder == own) return true;
  // A process that drains keeps what it has, and takes nothing more.
  const bool draining =
      region_.board().mine().state.load(std::memory_order_relaxed) == shared::WorkerState::draining;
  if (draining || (got != shared::KvStatus::ok && got != shared::KvStatus::not_found)) return false;
  if (got == shared::KvStatus::not_found) stamp = shared::k_kv_only_absent;
  const bool mine = holder.slot == own.slot && holder.starts == own.starts;
  if (got == shared::KvStatus::ok && (mine ? holder.generation > generation : is_at_work(holder)))
    return false;
  return region_.kv().set(store_, key, bytes_of(own), 0, stamp) == shared::KvStatus::ok;
}

void Claims::release(std::string_view key, std::uint64_t generation) {
  Holder holder;
  std::size_t length = 0;
  std::uint64_t stamp = 0;
  const auto got = region_.kv().get(store_, key, &holder, sizeof holder, &length, &stamp);
  if (got != shared::KvStatus::ok || holder != me(generation)) return;
  // Nobody's. Not if another process has just taken it.
  holder.slot = ~0u;
  region_.kv().set(store_, key, bytes_of(holder), 0, stamp);
}

}  // namespace gw::plugin
