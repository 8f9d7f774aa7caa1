// SPDX-License-Identifier: Apache-2.0
// The options of correlation-id as values. What they mean stands in schema.json.
#pragma once

#include "gatewright/plugin.hpp"

namespace correlation_id {

enum class Generator { uuid, uuid_counter, tracker };

struct Config {
  explicit Config(const gw::config& c);

  gw::hid header;
  Generator generator;
  bool echo_downstream;
};

}  // namespace correlation_id
