// SPDX-License-Identifier: Apache-2.0
#include "config/entity_healthchecks.hpp"

#include <array>
#include <cmath>

#include "base/text.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

constexpr std::int64_t k_most_seconds = 65535;
constexpr std::array<std::string_view, 5> k_check_types{"tcp", "http", "https", "grpc", "grpcs"};

void read_type(ObjectReader& reader, CheckType& into) {
  std::string word;
  reader.choice("type", word, {k_check_types.begin(), k_check_types.end()});
  for (std::size_t i = 0; i < k_check_types.size(); ++i)
    if (k_check_types[i] == word) into = CheckType(i);
}

void read_statuses(ObjectReader& reader, Statuses& into) {
  std::vector<std::int64_t> given;
  if (!reader.integers("http_statuses", given, 100, 999)) return;
  into.reset();
  for (const auto status : given) into.set(std::size_t(status));
}

void read_seconds(ObjectReader& reader, std::string_view name, std::uint64_t& ms) {
  double seconds = double(ms) / 1000;
  reader.number(name, seconds, 0, k_most_seconds);
  ms = std::uint64_t(std::llround(seconds * 1000));
  if (ms == 0 && seconds > 0) ms = 1;
}

void read_healthy(ObjectReader& reader, Check& into) {
  read_statuses(reader, into.healthy_statuses);
  reader.integer("successes", into.successes, 0, 255);
}

void read_unhealthy(ObjectReader& reader, Check& into) {
  read_statuses(reader, into.unhealthy_statuses);
  reader.integer("tcp_failures", into.tcp_failures, 0, 255);
  reader.integer("timeouts", into.timeouts, 0, 255);
  reader.integer("http_failures", into.http_failures, 0, 255);
}

// What no probe could send as it is given. Host is not among them: it replaces the target's.
bool belongs_to_connection(std::string_view name) {
  for (const auto one : {"connection", "content-length", "transfer-encoding", "te", "upgrade",
                         "keep-alive", "proxy-connection", "http2-settings", "proxy", "expect"})
    if (iequals(name, one)) return true;
  return false;
}

void read_headers(ObjectReader& active, ActiveCheck& into) {
  active.object("headers", [&](ObjectReader& headers) {
    for (const Member& member : headers.value().members) {
      ProbeHeader header{member.name, {}};
      headers.strings(member.name, header.values);
      if (const auto expected = rules::header_name(member.name); !expected.empty())
        headers.error(member.value, member.name, cat("expected a header's name: ", expected));
      if (belongs_to_connection(member.name))
        headers.error(member.value, member.name,
                      "belongs to the connection: the gateway writes it itself", "remove it");
      for (const auto& value : header.values)
        if (value.find_first_of("\r\n") != std::string::npos || value.find('\0') != value.npos)
          headers.error(member.value, member.name, "holds line ends, expected a header's value");
      into.headers.push_back(std::move(header));
    }
  });
}

void read_active(ObjectReader& active, ActiveCheck& into) {
  read_type(active, into.type);
  read_seconds(active, "timeout", into.timeout);
  active.integer("concurrency", into.concurrency, 1, std::int64_t(1) << 31);
  active.string("http_path", into.path, rules::path);
  active.string("https_sni", into.sni, rules::sni);
  active.boolean("https_verify_certificate", into.verify);
  read_headers(active, into);
  active.object("healthy", [&](ObjectReader& healthy) {
    read_seconds(healthy, "interval", into.healthy_interval);
    read_healthy(healthy, into);
  });
  active.object("unhealthy", [&](ObjectReader& unhealthy) {
    read_seconds(unhealthy, "interval", into.unhealthy_interval);
    read_unhealthy(unhealthy, into);
  });
  if (into.probes() && into.timeout == 0)
    active.error(active.value(), "timeout", "is 0, expected some time for an answer");
}

void read_passive(ObjectReader& passive, Check& into) {
  read_type(passive, into.type);
  passive.object("healthy", [&](ObjectReader& healthy) { read_healthy(healthy, into); });
  passive.object("unhealthy", [&](ObjectReader& unhealthy) { read_unhealthy(unhealthy, into); });
}

Statuses statuses_of(std::initializer_list<int> list) {
  Statuses out;
  for (const int status : list) out.set(std::size_t(status));
  return out;
}

// Kong's.
void set_defaults(Healthchecks& checks) {
  checks.active.healthy_statuses = statuses_of({200, 302});
  checks.active.unhealthy_statuses = statuses_of({429, 404, 500, 501, 502, 503, 504, 505});
  checks.passive.healthy_statuses = statuses_of({200, 201, 202, 203, 204, 205, 206, 207, 208, 226,
                                                 300, 301, 302, 303, 304, 305, 306, 307, 308});
  checks.passive.unhealthy_statuses = statuses_of({429, 500, 503});
}

void read_ejection(ObjectReader& reader, Ejection& into) {
  reader.integer("failures", into.failures, 0, 65535);
  reader.number("success_rate", into.success_rate, 0, 100);
  reader.integer("volume", into.volume, 1, 1000000);
  reader.duration("interval", into.interval);
  reader.duration("time", into.time);
  reader.duration("most_time", into.most_time);
  reader.number("most", into.most, 0, 100);
}

}  // namespace

std::string_view to_text(CheckType type) { return k_check_types[std::size_t(type)]; }

void read_healthchecks(ObjectReader& upstream, Healthchecks& into) {
  set_defaults(into);
  upstream.object("healthchecks", [&](ObjectReader& checks) {
    checks.number("threshold", into.threshold, 0, 100);
    checks.object("active", [&](ObjectReader& active) { read_active(active, into.active); });
    checks.object("passive", [&](ObjectReader& passive) { read_passive(passive, into.passive); });
  });
}

void read_upstream_gateway(ObjectReader& reader, Upstream& into) {
  reader.object("gateway", [&](ObjectReader& gateway) {
    gateway.duration("slow_start", into.slow_start);
    gateway.duration("try_timeout", into.try_timeout);
    gateway.object("ejection",
                   [&](ObjectReader& ejection) { read_ejection(ejection, into.ejection); });
    gateway.object("limits", [&](ObjectReader& limits) {
      limits.integer("connections", into.limits.connections, 0, 1 << 20);
      limits.integer("requests", into.limits.requests, 0, 1 << 20);
      limits.integer("pending", into.limits.pending, 0, 1 << 20);
    });
    gateway.object("retry_budget", [&](ObjectReader& budget) {
      into.retry_budget.percent = 20;
      budget.number("percent", into.retry_budget.percent, 0, 100);
      budget.integer("least", into.retry_budget.least, 0, 1 << 20);
    });
  });
}

}  // namespace gw::config
