// SPDX-License-Identifier: Apache-2.0
#include "admin/pages.hpp"

#include <unistd.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "admin/counts.hpp"
#include "admin/dns_page.hpp"
#include "admin/entity_json.hpp"
#include "admin/entity_list.hpp"
#include "admin/metrics_page.hpp"
#include "base/text.hpp"
#include "config/version.hpp"
#include "plugin/admin_pages.hpp"
#include "plugin/plugin_clock.hpp"
#include "shared/metrics.hpp"
#include "shared/worker_board.hpp"

namespace gw::admin {

using nlohmann::json;

namespace {

Page page_of(const json& value, int status = 200) {
  return {status, "application/json; charset=utf-8", value.dump()};
}

Page message(int status, std::string_view text) { return page_of({{"message", text}}, status); }

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

// --- / ---

Page root(const State& state, std::string_view) {
  json available = json::object(), enabled = json::array();
  for (const plugin::Plugin* plugin : state.generation->plugins())
    available[plugin->name] = {{"version", plugin->version}, {"priority", plugin->desc.priority}};
  for (const auto& entry : state.snapshot->entities.plugins)
    if (std::find(enabled.begin(), enabled.end(), entry.name) == enabled.end())
      enabled.push_back(entry.name);
  return page_of(
      {{"version", config::k_version},
       {"tagline", "Welcome to Gatewright"},
       {"hostname", host_name()},
       {"plugins", {{"available_on_server", available}, {"enabled_in_cluster", enabled}}},
       {"configuration", {{"database", "off"}, {"file", state.snapshot->file}}},
       {"generation", state.number}});
}

// --- /status, health ---

json workers(const State& state) {
  json out = json::array();
  for (const auto& slot : state.region->board().slots()) {
    const auto worker_state = slot.state.load();
    if (worker_state == shared::WorkerState::none || worker_state == shared::WorkerState::dead)
      continue;
    out.push_back({{"worker", slot.index.load()},
                   {"pid", slot.pid.load()},
                   {"state", shared::to_string(worker_state)},
                   {"starts", slot.starts.load()},
                   {"generation", slot.generation.load()},
                   {"requests", slot.requests.get()},
                   {"connections", slot.connections_active.get()},
                   {"tunnels", slot.tunnels.get()}});
  }
  return out;
}

// What has failed since the start, over all workers: answers that the gateway made by their reason,
// callbacks that failed by plugin and phase; and what plugins hold now (gw.memory/1).
// How long callbacks take is told by the samples of PluginClock.
class Counted : public shared::MetricVisitor {
 public:
  void on_metric(const shared::MetricShape& shape) override { name_ = shape.name; }
  void on_series(const shared::SeriesView& series) override {
    if (name_ == "gatewright_errors_total")
      by_reason[std::string(series.labels[0])] = series.value;
    else if (name_ == "gatewright_plugin_errors_total")
      by_plugin[std::string(series.labels[0])][std::string(series.labels[1])] = series.value;
    else if (name_ == plugin::PluginClock::k_metric)
      add_times(series);
    else if (name_ == "gatewright_plugin_memory_bytes")
      memory_of[std::string(series.labels[0])] = series.value;
  }

  json by_reason = json::object(), by_plugin = json::object(), memory_of = json::object();
  json times = json::object();

 private:
  void add_times(const shared::SeriesView& series) {
    std::uint64_t samples = 0;
    for (const auto n : series.buckets) samples += n;
    if (samples == 0) return;
    times[std::string(series.labels[0])][std::string(series.labels[1])] = {
        {"samples", samples}, {"mean_ns", std::llround(series.sum * 1e9 / double(samples))}};
  }
  std::string_view name_;
};

Page status(const State& state, std::string_view) {
  Counted counted;
  state.region->metrics().collect(counted);
  const Counts counts = count(state.region->board());
  return page_of(
      {{"server",
        {{"connections_active", counts.connections},
         {"connections_accepted", counts.accepted},
         {"connections_handled", counts.accepted},
         {"connections_reading", counts.reading},
         {"connections_writing", counts.writing},
         {"connections_waiting", counts.waiting},
         {"tunnels", counts.tunnels},
         {"tunnels_opened", counts.tunnels_opened},
         {"total_requests", counts.requests}}},
       {"errors", counted.by_reason},
       {"plugin_errors", counted.by_plugin},
       {"plugin_memory", counted.memory_of},
       {"plugin_times", counted.times},
       {"memory", {{"shared_bytes", state.region->bytes()}, {"shared_used", state.region->used()}}},
       {"workers", workers(state)},
       {"configuration_hash", state.snapshot->hash}});
}

Page metrics(const State& state, std::string_view) {
  return {200, k_metrics_type, metrics_page(state)};
}

Page livez(const State&, std::string_view) { return {200, "text/plain; charset=utf-8", "ok\n"}; }

bool is_ready(const State& state) { return state.snapshot && !state.draining; }

Page readyz(const State& state, std::string_view query) {
  std::string body;
  if (query == "verbose" || query.starts_with("verbose=")) {
    body = state.snapshot ? cat("[+] configuration generation ", state.number, "\n")
                          : "[-] no configuration\n";
    body += state.draining ? "[-] draining\n" : "[+] not draining\n";
  }
  body += is_ready(state) ? "ok\n" : state.draining ? "draining\n" : "no configuration\n";
  return {is_ready(state) ? 200 : 503, "text/plain; charset=utf-8", body};
}

Page status_ready(const State& state, std::string_view) {
  if (is_ready(state)) return message(200, "ready");
  return message(503, state.draining ? "draining" : "no configuration");
}

Page dns(const State& state, std::string_view) {
  return page_of(
      {{"worker", state.region->board().mine().index.load()},
       {"names", state.resolver == nullptr ? json::array() : dns_names(*state.resolver)}});
}

// --- plugins ---

Page enabled_plugins(const State& state, std::string_view) {
  json names = json::array();
  for (const plugin::Plugin* plugin : state.generation->plugins()) names.push_back(plugin->name);
  return page_of({{"enabled_plugins", names}});
}

struct Fixed {
  Side side;  // status pages are served on the admin side too
  std::string_view path;
  Page (*make)(const State&, std::string_view query);
};

constexpr std::array k_fixed{
    Fixed{Side::admin, "/", root},
    Fixed{Side::admin, "/plugins/enabled", enabled_plugins},
    Fixed{Side::status, "/status", status},
    Fixed{Side::status, "/status/ready", status_ready},
    Fixed{Side::status, "/livez", livez},
    Fixed{Side::status, "/readyz", readyz},
    Fixed{Side::status, "/status/dns", dns},
};

Page find_page(Side side, std::string_view path, std::string_view query, const State& state) {
  // On the admin side the path is left to plugins.
  if (side == Side::status && path == "/metrics") return metrics(state, query);
  for (const Fixed& fixed : k_fixed)
    if (fixed.path == path && (side == Side::admin || fixed.side == Side::status))
      return fixed.make(state, query);
  // What plugins mount is for both: a metrics page is scraped from the status side.
  plugin::AdminPage mounted;
  if (plugin::admin_page(state.generation->plugins(), path, query, mounted))
    return {mounted.status, mounted.type, mounted.body};
  json value;
  if (side == Side::admin && find_entities(path, query, state, value)) return page_of(value);
  return message(404, "Not found");
}

}  // namespace

Page make_page(Side side, std::string_view path, std::string_view query, const State& state) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (!state.snapshot) {
    if (path == "/metrics" && side == Side::status) return metrics(state, query);
    if (path == "/livez") return livez(state, query);
    if (path == "/readyz") return readyz(state, query);
    return status_ready(state, query);
  }
  try {
    return find_page(side, path, query, state);
  } catch (const std::exception& error) {  // JSON of text that is no UTF-8
    return message(500, error.what());
  }
}

Page plugin_page(const plugin::AdminRequest& request, const State& state) {
  plugin::AdminPage served;
  if (!state.generation || !plugin::serve_plugin(state.generation->plugins(), request, served))
    return message(404, "Not found");
  return {served.status, served.type, std::move(served.body), std::move(served.headers)};
}

}  // namespace gw::admin
