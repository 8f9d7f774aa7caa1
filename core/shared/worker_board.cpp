// SPDX-License-Identifier: Apache-2.0
#include "shared/worker_board.hpp"

#include <array>
#include <cstring>

#include "shared/metrics.hpp"
#include "shared/region.hpp"

namespace gw::shared {

namespace {

constexpr std::array<std::string_view, 5> k_states{"none", "starting", "ready", "draining", "dead"};
constexpr std::array<std::string_view, std::size_t(Where::count)> k_wheres{
    "none",          "rewrite", "request", "request_body", "upstream", "response",
    "response_body", "log",     "load",    "start",        "callback", "admin"};

void forget_present(WorkerSlot& slot) {
  for (Tally* tally :
       {&slot.connections_active, &slot.reading, &slot.writing, &slot.waiting, &slot.tunnels})
    tally->set(0);
}

}  // namespace

std::string_view to_string(WorkerState state) {
  return std::size_t(state) < k_states.size() ? k_states[std::size_t(state)] : "?";
}

std::string_view to_string(Where where) {
  return where < Where::count ? k_wheres[std::size_t(where)] : "?";
}

Breadcrumb WorkerSlot::last() const {
  const std::uint64_t word = breadcrumb.load(std::memory_order_relaxed);
  return {.plugin = std::uint32_t(word & 0xffff),
          .route = std::uint32_t(word >> 16 & 0xffff),
          .where = Where(word >> 32 & 0xff),
          .sequence = std::uint32_t(word >> 40)};
}

std::string_view WorkerSlot::last_request() const {
  return {request_id, strnlen(request_id, sizeof request_id)};
}

std::unique_ptr<WorkerBoard> WorkerBoard::open(Region& region) {
  std::uint64_t at = region.root(Root::board);
  if (at == 0) {
    at = region.allocate(region.slots() * sizeof(WorkerSlot));
    if (at == 0) return nullptr;
    region.set_root(Root::board, at);
  }
  const std::span<WorkerSlot> slots(region.at<WorkerSlot>(at), region.slots());
  return std::unique_ptr<WorkerBoard>(new WorkerBoard(region, slots));
}

WorkerSlot& WorkerBoard::mine() const { return slots_[region_.slot()]; }

void WorkerBoard::call_watchdog() {
  mine().watched.store(1, std::memory_order_relaxed);
  if (on_unwatched) on_unwatched();
}

void WorkerBoard::begin(std::uint32_t slot, std::uint32_t index) {
  WorkerSlot& entry = slots_[slot];
  forget_present(entry);
  region_.metrics().clear_gauges(slot);
  entry.breadcrumb = 0;
  entry.request_id[0] = 0;
  entry.generation = 0;
  entry.watched = 0;
  entry.index = index;
  entry.starts = entry.starts + 1;
  entry.state = WorkerState::starting;
}

void WorkerBoard::started(std::uint32_t slot, std::int32_t pid) { slots_[slot].pid = pid; }

void WorkerBoard::end(std::uint32_t slot) {
  WorkerSlot& entry = slots_[slot];
  forget_present(entry);
  region_.metrics().clear_gauges(slot);
  entry.state = WorkerState::dead;
  entry.pid = 0;
}

}  // namespace gw::shared
