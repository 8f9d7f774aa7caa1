// SPDX-License-Identifier: Apache-2.0
// Kong's entities as they stand in a snapshot: checked, defaults filled, references resolved to
// indices. Immutable once the snapshot is made. Times are milliseconds where Kong's are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/balancing.hpp"
#include "config/value.hpp"

namespace gw::config {

using Index = std::uint32_t;
inline constexpr Index k_none = 0xFFFFFFFF;

struct Entity {
  std::string id;  // uuid; deterministic when the file gives none
  std::vector<std::string> tags;
  std::int64_t created_at = 0;  // seconds since 1970; 0: not given
  std::int64_t updated_at = 0;
  Location where;
  std::string place;  // in the document: "services[0].routes[1]"
};

enum class Protocol : std::uint8_t { http, https };

// What is asked of clients' certificates.
struct ClientCheck {
  std::vector<Index> ca_certificates;  // at least one
  int depth = 1;                       // intermediate certificates
  bool required = true;
};

struct Service : Entity {
  std::string name;  // empty: none
  Protocol protocol = Protocol::http;
  std::string host;
  std::uint16_t port = 80;
  std::string path;  // empty: none
  std::uint32_t retries = 5;
  std::uint32_t connect_timeout = 60000;  // ms
  std::uint32_t write_timeout = 60000;    // ms, between two writes
  std::uint32_t read_timeout = 60000;     // ms, between two reads
  bool enabled = true;
  Index upstream = k_none;  // the upstream entity that host names
  // TLS to its targets.
  std::optional<bool> tls_verify;  // nothing: as the settings say
  std::optional<int> tls_verify_depth;
  std::vector<Index> ca_certificates;  // empty: as the settings say
  Index client_certificate = k_none;
  std::optional<ClientCheck> verify_client;  // of its routes that say nothing
};

struct HeaderMatch {
  std::string name;  // as written; compared without case
  std::vector<std::string> values;
};

struct Route : Entity {
  std::string name;  // empty: none
  std::vector<std::string> methods;
  std::vector<std::string> hosts;
  std::vector<std::string>
      paths;  // format 3.0: "/prefix" or "~regex" (older formats are converted)
  std::vector<Location> path_places;  // of paths, for diagnostics
  std::vector<HeaderMatch> headers;
  std::vector<std::string> snis;
  std::int64_t regex_priority = 0;
  // What requests look at stands together, so that one of many routes costs one cache line.
  bool http = true;  // of `protocols`
  bool https = true;
  bool strip_path = true;
  bool preserve_host = false;
  bool path_handling_v1 = false;
  bool request_buffering = true;
  bool response_buffering = true;
  std::uint8_t kept_path_traits = 0;  // otherwise than the settings say: bits of PathTrait
  std::uint8_t refused_path_traits = 0;
  std::uint16_t https_redirect_status_code = 426;
  Index service = k_none;
  std::optional<ClientCheck> verify_client;  // nothing: as its service says
};

struct Target : Entity {
  std::string host;  // name or address, IPv6 without brackets
  std::uint16_t port = 8000;
  std::uint32_t weight = 100;
};

struct Upstream : Entity {
  std::string name;
  std::string host_header;    // empty: none
  bool use_srv_name = false;  // targets are asked for by the names in their SRV records
  Algorithm algorithm = Algorithm::round_robin;
  HashOn hash_on, hash_fallback;
  std::string hash_cookie_path = "/";
  std::uint32_t slots = 10000;  // least points of a hash ring
  Healthchecks healthchecks;
  Ejection ejection;
  UpstreamLimits limits;
  RetryBudget retry_budget;
  std::uint64_t slow_start = 0;   // ms in which a target that has come back gets its full share
  std::uint64_t try_timeout = 0;  // ms from a target's choice to its answer's head; 0: none
  std::vector<Target> targets;
  Index client_certificate = k_none;  // unless the service has one
};

// PEM. The *_alt are of another kind of key, and empty when there is none.
struct Certificate : Entity {
  std::string cert, key, cert_alt, key_alt;
  std::string ocsp;  // response for cert, DER as base64; empty: none
};

struct Sni : Entity {
  std::string name;  // may have a wildcard label at one end
  Index certificate = k_none;
};

struct CaCertificate : Entity {
  std::string cert;  // PEM
};

struct Consumer : Entity {
  std::string username;   // empty: none
  std::string custom_id;  // empty: none
};

// One entry of a credential collection; the collection belongs to a plugin, which knows its fields.
struct Credential : Entity {
  Index consumer = k_none;
  Value fields;  // without id, consumer, tags, created_at
};

struct PluginEntry : Entity {
  std::string name;
  std::string instance_name;  // empty: none
  bool enabled = true;
  bool http = true;  // of `protocols`
  bool https = true;
  bool fails_open = false;  // a request goes on without it when it fails
  Index service = k_none;
  Index route = k_none;
  Index consumer = k_none;
  Value config;  // object; not yet checked against the plugin's schema
};

struct Entities {
  std::vector<Service> services;
  std::vector<Route> routes;  // in file order
  std::vector<Upstream> upstreams;
  std::vector<Certificate> certificates;
  std::vector<Sni> snis;
  std::vector<CaCertificate> ca_certificates;
  std::vector<Consumer> consumers;
  std::vector<PluginEntry> plugins;
  // By collection name ("keyauth_credentials"). A name that no loaded plugin owns is refused by the
  // plugin registry.
  std::map<std::string, std::vector<Credential>> credentials;
  bool transform = true;  // `_transform`; false: passwords in the file are hashed already
};

}  // namespace gw::config
