// SPDX-License-Identifier: Apache-2.0
// PhaseOrder: in which order the plugins of a configuration run, for each phase: by priority,
// highest first, equal ones by name, rearranged by `gateway.phase_order`.
#pragma once

#include <cstdint>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/settings.hpp"
#include "plugin/registry.hpp"
#include "plugin/request.hpp"

namespace gw::plugin {

// "rewrite", "request"…
std::string_view phase_name(Phase phase);

class PhaseOrder {
 public:
  // Names in `phase_order` that are no plugin are errors.
  void build(const std::vector<const Plugin*>& plugins, const config::Settings& settings,
             std::vector<config::Diagnostic>& out);

  // The place of a plugin in the order of all. REQUIRES: it was among those given to build().
  std::uint16_t rank(Phase phase, const Plugin& plugin) const {
    return ranks_[std::size_t(phase)][plugin.index];
  }

 private:
  std::vector<std::uint16_t> ranks_[k_phases];  // by plugin number
};

}  // namespace gw::plugin
