// SPDX-License-Identifier: Apache-2.0
#include "proxy/forward.hpp"

#include <charconv>
#include <optional>

#include "base/text.hpp"
#include "http/target.hpp"
#include "proxy/hash_input.hpp"
#include "routing/path.hpp"

namespace gw::proxy {

using http::HeaderId;

namespace {

std::string_view number(Arena& arena, std::uint64_t value) {
  auto* digits = arena.array<char>(20);
  return {digits, std::size_t(std::to_chars(digits, digits + 20, value).ptr - digits)};
}

// a, separator, b in one piece of the arena.
std::string_view join(Arena& arena, std::string_view a, std::string_view separator,
                      std::string_view b) {
  auto* out = arena.array<char>(a.size() + separator.size() + b.size());
  char* at = out;
  for (const auto piece : {a, separator, b}) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  return {out, std::size_t(at - out)};
}

// An address as a header says it: perhaps with a port, IPv6 perhaps in brackets.
std::optional<net::Address> parse_client(std::string_view text) {
  if (const auto plain = net::Address::parse(text, 0)) return plain;
  const auto parts = http::split_authority(text);
  auto host = parts.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return net::Address::parse(host, parts.port);
}

// Of a comma-separated list: the last address, or with `recursive` the last that is not trusted.
std::optional<net::Address> client_of_list(const Runtime& runtime, std::string_view list,
                                           bool recursive) {
  std::optional<net::Address> found;
  const auto elements = split(list, ',');
  for (auto it = elements.rbegin(); it != elements.rend(); ++it) {
    const auto address = parse_client(*it);
    if (!address) break;
    found = address;
    if (!recursive || !runtime.trusts(*address)) break;
  }
  return found;
}

// All values of a field as one list.
std::string_view joined(Arena& arena, const http::Fields& fields, HeaderId id) {
  std::string_view out = fields.get(id);
  if (!fields.repeated(id)) return out;
  const http::Field* first = fields.find(id);
  for (const http::Field* f = first + 1; f != fields.end(); ++f)
    if (f->id == id && !f->removed()) out = join(arena, out, ", ", f->value());
  return out;
}

void trust_peer(Exchange& x) {
  auto& facts = x.seen.facts;
  const auto& fields = x.request.fields;
  facts.flags |= GW_F_PEER_TRUSTED;
  if (const auto proto = fields.get(HeaderId::x_forwarded_proto); !proto.empty())
    facts.forwarded_scheme = proto;
  if (const auto host = fields.get(HeaderId::x_forwarded_host); !host.empty())
    facts.forwarded_host = host;
  if (const auto port = to_u64(fields.get(HeaderId::x_forwarded_port));
      port && *port > 0 && *port < 65536)
    facts.forwarded_port = std::uint16_t(*port);
  const auto list = joined(x.arena, fields, x.runtime->real_ip_header());
  const auto client = client_of_list(*x.runtime, list, x.runtime->settings().real_ip_recursive);
  if (client) {
    auto* text = x.arena.array<char>(net::Address::k_text);
    facts.client_ip = {text, client->format_ip(text)};
  }
}

// The part of the path that strip_path takes away, without a slash at its end.
std::string_view stripped_prefix(const Exchange& x) {
  if (!x.route->strip_path || x.match.matched == 0) return {};
  auto prefix = x.seen.facts.path.substr(0, x.match.matched);
  return prefix == "/" ? std::string_view{} : prefix;
}

// What the client and plugins said of these until the gateway spoke.
void keep(Exchange& x, HeaderId id) {
  const auto& fields = x.request.fields;
  if (!fields.has(id)) return;
  auto* kept = x.arena.array<Overruled>(1);
  *kept = {x.overruled, id, joined(x.arena, fields, id)};
  x.overruled = kept;
}

void say(Exchange& x, HeaderId id, std::string_view value) {
  keep(x, id);
  x.request.fields.set(id, value);
}

void add_forwarded(Exchange& x) {
  auto& fields = x.request.fields;
  const auto& facts = x.seen.facts;
  const bool trusted = (facts.flags & GW_F_PEER_TRUSTED) != 0;
  const auto before = joined(x.arena, fields, HeaderId::x_forwarded_for);
  say(x, HeaderId::x_forwarded_for,
      before.empty() ? facts.peer_ip : join(x.arena, before, ", ", facts.peer_ip));
  say(x, HeaderId::x_real_ip, facts.client_ip);
  say(x, HeaderId::x_forwarded_proto, facts.forwarded_scheme);
  say(x, HeaderId::x_forwarded_host, facts.forwarded_host);
  say(x, HeaderId::x_forwarded_port, number(x.arena, facts.forwarded_port));
  keep(x, HeaderId::x_forwarded_path);
  if (!trusted || !fields.has(HeaderId::x_forwarded_path)) {
    const auto target = facts.raw_target;
    fields.set(HeaderId::x_forwarded_path, target.substr(0, target.find('?')));
  }
  keep(x, HeaderId::x_forwarded_prefix);
  if (!trusted || !fields.has(HeaderId::x_forwarded_prefix)) {
    const auto prefix = stripped_prefix(x);
    if (prefix.empty())
      fields.remove(HeaderId::x_forwarded_prefix);
    else
      fields.set(HeaderId::x_forwarded_prefix, prefix);
  }
}

void append_via(Arena& arena, http::Fields& fields, std::uint8_t minor) {
  const std::string_view own = minor == 0 ? "1.0 gatewright" : "1.1 gatewright";
  const auto before = joined(arena, fields, HeaderId::via);
  fields.set(HeaderId::via, before.empty() ? own : join(arena, before, ", ", own));
}

std::string_view ms(Arena& arena, std::int64_t ns) {
  return number(arena, ns > 0 ? std::uint64_t(ns) / 1000000 : 0);
}

void add_latencies(Exchange& x) {
  const auto& tokens = x.runtime->settings().headers;
  const auto& facts = x.seen.facts;
  auto& fields = x.response.fields;
  if ((facts.flags & GW_F_LOCAL_REPLY) != 0) {
    if (tokens.response_latency)
      fields.set(HeaderId::x_kong_response_latency, ms(x.arena, std::int64_t(x.elapsed_ns())));
    return;
  }
  if (tokens.upstream_latency)
    fields.set(HeaderId::x_kong_upstream_latency,
               ms(x.arena, facts.ns_upstream_head - facts.ns_upstream_sent));
  if (tokens.proxy_latency)
    fields.set(HeaderId::x_kong_proxy_latency, ms(x.arena, facts.ns_upstream_sent));
}

void remove_certificate_headers(const Exchange& x, http::Fields& fields) {
  const auto& headers = x.runtime->certificate_headers();
  if (headers.pem == HeaderId::none) return;
  for (const auto id : {headers.pem, headers.subject, headers.fingerprint}) fields.remove(id);
}

void add_certificate_headers(Exchange& x) {
  const auto& headers = x.runtime->certificate_headers();
  const auto* known = x.seen.facts.client_certificate;
  if (headers.pem == HeaderId::none || known == nullptr) return;
  x.request.fields.set(headers.pem, known->escaped);
  x.request.fields.set(headers.subject, known->subject);
  x.request.fields.set(headers.fingerprint, known->fingerprint);
}

}  // namespace

void find_client(Exchange& x) {
  auto& facts = x.seen.facts;
  const http::ClientFacts client = x.stream->client();
  facts.peer_ip = facts.client_ip = x.arena.copy(client.peer_ip);
  facts.peer_port = client.peer.port();
  facts.connection_serial = client.serial;
  facts.connection_requests = client.requests;
  facts.server_port = client.server_port;
  if (client.tls != nullptr) {
    facts.scheme = "https";
    facts.flags |= GW_F_TLS;
  }
  facts.forwarded_scheme = facts.scheme;
  facts.forwarded_host = http::split_authority(x.request.host).host;
  facts.forwarded_port = x.runtime->mapped_port(facts.server_port);
  if (x.runtime->trusts(client.peer)) trust_peer(x);
  remove_certificate_headers(x, x.request.fields);
  if (const auto* rule = x.runtime->client_rule(x.runtime->client_rule_of_all()))
    find_certificate(x, rule);
}

std::optional<Failure> find_certificate(Exchange& x, const ClientRule* rule) {
  auto& facts = x.seen.facts;
  facts.client_certificate = nullptr;
  if (rule == nullptr) return {};
  const auto* tls = x.stream->client().tls;
  const auto shown = tls != nullptr ? tls->peer() : nullptr;
  if (!shown) {
    if (!rule->required) return {};
    // One that was opened before certificates mattered: the client may show its own on the next.
    if (tls != nullptr && !tls->asked()) x.request.keep_alive = false;
    return Failure{403, "client_certificate_required", "No required TLS certificate was sent",
                   true};
  }
  const std::string_view fault = tls->peer_fault(rule->verifier);
  if (fault.empty()) {
    x.client_certificate = shown;
    facts.client_certificate = shown.get();
    return {};
  }
  if (!rule->required) return {};
  return Failure{403, "client_certificate_refused", "TLS certificate failed verification", true,
                 fault};
}

Go count_forward(Exchange& x) {
  auto& fields = x.request.fields;
  if (!fields.has(HeaderId::max_forwards)) return Go::next;
  const auto left = to_u64(fields.get(HeaderId::max_forwards));
  if (!left || fields.repeated(HeaderId::max_forwards))
    return x.fail({400, "bad_max_forwards", "Max-Forwards is not one number", true});
  if (*left > 0) {
    fields.set(HeaderId::max_forwards, number(x.arena, *left - 1));
    return Go::next;
  }
  plugin::Reply reply;
  reply.status = 200;
  reply.flags = GW_NO_BODY;
  x.make_reply(reply);
  x.step = Step::header_filter;
  return Go::next;
}

void prepare_upstream_request(Exchange& x) {
  auto& facts = x.seen.facts;
  auto& fields = x.request.fields;
  http::remove_connection_named(fields);
  const routing::UpstreamPathRule rule{facts.service->path, x.route->strip_path,
                                       x.route->path_handling_v1};
  if (facts.upstream_path.data() == nullptr)
    facts.upstream_path = routing::upstream_path(rule, facts.path, x.match.matched, x.arena);
  add_forwarded(x);
  add_certificate_headers(x);
  keep(x, HeaderId::via);
  append_via(x.arena, fields, x.request.minor);
  if (x.runtime->settings().headers.request_id_upstream)
    say(x, HeaderId::x_kong_request_id, facts.request_id);
}

void withdraw_own_fields(Exchange& x) {
  auto& fields = x.request.fields;
  const bool tells_id = x.runtime->settings().headers.request_id_upstream;
  static_assert(HeaderId::x_forwarded_for < HeaderId::x_real_ip);  // the X-Forwarded-* between them
  fields.remove_if([tells_id](HeaderId id) {
    return (id >= HeaderId::x_forwarded_for && id <= HeaderId::x_real_ip) || id == HeaderId::via ||
           (id == HeaderId::x_kong_request_id && tells_id);
  });
  remove_certificate_headers(x, fields);
  for (const auto* kept = x.overruled; kept != nullptr; kept = kept->next)
    fields.set(kept->id, kept->value);
}

// Whoever merges them into the head must not believe a client either.
const http::Fields* trailers_for_upstream(Exchange& x) {
  http::Fields* trailers = x.stream->request_trailers();
  if (trailers != nullptr) remove_certificate_headers(x, *trailers);
  return trailers;
}

std::string_view upstream_host(Exchange& x, const upstream::Peer& peer) {
  const auto& facts = x.seen.facts;
  if (facts.upstream_host_set) return facts.upstream_host;
  if (x.route->preserve_host && !x.request.host.empty()) return x.request.host;
  if (!x.targets->fixed_host.empty()) return x.targets->fixed_host;
  const auto* policy = x.targets->balancer->policy();
  const bool by_srv = policy != nullptr && policy->use_srv_name && !peer.srv_name.empty();
  const std::string_view name = by_srv ? std::string_view(peer.srv_name) : peer.target->host;
  const bool v6 = name.find(':') != std::string_view::npos;
  const auto host = v6 ? join(x.arena, "[", name, "]") : name;
  const std::uint16_t port = by_srv ? peer.address.port() : peer.target->port;
  const std::uint16_t usual = x.service->tls ? 443 : 80;
  return port == usual ? host : join(x.arena, host, ":", number(x.arena, port));
}

void prepare_answer(Exchange& x) {
  const auto& tokens = x.runtime->settings().headers;
  const bool local = (x.seen.facts.flags & GW_F_LOCAL_REPLY) != 0;
  auto& fields = x.response.fields;
  http::remove_connection_named(fields);
  if (local && tokens.server) fields.set(HeaderId::server, "gatewright");
  if (!local && tokens.via) append_via(x.arena, fields, x.response.minor);
  if (!local && tokens.upstream_status)
    fields.set(HeaderId::x_kong_upstream_status, number(x.arena, std::uint64_t(x.response.status)));
  add_latencies(x);
  if (!x.new_cookie.empty())
    fields.add(HeaderId::set_cookie, set_cookie(x, *x.targets->balancer->policy()));
  if (tokens.request_id) fields.set(HeaderId::x_kong_request_id, x.seen.facts.request_id);
}

}  // namespace gw::proxy
