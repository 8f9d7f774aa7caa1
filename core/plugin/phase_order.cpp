// SPDX-License-Identifier: Apache-2.0
#include "plugin/phase_order.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gw::plugin {

namespace {

using Plugins = std::vector<const Plugin*>;

// One list of `phase_order`, with the places of its names (none when it is not from the file).
struct List {
  Phase phase;
  const std::vector<std::string>& names;
  const std::vector<config::Location>* places;

  config::Location place(std::size_t i) const {
    return places != nullptr && i < places->size() ? (*places)[i] : config::Location{};
  }
};

const Plugin* find(const Plugins& plugins, std::string_view name) {
  const auto it = std::find_if(plugins.begin(), plugins.end(),
                               [&](const Plugin* plugin) { return plugin->name == name; });
  return it != plugins.end() ? *it : nullptr;
}

// The plugins of a list, without what is wrong in it.
Plugins named_in(const List& list, const Plugins& all, std::vector<config::Diagnostic>& out) {
  Plugins named;
  for (std::size_t i = 0; i < list.names.size(); ++i) {
    const auto report = [&](std::string message, std::string hint) {
      out.push_back({config::Severity::error, list.place(i),
                     cat("gateway.phase_order.", phase_name(list.phase), "[", i, "]"),
                     std::move(message), std::move(hint)});
    };
    const std::string& name = list.names[i];
    const Plugin* plugin = find(all, name);
    if (plugin == nullptr) {
      std::vector<std::string_view> known;
      for (const Plugin* other : all) known.push_back(other->name);
      const auto near = closest(name, known);
      report(cat("plugin \"", name, "\" is not loaded; add it to gateway.plugins"),
             near.empty() ? "" : cat("did you mean \"", near, "\"?"));
    } else {
      named.push_back(plugin);
    }
  }
  return named;
}

// Those that are named take the places of those that are named, in the order given; the others
// stay.
void rearrange(Plugins& order, const Plugins& named) {
  auto next = named.begin();
  for (auto& place : order)
    if (find(named, place->name) != nullptr) place = *next++;
}

}  // namespace

std::string_view phase_name(Phase phase) {
  static constexpr std::string_view k_names[k_phases] = {
      "none", "rewrite", "request", "request_body", "upstream", "response", "response_body", "log"};
  return k_names[std::size_t(phase)];
}

void PhaseOrder::build(const Plugins& plugins, const config::Settings& settings,
                       std::vector<config::Diagnostic>& out) {
  Plugins order = plugins;
  std::sort(order.begin(), order.end(), [](const Plugin* a, const Plugin* b) {
    return a->desc.priority != b->desc.priority ? a->desc.priority > b->desc.priority
                                                : a->name < b->name;
  });
  std::size_t numbers = 0;
  for (const Plugin* plugin : plugins) numbers = std::max<std::size_t>(numbers, plugin->index + 1);
  for (std::size_t i = 1; i < k_phases; ++i) {
    const std::string name(phase_name(Phase(i)));
    auto mine = order;
    if (const auto given = settings.phase_order.find(name); given != settings.phase_order.end()) {
      const auto places = settings.phase_order_places.find(name);
      const bool placed = places != settings.phase_order_places.end();
      rearrange(mine, named_in({Phase(i), given->second, placed ? &places->second : nullptr},
                               plugins, out));
    }
    ranks_[i].assign(numbers, 0);
    for (std::size_t at = 0; at < mine.size(); ++at) ranks_[i][mine[at]->index] = std::uint16_t(at);
  }
}

}  // namespace gw::plugin
