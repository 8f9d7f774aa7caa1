// SPDX-License-Identifier: Apache-2.0
#include "server/plugin_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/exit_code.hpp"
#include "base/text.hpp"
#include "plugin/library.hpp"
#include "plugin/offline_worker.hpp"
#include "tools/option_table.hpp"

namespace gw::server {

namespace {

std::vector<std::string_view> phases_of(const gw_plugin_desc& desc) {
  std::vector<std::string_view> out;
  const auto add = [&](bool has, std::string_view name) {
    if (has) out.push_back(name);
  };
  add(desc.on_rewrite != nullptr, "rewrite");
  add(desc.on_request != nullptr, "request");
  add(desc.on_request_body != nullptr, "request_body");
  add(desc.on_upstream != nullptr, "upstream");
  add(desc.on_response != nullptr, "response");
  add(desc.on_response_body != nullptr, "response_body");
  add(desc.on_log != nullptr, "log");
  return out;
}

std::string join(const std::vector<std::string_view>& words, std::string_view between) {
  std::string out;
  for (const auto word : words) out += cat(out.empty() ? "" : between, word);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void print(const plugin::Plugin& plugin, bool json, bool first) {
  const auto phases = phases_of(plugin.desc);
  if (json) {
    std::cout << (first ? "" : ",") << "{\"name\":" << quoted(plugin.name)
              << ",\"version\":" << quoted(plugin.version)
              << ",\"priority\":" << plugin.desc.priority << ",\"phases\":[";
    for (std::size_t i = 0; i < phases.size(); ++i)
      std::cout << (i > 0 ? "," : "") << quoted(phases[i]);
    std::cout << "],\"file\":" << quoted(plugin.file) << "}";
    return;
  }
  std::cout << plugin.name << " " << plugin.version << "  priority " << plugin.desc.priority
            << "  phases " << join(phases, ", ") << "\n";
}

// Loads plugins and hands them to f. The exit status.
template <class F>
int with_loaded(const std::vector<std::string>& names, F&& f) {
  const auto worker = plugin::OfflineWorker::make();
  if (!worker.ok())
    return std::cerr << "gatewright: " << worker.error().text << "\n", int(ExitCode::failed);
  plugin::Registry& registry = worker.value()->registry;
  config::Settings settings;
  settings.plugins = names;
  std::vector<config::Diagnostic> diagnostics;
  const bool loaded = registry.load(settings, diagnostics);
  for (const auto& diagnostic : diagnostics)
    std::cerr << "gatewright: " << diagnostic.message << "\n";
  return loaded ? f(registry) : int(ExitCode::failed);
}

// In the order in which they run.
int print_all(const plugin::Registry& registry, bool json) {
  std::vector<const plugin::Plugin*> order;
  for (const auto& plugin : registry.plugins()) order.push_back(plugin.get());
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->desc.priority != b->desc.priority ? a->desc.priority > b->desc.priority
                                                : a->name < b->name;
  });
  if (json) std::cout << "[";
  for (std::size_t i = 0; i < order.size(); ++i) print(*order[i], json, i == 0);
  if (json) std::cout << "]\n";
  return 0;
}

int load_and_print(const std::vector<std::string>& names, bool json) {
  return with_loaded(
      names, [json](const plugin::Registry& registry) { return print_all(registry, json); });
}

int print_schema_of(const plugin::Plugin& plugin, bool table) {
  if (!table) {
    std::cout << (plugin.schema_text.empty() ? "{}" : plugin.schema_text) << "\n";
    return 0;
  }
  const auto rows = tools::option_rows(plugin.schema_text.empty() ? "{}" : plugin.schema_text);
  if (!rows.ok())
    return std::cerr << "gatewright: " << rows.error().text << "\n", int(ExitCode::failed);
  std::cout << tools::k_option_head;
  for (const auto& row : rows.value()) std::cout << row << "\n";
  return 0;
}

}  // namespace

int list_plugins(bool json) { return load_and_print({"bundled"}, json); }

int print_schema(const std::string& file, const std::string& name, bool table) {
  if (::access(file.c_str(), F_OK) != 0)
    return std::cerr << "gatewright: " << file << ": " << std::strerror(errno) << "\n",
           int(ExitCode::not_found);
  return with_loaded({plugin::library_path(file)}, [&](const plugin::Registry& registry) {
    for (const auto& plugin : registry.plugins())
      if (name.empty() || plugin->name == name) return print_schema_of(*plugin, table);
    std::cerr << "gatewright: " << file << ": has no plugin \"" << name << "\"\n";
    return int(ExitCode::failed);
  });
}

int inspect_plugin(const std::string& file, bool load, bool json) {
  if (::access(file.c_str(), F_OK) != 0)
    return std::cerr << "gatewright: " << file << ": " << std::strerror(errno) << "\n",
           int(ExitCode::not_found);
  auto note = plugin::read_note(file);
  if (!note.ok())
    return std::cerr << "gatewright: " << note.error().text << "\n", int(ExitCode::failed);
  const auto& info = note.value();
  const auto fit = plugin::check_note(info);
  const std::vector<std::string_view> names(info.names.begin(), info.names.end());
  if (json) {
    std::cout << "{\"file\":" << quoted(file) << ",\"names\":[";
    for (std::size_t i = 0; i < names.size(); ++i)
      std::cout << (i > 0 ? "," : "") << quoted(names[i]);
    std::cout << "],\"abi\":{\"major\":" << info.major << ",\"built\":" << info.minor_built
              << ",\"required\":" << info.minor_required << ",\"draft\":" << info.draft
              << "},\"runs_here\":" << (fit.ok() ? "true" : "false") << "}\n";
  } else {
    std::cout << file << ": " << join(names, ", ") << "\n  built for plugin ABI " << info.major
              << "." << info.minor_built << ", runs on " << info.major << "." << info.minor_required
              << " and later\n";
  }
  if (!fit.ok())
    return std::cerr << "gatewright: " << file << ": " << fit.error().text << "\n",
           int(ExitCode::failed);
  return load ? load_and_print({plugin::library_path(file)}, json) : 0;
}

}  // namespace gw::server
