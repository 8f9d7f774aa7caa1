// SPDX-License-Identifier: Apache-2.0
// What `check` looks at beyond the configuration's own form: made ready as for serving, and thrown
// away.
#include <algorithm>

#include "plugin/offline_worker.hpp"
#include "proxy/runtime.hpp"
#include "routing/router.hpp"
#include "server/gateway.hpp"

namespace gw::server {

namespace {

// Adds what the router says of routes of which nothing is said yet.
void check_routes(const config::Entities& entities, std::vector<config::Diagnostic>& out) {
  std::vector<config::Diagnostic> found;
  routing::Router::compile(entities, found);
  std::erase_if(found, [&](const auto& one) {
    return std::any_of(out.begin(), out.end(), [&](const auto& known) {
      return known.where == one.where && known.path == one.path;
    });
  });
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

bool check_plugins(const config::Snapshot& snapshot, bool strict,
                   std::vector<config::Diagnostic>& out) {
  auto worker = plugin::OfflineWorker::make(snapshot.settings.shared_memory_size);
  if (!worker.ok()) {
    out.push_back(
        {config::Severity::error, {}, "gateway.shared_memory_size", worker.error().text, ""});
    return false;
  }
  plugin::Host& host = worker.value()->host;
  plugin::Registry& registry = worker.value()->registry;
  const std::shared_ptr<const config::Snapshot> shared(&snapshot, [](const config::Snapshot*) {});
  std::shared_ptr<plugin::Generation> plugins;
  if (registry.load(snapshot.settings, out))
    plugins = plugin::Generation::build(registry, host, shared, 1, nullptr, out);
  if (plugins)
    proxy::Runtime::make(shared, std::move(plugins), worker.value()->region->ticket_secret(), out);
  else
    check_routes(snapshot.entities, out);
  if (strict)
    for (auto& diagnostic : out) diagnostic.severity = config::Severity::error;
  return !config::has_errors(out);
}

}  // namespace gw::server
