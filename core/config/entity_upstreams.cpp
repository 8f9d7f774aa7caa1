// SPDX-License-Identifier: Apache-2.0
// Upstreams and targets of EntityReader; how targets are watched is in entity_healthchecks.cpp.
#include <array>

#include "base/text.hpp"
#include "config/entity_healthchecks.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::array<std::string_view, 4> k_algorithms{"round-robin", "consistent-hashing",
                                                       "least-connections", "latency"};
constexpr std::array<std::string_view, 8> k_hash_inputs{
    "none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture"};

template <class Words>
std::vector<std::string_view> listed(const Words& words) {
  return {words.begin(), words.end()};
}

template <class Enum, class Words>
void read_word(ObjectReader& reader, std::string_view field, const Words& words, Enum& into) {
  std::string word;
  reader.choice(field, word, listed(words));
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) into = Enum(i);
}

// The fields of one of the pair, by input; empty: that input needs no name. There is one cookie for
// both.
struct HashFields {
  std::string_view word;
  std::array<std::string_view, k_hash_inputs.size()> names;
};
constexpr HashFields k_hash_on{"hash_on",
                               {"", "", "", "hash_on_header", "hash_on_cookie", "",
                                "hash_on_query_arg", "hash_on_uri_capture"}};
constexpr HashFields k_hash_fallback{"hash_fallback",
                                     {"", "", "", "hash_fallback_header", "hash_on_cookie", "",
                                      "hash_fallback_query_arg", "hash_fallback_uri_capture"}};

void read_hash(ObjectReader& reader, const HashFields& fields, HashOn& into) {
  read_word(reader, fields.word, k_hash_inputs, into.input);
  for (std::size_t i = 0; i < fields.names.size(); ++i) {
    const auto name = fields.names[i], other = k_hash_on.names[i];
    const bool shared = name == other && fields.word != k_hash_on.word;
    if (name.empty() || (shared && HashInput(i) != into.input)) continue;
    std::string text;
    const bool token = HashInput(i) == HashInput::header || HashInput(i) == HashInput::cookie;
    reader.string(name, text, token ? rules::header_name : nullptr);
    if (HashInput(i) != into.input) continue;
    if (!reader.has(name))
      reader.error(cat(fields.word, " is ", to_text(into.input), ", expected ", name, " with it"));
    into.name = text;
  }
}

// What Kong calls a conflict, and two that it settles silently.
void check_hashing(ObjectReader& reader, const Upstream& upstream) {
  const HashOn &on = upstream.hash_on, &fallback = upstream.hash_fallback;
  const Value* algorithm = reader.value().find("algorithm");
  if (on.input != HashInput::none && upstream.algorithm != Algorithm::consistent_hashing)
    reader.error(
        *algorithm, "algorithm",
        cat("is ", to_text(upstream.algorithm), " although hash_on is ", to_text(on.input)),
        "\"consistent-hashing\", or remove hash_on");
  if (fallback.input == HashInput::none) return;
  const Value& at = *reader.value().find("hash_fallback");
  if (on.input == HashInput::none || on.input == HashInput::cookie)
    return reader.error(at, "hash_fallback",
                        cat("is never reached when hash_on is ", to_text(on.input)), "remove it");
  if (on.input == fallback.input && on.name == fallback.name)
    reader.error(at, "hash_fallback", "is the same as hash_on", "remove it");
}

}  // namespace

std::string_view to_text(Algorithm algorithm) { return k_algorithms[std::size_t(algorithm)]; }
std::string_view to_text(HashInput input) { return k_hash_inputs[std::size_t(input)]; }

void EntityReader::read_hashing(ObjectReader& reader, Upstream& upstream) {
  read_hash(reader, k_hash_on, upstream.hash_on);
  read_hash(reader, k_hash_fallback, upstream.hash_fallback);
  const bool hashes = upstream.hash_on.input != HashInput::none;
  if (hashes) upstream.algorithm = Algorithm::consistent_hashing;  // as Kong, if it is not said
  read_word(reader, "algorithm", k_algorithms, upstream.algorithm);
  check_hashing(reader, upstream);
  reader.string("hash_on_cookie_path", upstream.hash_cookie_path, rules::path);
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
  read_hashing(reader, upstream);
  reader.integer("slots", upstream.slots, 10, 65536);
  reader.string("host_header", upstream.host_header, rules::host_and_port);
  upstream_certificates_.push_back(reference(reader, "client_certificate", k_none, ""));
  reader.boolean("use_srv_name", upstream.use_srv_name);
  read_healthchecks(reader, upstream.healthchecks);
  read_upstream_gateway(reader, upstream);
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
