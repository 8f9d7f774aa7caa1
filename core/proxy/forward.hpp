// SPDX-License-Identifier: Apache-2.0
// What the gateway adds to and takes from the fields of a message that it passes on (RFC 9110 7.6,
// Kong's X-Forwarded-*).
#pragma once

#include <optional>

#include "proxy/exchange.hpp"

namespace gw::proxy {

// Who the client is, by the socket's peer and, from a trusted one, by the real-IP header (Kong:
// real_ip_header, real_ip_recursive). Fills the facts on client, peer and what was forwarded.
void find_client(Exchange& exchange);

// Judges the client's certificate by `rule` (null: it does not matter), and fills the fact on it.
// Why the request may not go on, if it may not.
std::optional<Failure> find_certificate(Exchange& exchange, const ClientRule* rule);

// OPTIONS that says through how many more it may go is counted, or answered here if that is none
// (RFC 9110 7.6.2).
Go count_forward(Exchange& exchange);

// Host, path and X-Forwarded-*, X-Real-IP, Via, request id of the request that goes upstream.
void prepare_upstream_request(Exchange& exchange);
// Before the log: the request is again as the client and the plugins made it, as in Kong, whose log
// plugins do not see what it says to the upstream of itself.
void withdraw_own_fields(Exchange& exchange);
// What is behind the request's body, once that is complete; null: nothing.
const http::Fields* trailers_for_upstream(Exchange& exchange);
// The Host for the chosen target, unless the client's is preserved or a plugin has set one.
std::string_view upstream_host(Exchange& exchange, const upstream::Peer& peer);

// Via, latencies, request id… of the answer.
void prepare_answer(Exchange& exchange);

}  // namespace gw::proxy
