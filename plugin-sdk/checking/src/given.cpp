// SPDX-License-Identifier: Apache-2.0
#include "given.hpp"

#include <map>
#include <memory>
#include <mutex>

#include "tables.hpp"

namespace gw::checking {

namespace {

std::mutex g_lock;
std::map<given*, std::unique_ptr<given>> g_given;

}  // namespace

given* keep(given g) {
  auto made = std::make_unique<given>(g);
  given* out = made.get();
  const std::lock_guard<std::mutex> lock(g_lock);
  g_given.emplace(out, std::move(made));
  return out;
}

void forget(given* g) {
  const std::lock_guard<std::mutex> lock(g_lock);
  g_given.erase(g);
}

void forget_if(const std::function<bool(const given&)>& matches) {
  const std::lock_guard<std::mutex> lock(g_lock);
  for (auto it = g_given.begin(); it != g_given.end();)
    it = matches(*it->second) ? g_given.erase(it) : std::next(it);
}

void forget_callbacks(gw_worker* w) {
  forget_if([w](const given& g) { return g.worker == w; });
}

}  // namespace gw::checking
