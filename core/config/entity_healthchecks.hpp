// SPDX-License-Identifier: Apache-2.0
// How an upstream's targets are watched, as EntityReader reads it.
#pragma once

#include "config/entities.hpp"
#include "config/object_reader.hpp"

namespace gw::config {

// The field `healthchecks`, with Kong's fields and defaults.
void read_healthchecks(ObjectReader& upstream, Healthchecks& into);
// The field `gateway`: what Kong's upstreams do not have.
void read_upstream_gateway(ObjectReader& reader, Upstream& into);

}  // namespace gw::config
