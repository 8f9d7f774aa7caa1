// SPDX-License-Identifier: Apache-2.0
// log_value: a text that a plugin adds to the record of a request, under one name, for whichever
// plugin logs it (host/log.h). Made once in the instance's constructor.
#pragma once

#include "gatewright/plugin.hpp"

namespace gw {

class log_value {
 public:
  // name: [a-z0-9_]+, none that the record has itself; has to outlive the plugin: a literal.
  log_value(const config& c, view name) : slot_(c.slot<gw_log_field>(GW_SLOT_LOG)), name_(name) {}

  // The last value counts. `value` has to live as long as the request (request::copy).
  void set(request r, view value) const {
    auto* field = r.make<gw_log_field>();
    field->size = sizeof *field;
    field->next = r.get(slot_);
    field->name = to_str(name_);
    field->value = to_str(value);
    r.put(slot_, field);
  }

 private:
  slot<gw_log_field> slot_;
  view name_;
};

}  // namespace gw
