// SPDX-License-Identifier: Apache-2.0
// Upstreams and targets of EntityReader. What balances or probes in other ways than this version
// can is checked like everything else, then refused unless it has the value that changes nothing.
#include "base/text.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::int64_t k_most_seconds = 65535;

// One side of a check: statuses and counters. A counter above zero would take targets out.
void read_counters(ObjectReader& reader, std::initializer_list<const char*> counters) {
  reader.integers("http_statuses", 100, 999);
  for (const auto name : counters) {
    int count = 0;
    reader.integer(name, count, 0, 255);
    if (count > 0) reader.later(name, "counting successes and failures of targets", "0");
  }
}

void read_interval(ObjectReader& reader) {
  double interval = 0;
  reader.number("interval", interval, 0, k_most_seconds);
  if (interval > 0) reader.later("interval", "probing targets", "0");
}

void read_check_type(ObjectReader& reader) {
  std::string type = "http";
  reader.choice("type", type, {"tcp", "http", "https", "grpc", "grpcs"});
}

void read_active(ObjectReader& active) {
  read_check_type(active);
  double timeout = 1;
  active.number("timeout", timeout, 0, k_most_seconds);
  std::int64_t concurrency = 10;
  active.integer("concurrency", concurrency, 1, std::int64_t(1) << 31);
  std::string text;
  active.string("http_path", text, rules::path);
  active.string("https_sni", text, rules::sni);
  bool verify = true;
  active.boolean("https_verify_certificate", verify);
  active.object("headers", [](ObjectReader& headers) {
    for (const Member& member : headers.value().members) {
      std::vector<std::string> values;
      headers.strings(member.name, values);
    }
  });
  active.object("healthy", [](ObjectReader& healthy) {
    read_interval(healthy);
    read_counters(healthy, {"successes"});
  });
  active.object("unhealthy", [](ObjectReader& unhealthy) {
    read_interval(unhealthy);
    read_counters(unhealthy, {"tcp_failures", "timeouts", "http_failures"});
  });
}

void read_passive(ObjectReader& passive) {
  read_check_type(passive);
  passive.object("healthy", [](ObjectReader& healthy) { read_counters(healthy, {"successes"}); });
  passive.object("unhealthy", [](ObjectReader& unhealthy) {
    read_counters(unhealthy, {"tcp_failures", "timeouts", "http_failures"});
  });
}

// Kong's defaults, which its exports write out, check nothing and are fine.
void read_healthchecks(ObjectReader& checks) {
  double threshold = 0;
  checks.number("threshold", threshold, 0, 100);
  if (threshold > 0) checks.later("threshold", "a least share of healthy targets", "0");
  checks.object("active", read_active);
  checks.object("passive", read_passive);
}

}  // namespace

void EntityReader::read_hashing(ObjectReader& reader) {
  std::string algorithm = "round-robin";
  reader.choice("algorithm", algorithm,
                {"round-robin", "consistent-hashing", "least-connections", "latency"});
  if (algorithm != "round-robin")
    reader.later("algorithm", cat("the algorithm ", algorithm), "\"round-robin\"");
  for (const auto field : {"hash_on", "hash_fallback"}) {
    std::string word = "none";
    reader.choice(
        field, word,
        {"none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture"});
    if (word != "none") reader.later(field, "hashing", "\"none\"");
  }
  reader.later("hash_on_cookie_path", "hashing", "\"/\"");
  for (const auto field :
       {"hash_on_header", "hash_fallback_header", "hash_on_cookie", "hash_on_query_arg",
        "hash_fallback_query_arg", "hash_on_uri_capture", "hash_fallback_uri_capture"})
    reader.later(field, "hashing");
  reader.later("sticky_sessions_cookie", "sticky sessions");
  reader.later("sticky_sessions_cookie_path", "sticky sessions", "\"/\"");
}

void EntityReader::read_upstream(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.upstreams.size());
  Upstream upstream;
  base(reader, upstream);
  reader.string("name", upstream.name, rules::host_name);
  if (!reader.has("name")) reader.error("has no name, expected a host name");
  unique(reader, "name", upstream.name, upstreams_, index, "upstreams");
  read_hashing(reader);
  reader.integer("slots", upstream.slots, 10, 65536);
  reader.string("host_header", upstream.host_header, rules::host_and_port);
  upstream_certificates_.push_back(reference(reader, "client_certificate", k_none, ""));
  reader.later("use_srv_name", "SRV names", "false");
  reader.object("healthchecks", read_healthchecks);
  add_id(upstream, "upstreams", upstream.name, upstreams_, index);
  all_.upstreams.push_back(std::move(upstream));
  reader.each("targets", [&](const Value& v, const Place& p) { read_target(v, p, index); });
  reader.finish();
}

void EntityReader::read_target(const Value& value, const Place& place, Index upstream) {
  ObjectReader reader(value, place, out_);
  Target target;
  base(reader, target);
  std::string text;
  reader.string("target", text, rules::host_and_port);
  if (!reader.has("target")) reader.error("has no target, expected host:port");
  rules::split_target(text, target.host, target.port);
  reader.integer("weight", target.weight, 0, 65535);
  reader.later("failover", "targets for the worst case", "false");
  const Reference owner = reference(reader, "upstream", upstream,
                                    upstream != k_none ? all_.upstreams[upstream].id : "");
  reader.finish();
  add_id(target, "targets", cat(text, ":", owner.key), target_ids_, Index(targets_.size()));
  targets_.push_back({std::move(target), owner});
}

}  // namespace gw::config
