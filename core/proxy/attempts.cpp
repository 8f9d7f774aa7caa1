// SPDX-License-Identifier: Apache-2.0
// The attempts of an exchange: each with one peer, until its answer's head or its failure, and
// whether another one may follow.
#include <algorithm>

#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

void Exchange::begin_attempt(upstream::Peer& with) {
  peer = &with;
  tried.push_back(peer);
  targets->balancer->hold(with);
  targets->balancer->begin(with);
  if (const auto* policy = targets->balancer->policy();
      policy != nullptr && policy->try_timeout > 0)
    try_deadline_.set(worker.loop.deadlines(), policy->try_timeout);
  const net::Address& address = with.way();
  auto* record = new (arena.allocate(sizeof(plugin::Attempt))) plugin::Attempt;
  auto* ip = arena.array<char>(net::Address::k_text);
  record->host = with.target->host;
  record->ip = {ip, address.format_ip(ip)};
  record->port = address.port();
  record->start_ns = elapsed_ns();
  (seen.attempts == nullptr ? seen.attempts : seen.last_attempt->next) = record;
  seen.last_attempt = record;
  ++seen.attempt_count;
  auto& facts = seen.facts;
  facts.target_host = record->host;
  facts.target_ip = record->ip;
  facts.target_port = record->port;
  facts.upstream_name = targets->name;
  facts.upstream_scheme = service->tls ? "https" : "http";
}

// The attempt has gone the other way to its place.
void Exchange::note_way(const net::Address& used) {
  peer->note_way(used);
  auto* ip = arena.array<char>(net::Address::k_text);
  seen.facts.target_ip = seen.last_attempt->ip = {ip, used.format_ip(ip)};
}

void Exchange::end_attempt(gw_status state, int status) {
  if (seen.last_attempt == nullptr) return;
  try_deadline_.clear();
  seen.last_attempt->state = state;
  seen.last_attempt->status = status;
  seen.last_attempt->end_ns = elapsed_ns();
  const std::uint64_t ns = seen.last_attempt->end_ns - seen.last_attempt->start_ns;
  if (state == GW_OK)
    targets->balancer->on_answer(*peer, status, ns);
  else
    targets->balancer->on_failure(
        *peer, state == GW_E_TIMEOUT ? upstream::Sign::timeout : upstream::Sign::tcp_failure);
  if (seen.chain->balancer() != nullptr)
    plugin::tell_result(seen, peer->target_index, state, status, ns);
}

void Exchange::leave_peer() {
  if (peer == nullptr) return;
  try_deadline_.clear();
  targets->balancer->connecting -= connecting;
  connecting = false;
  targets->balancer->end(*peer);
  peer = nullptr;
}

void Exchange::forget_peers() {
  if (targets == nullptr) return;
  upstream::Balancer& balancer = *targets->balancer;
  leave_peer();
  for (upstream::Peer* each : tried) balancer.release(*each);
  tried.clear();
  balancer.running -= counted;
  balancer.retrying -= retried;
  counted = retried = false;
}

// Its name may stand for others by now.
void Exchange::suspect_address() {
  upstream::Balancer* balancer = targets->balancer;
  balancer->look_again();
  worker.resolver.suspect(peer->target->host,
                          [of = std::weak_ptr(runtime), balancer](const net::Resolution*) {
                            if (const auto lives = of.lock()) balancer->look_again();
                          });
}

// All places that are known were tried: a lookup that is on its way may tell of others, and is
// waited for, once.
bool Exchange::may_have_moved(const upstream::Peer& next) {
  const bool again = std::find(tried.begin(), tried.end(), &next) != tried.end();
  if (!again || looked_again || !worker.resolver.expects(next.target->host)) return false;
  return looked_again = true;
}

void Exchange::on_try_timeout() {
  if (upstream == nullptr) return;
  http::ClientConnection* slow = upstream;
  const bool connected = slow->state() != http::ClientConnection::State::connecting;
  on_upstream_failed(connected ? http::UpstreamFailure::read_timeout
                               : http::UpstreamFailure::connect_timeout);
  slow->close();
}

bool Exchange::may_retry(http::UpstreamFailure failure) const {
  const bool worn = attempt - first_attempt >= service->service->retries;
  if (head_pending || answered || seen.body_gone || worn) return false;
  if (!retried && !targets->balancer->may_retry()) return false;
  switch (failure) {
    case http::UpstreamFailure::connect_failed:
    case http::UpstreamFailure::connect_timeout:
    case http::UpstreamFailure::tls_failed:
      return true;
    // The target may have acted on it: only what may be repeated is (RFC 9110 9.2.2).
    case http::UpstreamFailure::send_failed:
    case http::UpstreamFailure::send_timeout:
    case http::UpstreamFailure::read_timeout:
      return !upstream->answer_begun() && http::is_idempotent(request.method);
    default:
      return false;
  }
}

}  // namespace gw::proxy
