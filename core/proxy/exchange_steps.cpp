// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange_steps.hpp"

#include <array>

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/target.hpp"
#include "proxy/forward.hpp"
#include "proxy/hash_input.hpp"
#include "proxy/worker.hpp"
#include "routing/path.hpp"

namespace gw::proxy {

namespace {

// One plugin phase, from its start or from where it waits.
Go run_plugins(Exchange& x, plugin::Phase phase) {
  const auto outcome = x.in_phase ? plugin::resume_phase(x.seen) : plugin::run_phase(x.seen, phase);
  x.body_wanted = outcome == plugin::Outcome::wait_body;
  x.in_phase = outcome == plugin::Outcome::wait || x.body_wanted;
  if (outcome == plugin::Outcome::next) return Go::next;
  if (outcome == plugin::Outcome::wait) return Go::wait;
  if (x.body_wanted) return x.collect_request_body(), Go::wait;
  return x.answer_of(outcome);
}

// The setting by which a path is refused; empty when it is fine.
std::string_view path_fault(const Exchange& x, unsigned refused) {
  if ((x.path_traits & refused) == 0) return {};
  for (const auto& [trait, name] : config::k_path_traits)
    if ((x.path_traits & refused & trait) != 0) return name;
  return {};
}

// Brings the path to its normal form. Why no route may have it, empty when it is fine: a route can
// keep what others refuse, so that the rest is decided when one has matched.
std::string_view settle_path(Exchange& x, std::string_view raw) {
  auto& path = x.seen.facts.path;
  path = routing::normalize(raw, x.arena);
  if (path.data() == nullptr) return "bad_path";
  x.path_traits = routing::path_traits(path);
  return path_fault(x, x.runtime->path_traits_always_refused());
}

Go refuse_path(Exchange& x, std::string_view fault) { return x.fail({400, fault, "Bad request"}); }

// --- rewrite: who asks, for what; global plugins, before any route is known ---

Go rewrite(Exchange& x) {
  if (!x.in_phase) {
    auto& facts = x.seen.facts;
    find_client(x);
    if (x.worker.overloaded()) {
      x.fail({503, "overloaded", {}});
      x.response.fields.set(http::HeaderId::retry_after, "1");
      return Go::next;
    }
    facts.raw_target = x.request.target;
    facts.query = x.request.query;
    facts.path = x.request.path;  // "*" of OPTIONS has no other form
    if (facts.path.starts_with('/')) {
      const auto fault = settle_path(x, facts.path);
      if (!fault.empty()) return refuse_path(x, fault);
    }
    if (x.request.method == http::Method::options && x.request.fields.has(http::HeaderId::origin) &&
        x.request.fields.has(http::HeaderId::access_control_request_method))
      facts.flags |= GW_F_PREFLIGHT;
  }
  return run_plugins(x, plugin::Phase::rewrite);
}

// --- match_route ---

void each_header(void* fields, void (*visit)(void*, routing::Header), void* visitor) {
  for (const http::Field& field : *static_cast<const http::Fields*>(fields))
    if (!field.removed()) visit(visitor, {field.name(), field.value()});
}

// An https-only route that was asked for in the clear.
Go demand_https(Exchange& x, const config::Route& route) {
  const auto& facts = x.seen.facts;
  x.make_error({route.https_redirect_status_code, "https_required", {}, true});
  if (route.https_redirect_status_code == 426) {
    x.response.upgrade = "TLS/1.2, HTTP/1.1";
  } else {
    const std::string location = cat("https://", facts.forwarded_host, facts.raw_target);
    x.response.fields.set(http::HeaderId::location, x.arena.copy(location));
  }
  x.step = Step::header_filter;
  return Go::next;
}

// A route's regex is too costly for this path. The routes behind it must not answer in its place.
Go refuse_match(Exchange& x) {
  const auto& route = x.runtime->snapshot().entities.routes[x.match.undecided];
  const std::string_view name = route.name.empty() ? route.id : route.name;
  constexpr std::string_view k_text = "a route's regex reached its match limit: make it simpler";
  if (x.worker.failure_lines.allow(log::Level::error, k_text, {"route", name}))
    log::error(
        k_text,
        {{"route", name}, {"path", x.seen.facts.path}, {"request_id", x.seen.facts.request_id}});
  return x.fail({500, "route_match_limit", {}, true});
}

Go match_route(Exchange& x) {
  auto& facts = x.seen.facts;
  if (facts.path_set) {
    const auto fault = settle_path(x, facts.path);
    if (!fault.empty()) return refuse_path(x, fault);
  }
  routing::Query query;
  query.method = x.request.method_text;
  query.host = x.request.host;
  query.port = x.runtime->mapped_port(facts.server_port);
  query.path = facts.path;
  if (const auto* tls = x.stream->client().tls) {
    query.tls = true;
    query.sni = tls->server_name();
  }
  query.each_header = each_header;
  query.context = &x.request.fields;
  x.match = x.runtime->router().match(query, x.arena);
  if (x.match.gave_up) return refuse_match(x);
  if (x.match.route == config::k_none) {
    const auto fault = path_fault(x, x.runtime->settings().refused_path_traits);
    if (!fault.empty()) return refuse_path(x, fault);
    return x.fail({404, "no_route", "no Route matched with those values", true});
  }

  const RouteRuntime& route = x.runtime->route(x.match.route);
  x.route = &route;
  facts.route = &x.runtime->snapshot().entities.routes[x.match.route];
  x.service = route.service;
  if (x.service != nullptr) {
    facts.service = x.service->service;
    x.targets = x.service->targets;
  }
  x.seen.chain = route.chain;
  const auto fault = path_fault(x, route.refused_path_traits);
  if (!fault.empty()) return refuse_path(x, fault);
  if (!route.http && facts.forwarded_scheme != "https") return demand_https(x, *facts.route);
  const auto* rule = x.runtime->client_rule(route.client_rule);
  if (const auto failure = find_certificate(x, rule)) return x.fail(*failure);
  const std::uint64_t limit = x.runtime->settings().client_max_body_size;
  if (limit > 0 && x.request.body == http::BodyKind::length && x.request.content_length > limit)
    return x.fail({413, "body_too_large", {}});
  return Go::next;
}

// --- access: the main phase of the plugins ---

Go access(Exchange& x) {
  const Go go = run_plugins(x, plugin::Phase::request);
  if (go == Go::next) x.seen.facts.ns_request_phase = std::int64_t(x.elapsed_ns());
  const bool goes_on = go == Go::next && x.step == Step::access;  // no plugin has answered
  return goes_on && x.request.method == http::Method::options ? count_forward(x) : go;
}

// --- pick_target ---

// Nothing can be chosen before this target's name is known.
Go await_name(Exchange& x, std::uint32_t target) {
  x.resolving = true;
  x.waited_for = target + 1;
  const auto on_resolved = [&x, serial = x.serial](const net::Resolution*) {
    if (x.serial != serial || !x.resolving) return;  // that request is gone
    x.resolving = false;
    x.targets->balancer->look_again();
    x.resume();
  };
  x.worker.resolver.start_lookup(x.targets->balancer->targets()[target].host, on_resolved);
  return Go::wait;
}

// A plugin's choice of a target, or GW_PICK_DEFAULT. Nothing: the plugin failed.
std::optional<std::uint32_t> ask_plugin(Exchange& x) {
  if (x.seen.chain->balancer() == nullptr || x.targets->listed.empty()) return GW_PICK_DEFAULT;
  auto* tried = x.arena.array<std::uint32_t>(x.tried.size());
  for (std::size_t i = 0; i < x.tried.size(); ++i) tried[i] = x.tried[i]->target_index;
  gw_choice choice{};
  choice.size = sizeof choice;
  choice.attempt = x.attempt;
  choice.upstream = plugin::to_abi(x.targets->name);
  choice.targets = x.targets->listed.data();
  choice.ntargets = std::uint32_t(x.targets->listed.size());
  choice.tried = tried;
  choice.ntried = std::uint32_t(x.tried.size());
  return plugin::pick_target(x.seen, choice);
}

upstream::Peer* choose_peer(Exchange& x) {
  upstream::Balancer& balancer = *x.targets->balancer;
  if (!balancer.has_peers()) balancer.look_again();
  balancer.update();
  const auto* policy = balancer.policy();
  if (policy != nullptr && policy->algorithm == config::Algorithm::consistent_hashing &&
      !x.hashed) {
    x.hash = hash_of(x, *policy);
    x.hashed = true;
  }
  const upstream::Choice choice{.tried = x.tried, .hash = x.hash};
  return x.choice == GW_PICK_DEFAULT ? balancer.pick(choice) : balancer.pick_of(x.choice, choice);
}

// Why there is no peer: a name that is not known yet, or all are down.
Go no_peer(Exchange& x) {
  const upstream::Balancer& balancer = *x.targets->balancer;
  const bool any = x.choice == GW_PICK_DEFAULT;
  if (any ? !balancer.has_peers() : x.waited_for <= x.choice) {
    const auto unknown = balancer.unknown_target(any ? x.waited_for : x.choice);
    if (unknown != upstream::Balancer::k_no_target && (any || unknown == x.choice))
      return await_name(x, unknown);
  }
  if (x.waited_for > 0 && !balancer.has_peers())
    return x.fail({503, "name_resolution", "name resolution failed", true});
  return x.fail({503, "no_target", "failure to get a peer from the ring-balancer", true});
}

Go refuse_full(Exchange& x) {
  return x.fail(
      {503, "upstream_full", "the upstream has as many requests as its limits allow", true});
}

Go pick_target(Exchange& x) {
  if (x.resolving) return Go::wait;
  if (x.service == nullptr)
    return x.fail({503, "no_service", "no Service found with those values", true});
  if (!x.prepared) {
    prepare_upstream_request(x);
    x.prepared = true;
  }
  if (!x.counted) {
    if (!x.targets->balancer->may_run()) return refuse_full(x);
    ++x.targets->balancer->running;
    x.counted = true;
  }
  if (!x.chosen) {  // else a name was being looked up
    const auto choice = ask_plugin(x);
    if (!choice) return x.answer_of(plugin::Outcome::fail);
    x.choice = *choice;
    x.chosen = true;
  }
  upstream::Peer* peer = x.choice == GW_PICK_NONE ? nullptr : choose_peer(x);
  if (peer == nullptr) return no_peer(x);
  if (x.may_have_moved(*peer)) return await_name(x, peer->target_index);
  x.begin_attempt(*peer);
  return Go::next;
}

// --- connect: a kept connection, or a new one ---

// The name by which a target is asked for and judged is that of the Host field, as in Kong.
http::Destination destination_of(Exchange& x) {
  http::Destination destination{x.peer->way()};
  destination.alternative = x.peer->other_way();
  if (!x.service->tls) return destination;
  destination.tls = x.service->tls.get();
  auto name = http::split_authority(upstream_host(x, *x.peer)).host;
  if (name.starts_with('[')) name = name.substr(1, name.size() - 2);
  destination.server_name = name;
  return destination;
}

Go connect(Exchange& x) {
  if (x.upstream != nullptr)
    return x.upstream->state() == http::ClientConnection::State::ready ? Go::next : Go::wait;
  const http::Destination destination = destination_of(x);
  x.upstream = x.worker.pool.take(destination);
  if (x.upstream != nullptr) {
    x.upstream->reuse(x, x.service->limits);
    return Go::next;
  }
  if (!x.targets->balancer->may_wait()) return refuse_full(x);
  ++x.targets->balancer->connecting;
  x.connecting = true;
  x.upstream = x.worker.pool.make(destination);
  x.upstream->connect(x, x.service->limits);
  return Go::wait;
}

// --- send_head: the request goes upstream ---

Go send_head(Exchange& x) {
  auto& facts = x.seen.facts;
  facts.upstream_host = upstream_host(x, *x.peer);
  if (x.seen.chain->has(plugin::Phase::upstream)) {
    const auto outcome = plugin::run_upstream(x.seen, x.attempt);
    if (outcome != plugin::Outcome::next) return x.answer_of(outcome);
  }
  const bool whole = x.seen.buffered_body.data() != nullptr;
  if (whole) {
    x.request.body = x.seen.buffered_body.empty() ? http::BodyKind::none : http::BodyKind::length;
    x.request.content_length = x.seen.buffered_body.size();
  }
  const auto upgrade =
      x.runtime->allows_upgrade(x.request.upgrade) ? x.request.upgrade : std::string_view{};
  const bool last = whole || x.request.body == http::BodyKind::none;
  if (!last && x.seen.chain->has(plugin::Phase::request_body)) {
    x.request_flow = plugin::stream_request_body(x.seen);
    if (x.request_flow != nullptr && x.request_flow->changes())
      x.request.body = http::BodyKind::chunked;
  }
  facts.ns_upstream_sent = std::int64_t(x.elapsed_ns());
  x.seen.request_head_sent = true;
  x.step = Step::await_head;
  x.upstream->send_request(
      {x.request.method_text, facts.upstream_path, facts.query, facts.upstream_host, upgrade},
      x.request, x.response, x.arena, whole ? x.seen.buffered_body : std::string_view{}, last);
  if (!last) x.start_request_body();
  return Go::next;
}

Go await_head(Exchange& x) { return x.head_pending ? Go::next : Go::wait; }

// --- header_filter: also answers of our own come here ---

Go header_filter(Exchange& x) {
  if (!x.in_phase) {
    prepare_answer(x);
    if (x.seen.bodies != nullptr) plugin::forget_response_body(x.seen);
  }
  return run_plugins(x, plugin::Phase::response);
}

// --- stream_bodies: body_pump.cpp does the work ---

Go stream_bodies(Exchange& x) {
  if (!x.sending) {
    x.worker.tunnels += x.tunnel;
    x.worker.tunnels_opened += x.tunnel;
    x.send_answer();
  }
  if (x.step != Step::stream_bodies) return Go::next;  // it came to something else
  return x.answer_complete && x.stream->flushed() ? Go::next : Go::wait;
}

// --- the end ---

Go write_log(Exchange& x) {
  auto& facts = x.seen.facts;
  x.finish_upstream();
  facts.ns_total = std::int64_t(x.elapsed_ns());
  if (!x.gone) x.note_bytes();
  if (x.tunnel && x.answered) --x.worker.tunnels;
  const bool logs = x.seen.chain != nullptr && x.seen.chain->has(plugin::Phase::log);
  if (logs && x.prepared) withdraw_own_fields(x);
  plugin::finish(x.seen);
  return Go::next;
}

Go finish(Exchange& x) {
  http::ServerStream* stream = x.gone ? nullptr : x.stream;
  x.worker.give(x);
  // It may go on at once with the client's next request, in this very object.
  if (stream != nullptr) stream->done();
  return Go::done;
}

// THE table.
struct Entry {
  Step step;
  std::string_view name;
  Go (*run)(Exchange&);
};

constexpr std::array k_steps{
    Entry{Step::rewrite, "rewrite", rewrite},
    Entry{Step::match_route, "match_route", match_route},
    Entry{Step::access, "access", access},
    Entry{Step::pick_target, "pick_target", pick_target},
    Entry{Step::connect, "connect", connect},
    Entry{Step::send_head, "send_head", send_head},
    Entry{Step::await_head, "await_head", await_head},
    Entry{Step::header_filter, "header_filter", header_filter},
    Entry{Step::stream_bodies, "stream_bodies", stream_bodies},
    Entry{Step::log, "log", write_log},
    Entry{Step::finish, "finish", finish},
};
static_assert(k_steps.size() == std::size_t(Step::count));

}  // namespace

std::string_view step_name(Step step) { return k_steps[std::size_t(step)].name; }

Go advance(Exchange& x) {
  for (;;) {
    const Step before = x.step;
    const Go go = k_steps[std::size_t(before)].run(x);
    if (go != Go::next) return go;
    if (x.step == before) x.step = Step(std::size_t(before) + 1);  // a step that jumped has set it
  }
}

}  // namespace gw::proxy
