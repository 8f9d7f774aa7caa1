// SPDX-License-Identifier: Apache-2.0
// How an upstream's targets are chosen and watched, as an entity says it. Times are milliseconds.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace gw::config {

enum class Algorithm : std::uint8_t { round_robin, consistent_hashing, least_connections, latency };
std::string_view to_text(Algorithm algorithm);

enum class HashInput : std::uint8_t {
  none,
  consumer,
  ip,
  header,
  cookie,
  path,
  query_arg,
  uri_capture
};
std::string_view to_text(HashInput input);

struct HashOn {
  HashInput input = HashInput::none;
  std::string name;  // of the header, cookie, argument or capture
};

enum class CheckType : std::uint8_t { tcp, http, https, grpc, grpcs };
std::string_view to_text(CheckType type);

using Statuses = std::bitset<1000>;

// What counts for and against a target, and how often until it changes sides; 0: never.
struct Check {
  CheckType type = CheckType::http;
  Statuses healthy_statuses;
  Statuses unhealthy_statuses;
  std::uint8_t successes = 0;
  std::uint8_t tcp_failures = 0;
  std::uint8_t timeouts = 0;
  std::uint8_t http_failures = 0;

  bool watches() const {
    return successes > 0 || tcp_failures > 0 || timeouts > 0 || http_failures > 0;
  }
};

struct ProbeHeader {
  std::string name;
  std::vector<std::string> values;
};

struct ActiveCheck : Check {
  std::uint64_t timeout = 1000;
  std::uint32_t concurrency = 10;  // probes of the upstream at once
  std::string path = "/";
  std::string sni;  // empty: the target's host
  bool verify = true;
  std::vector<ProbeHeader> headers;
  std::uint64_t healthy_interval = 0;  // between probes of a healthy target; 0: none
  std::uint64_t unhealthy_interval = 0;

  bool probes() const { return healthy_interval > 0 || unhealthy_interval > 0; }
  bool probes_over_tls() const {
    return probes() && (type == CheckType::https || type == CheckType::grpcs);
  }
};

struct Healthchecks {
  double threshold = 0;  // per cent of all weight that must be more than available
  ActiveCheck active;
  Check passive;
};

// What Kong does not have: a target that fails is left out for a time, and comes back by itself.
struct Ejection {
  std::uint32_t failures = 0;  // one behind the other; 0: not judged
  double success_rate = 0;     // per cent within an interval; 0: not judged
  std::uint32_t volume = 20;   // answers of an interval from which its rate is judged
  std::uint64_t interval = 10000;
  std::uint64_t time = 30000;  // times how often it was ejected
  std::uint64_t most_time = 300000;
  double most = 50;  // per cent of the targets that may be ejected at once

  bool watches() const { return failures > 0 || success_rate > 0; }
};

// Of an upstream in one worker; 0: no limit.
struct UpstreamLimits {
  std::uint32_t connections = 0;  // for each target
  std::uint32_t requests = 0;     // at once
  std::uint32_t pending = 0;      // of these, how many may wait for a connection
};

// Retries may be so many per cent of the running requests, or so many at least. Negative: any.
struct RetryBudget {
  double percent = -1;
  std::uint32_t least = 3;
};

}  // namespace gw::config
