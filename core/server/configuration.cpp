// SPDX-License-Identifier: Apache-2.0
#include "server/configuration.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "server/gateway.hpp"

namespace gw::server {

namespace {

constexpr std::string_view k_refused = "configuration refused, the old one stays";

bool same(const std::vector<config::Listen>& a, const std::vector<config::Listen>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.text == y.text; });
}

void warn_of_fixed_settings(const config::Settings& now, const config::Settings& wanted) {
  const auto warn = [](bool changed, std::string_view name) {
    if (changed)
      log::warn("this setting has changed and takes effect at the next start", {{"setting", name}});
  };
  warn(!same(now.proxy_listen, wanted.proxy_listen), "proxy_listen");
  warn(!same(now.admin_listen, wanted.admin_listen), "admin_listen");
  warn(!same(now.status_listen, wanted.status_listen), "status_listen");
  warn(now.workers != wanted.workers, "workers");
  warn(now.supervisor != wanted.supervisor, "supervisor");
  warn(now.shared_memory_size != wanted.shared_memory_size, "shared_memory_size");
  warn(now.error_log != wanted.error_log, "error_log");
}

std::string rendered(std::vector<config::Diagnostic>& diagnostics, const config::Source& source) {
  config::sort(diagnostics);
  return config::render(diagnostics, source.file, source.text, false);
}

bool prepare_loaded(Gateway& gateway, std::uint64_t generation, const config::Source& source,
                    config::Loaded& loaded, bool log_warnings, std::string& why) {
  const bool fine = gateway.prepare(generation, loaded.snapshot, loaded.diagnostics);
  const std::string text = rendered(loaded.diagnostics, source);
  if (!fine)
    why = text;
  else if (log_warnings && !text.empty())
    log::write_lines(log::Level::warn, "configuration", text);
  return fine;
}

}  // namespace

std::optional<Candidate> Configuration::read_again() const {
  const bool from_file = !path_.empty() && path_ != "-";
  auto read = config::read_source(from_file ? path_ : "");
  if (!read.ok()) {
    log::error(k_refused, {{"why", read.error().text}});
    return std::nullopt;
  }
  Candidate next{std::move(read).value(), nullptr};
  next.source.flags = source().flags;
  if (!from_file) next.source.file = source().file, next.source.text = source().text;
  auto loaded = config::load(next.source);
  if (!loaded.snapshot) {
    log::write_lines(log::Level::error, k_refused,
                     config::render(loaded.diagnostics, next.source.file, next.source.text, false));
    return std::nullopt;
  }
  next.snapshot = std::move(loaded.snapshot);
  warn_of_fixed_settings(settings(), next.snapshot->settings);
  return next;
}

std::shared_ptr<const config::Snapshot> prepare(Gateway& gateway, std::uint64_t generation,
                                                config::Source source, bool log_warnings,
                                                std::string& why) {
  auto loaded = config::load(source);
  const bool fine =
      loaded.snapshot && prepare_loaded(gateway, generation, source, loaded, log_warnings, why);
  if (!loaded.snapshot) why = rendered(loaded.diagnostics, source);
  return fine ? loaded.snapshot : nullptr;
}

bool prepare(Gateway& gateway, std::uint64_t generation, const Candidate& candidate,
             std::string& why) {
  config::Loaded loaded{candidate.snapshot, nullptr, {}};
  return prepare_loaded(gateway, generation, candidate.source, loaded, true, why);
}

}  // namespace gw::server
