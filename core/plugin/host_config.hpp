// SPDX-License-Identifier: Apache-2.0
// gw_cfg: the configuration of one instance while it is made. Lives on the stack of whoever makes
// it.
#pragma once

#include <gatewright/plugin.h>

#include <string>

#include "config/value.hpp"
#include "plugin/consumers.hpp"

struct gw_cfg {
  const gw::config::Value& value;
  const gw::plugin::Consumers& consumers;
  const gw::plugin::Plugin& plugin;
  std::string json;  // made at the first ask
};
