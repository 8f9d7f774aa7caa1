// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

#include <algorithm>
#include <optional>

namespace rate_limiting {
namespace {

using gw::config_error;

std::vector<std::pair<Period, std::int64_t>> read_limits(const gw::config& source) {
  std::vector<std::pair<Period, std::int64_t>> limits;
  for (std::size_t i = 0; i < k_periods; ++i) {
    const std::string name(k_period_names[i]);
    if (source.has(name)) limits.emplace_back(Period(i), source.i64(name));
  }
  if (limits.empty()) {
    throw config_error("at least one of second, minute, hour, day, month and year is needed");
  }
  for (std::size_t i = 1; i < limits.size(); ++i) {
    const auto& [smaller, before] = limits[i - 1];
    const auto& [larger, limit] = limits[i];
    if (limit >= before) continue;
    throw config_error(gw::join("/", name_of(larger)),
                       gw::join("the limit per ", name_of(larger), " (", std::to_string(limit),
                                ") is lower than the limit per ", name_of(smaller), " (",
                                std::to_string(before), ") and would make it pointless"));
  }
  return limits;
}

void check_policy(const gw::config& source) {
  const std::string policy = source.str("policy");
  if (policy == "redis") {
    throw config_error("/policy",
                       "redis comes with a later version; use local, which counts exactly over "
                       "all workers of one gateway");
  }
  if (policy == "cluster") {
    throw config_error("/policy",
                       "cluster needs a database, which Gatewright has none of; use local");
  }
  if (source.f64("sync_rate", -1) != -1) {
    throw config_error("/sync_rate", "is for the policy redis only; local always counts at once");
  }
}

IdentityKind kind_of(std::string_view limit_by) {
  static constexpr std::pair<std::string_view, IdentityKind> k_kinds[] = {
      {"consumer", IdentityKind::consumer},
      {"credential", IdentityKind::credential},
      {"ip", IdentityKind::ip},
      {"service", IdentityKind::service},
      {"header", IdentityKind::header},
      {"path", IdentityKind::path}};
  const auto* found = std::find_if(std::begin(k_kinds), std::end(k_kinds),
                                   [=](const auto& kind) { return kind.first == limit_by; });
  return found == std::end(k_kinds) ? IdentityKind::consumer : found->second;
}

}  // namespace

Config::Config(const gw::config& source) : limits(read_limits(source)) {
  check_policy(source);
  limit_by = kind_of(source.str("limit_by"));
  if (source.has("header_name")) header = source.header_id(source.str("header_name"));
  path = source.str("path");
  if (limit_by == IdentityKind::header && header == 0) {
    throw config_error("/header_name", "is needed with limit_by: header");
  }
  if (limit_by == IdentityKind::path && path.empty()) {
    throw config_error("/path", "is needed with limit_by: path");
  }
  if (!path.empty() && path.front() != '/') {
    throw config_error("/path", gw::join("got \"", path, "\", expected a path that begins with /"));
  }
  hide_client_headers = source.boolean("hide_client_headers");
  fault_tolerant = source.boolean("fault_tolerant", true);
  error_code = int(source.i64("error_code", 429));
  error_message = source.str("error_message");
}

}  // namespace rate_limiting
