// SPDX-License-Identifier: Apache-2.0
// Which plugins take part in a request's two bodies, and in which order: for the chain runner and
// the exchange. The bodies themselves are BodyFlows.
#pragma once

#include "plugin/body_flow.hpp"

namespace gw::plugin {

struct Plugin;  // registry.hpp

// What a plugin has asked for.
PluginBodies& bodies_of(Request& request, const Plugin& plugin);

// The request's body for the plugin whose on_request asked for all of it: next, when it has gone by
// that plugin; wait_body, when (more of) it has to be pushed.
Outcome give_request_body(Request& request);
// After the phase request: what was collected, for those plugins that have not had it.
Outcome give_rest_of_request_body(Request& request);
// The request's body as it goes upstream; null when it passes no plugin.
BodyFlow* stream_request_body(Request& request);
// An answer is about to pass the phase response: what plugins asked for another's body is over.
void forget_response_body(Request& request);
// The answer's body; null when it passes no plugin. kind none: only for who wants it whole.
BodyFlow* begin_response_body(Request& request, http::BodyKind kind, std::uint64_t length);
// Whether the answer's body would not be the upstream's, if it had one.
bool may_change_response_body(const Request& request);
// For abort: ends the pauses of both bodies.
void cancel_bodies(Request& request);

}  // namespace gw::plugin
