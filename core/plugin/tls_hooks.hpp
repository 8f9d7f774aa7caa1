// SPDX-License-Identifier: Apache-2.0
// gw.plugin.tls/1: the plugins of a configuration that see TLS connections begin.
#pragma once

#include <gatewright/host/tls.h>

#include <memory>

#include "net/tls_context.hpp"
#include "plugin/generation.hpp"

namespace gw::plugin {

// Asks them; null when there are none. Certificates may outlive the generation, whose plugins are
// asked no more then.
std::shared_ptr<net::TlsChooser> make_tls_chooser(const std::shared_ptr<Generation>& generation);

}  // namespace gw::plugin
