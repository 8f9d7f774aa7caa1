// SPDX-License-Identifier: Apache-2.0
// What a host finds out about the rules: reports of the checking tables, and what is left when a
// worker or an exchange ends.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "gatewright/checking.hpp"
#include "tracing.hpp"
#include "world.hpp"

namespace gw::test {

namespace {

std::mutex g_lock;
std::vector<world*> g_checked;  // the living ones in checking mode

// Of a table in minor n of the ABI. When a minor is frozen, the sizes that its tables had come
// here.
size_t size_in_minor(uint32_t size_now, uint32_t) {
  static_assert(GW_ABI_MINOR == 0, "say which table had which size in minor 0");
  return size_now;
}

}  // namespace

void world::start_mode() {
  if (running != mode::checking) return;
  {
    const std::lock_guard<std::mutex> lock(g_lock);
    g_checked.push_back(this);
  }
  checking::options o;
  o.guard_alloc = true;
  o.stall_ns = 1'000'000'000;  // a test machine may be busy
  o.report = [](const checking::violation& v) {
    const std::lock_guard<std::mutex> lock(g_lock);
    if (!g_checked.empty()) g_checked.back()->broken.push_back(to_line(v));
  };
  checking::start(std::move(o));
  checking::wrap(host_table);
}

void world::end_mode() {
  for (const auto& [name, table] : truncated) checking::end_loan(table);
  const std::lock_guard<std::mutex> lock(g_lock);
  g_checked.erase(std::remove(g_checked.begin(), g_checked.end(), this), g_checked.end());
}

void world::broke(const std::string& plugin, const std::string& function, const std::string& phase,
                  const std::string& text) {
  const std::string line = checking::to_line({plugin, function, phase, text});
  const std::lock_guard<std::mutex> lock(g_lock);
  broken.push_back(line);
}

const void* world::offered(const std::string& id, const void* table) {
  if (tracing::on() && table != nullptr) return tracing::traced_table(id, table);
  if (running != mode::truncated || table == nullptr) return table;
  const void*& made = truncated[id + " of minor " + std::to_string(minor)];
  if (made != nullptr) return made;
  uint32_t size;  // the first member of each table
  std::memcpy(&size, table, sizeof size);
  const size_t n = size_in_minor(size, minor);
  void* copy = checking::lend_table(table, n, id.c_str());
  if (copy == nullptr) throw std::runtime_error("no room for a truncated table");
  size = static_cast<uint32_t>(n);
  std::memcpy(copy, &size, sizeof size);
  return made = copy;
}

gw_plugin_desc world::checked(const gw_plugin_desc& desc, const void* identity) const {
  if (tracing::on()) return tracing::traced_plugin(desc, identity);
  return running == mode::checking ? checking::wrap(desc, identity) : desc;
}

size_t world::piece_size(size_t wanted, size_t body) const {
  if (wanted != 0) return wanted;
  if (running != mode::split) return body;
  return body <= 2048 ? 1 : (body / 1024) | 1;
}

// Whether anything is under way that might end a pause of this instance.
bool world::has_pending(const instance& of) const {
  const auto owns = [&of](const auto& entry) {
    const gw_worker* w = entry.second.worker;
    return w != nullptr && w->owner == &of;
  };
  return std::any_of(timers.begin(), timers.end(), owns) ||
         std::any_of(calls.begin(), calls.end(), owns) ||
         std::any_of(watches.begin(), watches.end(), owns) || !jobs.empty();
}

std::vector<std::string> host::broken_rules() const {
  const std::lock_guard<std::mutex> lock(g_lock);
  return world_->broken;
}

void host::expect_broken(const std::string& part) {
  const std::lock_guard<std::mutex> lock(g_lock);
  auto& all = world_->broken;
  const auto expected = std::remove_if(all.begin(), all.end(), [&](const std::string& line) {
    return line.find(part) != std::string::npos;
  });
  if (expected == all.end()) {
    std::string text = "expected a broken rule with \"" + part + "\", found ";
    for (const std::string& line : all) text += "\n  " + line;
    throw std::runtime_error(all.empty() ? text + "none" : text);
  }
  all.erase(expected, all.end());
}

}  // namespace gw::test
