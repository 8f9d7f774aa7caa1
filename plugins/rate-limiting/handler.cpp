// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "config.hpp"
#include "counters.hpp"
#include "headers.hpp"
#include "rate-limiting_schema.h"

namespace rate_limiting {
namespace {

constexpr std::uint64_t k_store_bytes = 16 << 20;
constexpr std::uint64_t k_ns_per_second = 1'000'000'000;
constexpr std::uint64_t k_warn_every_ns = 60 * k_ns_per_second;

Hash scope_of(const gw::config& source) {
  const gw_instance_args& args = source.args();
  return hash_of_scope(gw::to_view(args.route_id), gw::to_view(args.service_id));
}

std::vector<std::string> refusal_texts(const Config& config) {
  std::vector<std::string> texts;
  for (const auto& [period, limit] : config.limits) {
    texts.push_back(
        gw::join("the limit of ", std::to_string(limit), " per ", name_of(period), " is used up"));
  }
  return texts;
}

}  // namespace

struct Handler {
  static constexpr auto name = "rate-limiting";
  static constexpr auto version = "1.0.0";
  static constexpr auto schema = gw_schema;
  static constexpr int priority = 910;

  using request_state = Report;

  struct worker_state {
    worker_state(gw::worker, const Handler& handler)
        : windows(handler.scope_, handler.config_.limits) {}
    Windows windows;
    std::uint64_t warned_ns = 0;
  };

  explicit Handler(const gw::config& source)
      : config_(source),
        scope_(scope_of(source)),
        counters_(std::make_unique<LocalCounters>(source.store(name, k_store_bytes))),
        headers_(source, config_.limits),
        texts_(refusal_texts(config_)),
        identity_slot_(source.slot<gw_identity>(GW_SLOT_CONSUMER)) {}

  gw::action on_request(gw::request r) const {
    auto& worker = r.worker_state<worker_state>();
    const auto now = std::int64_t(r.host().unix_ns() / k_ns_per_second);
    worker.windows.move_to(now);
    Usage usage;
    const Outcome outcome = counters_->take(worker.windows, identity_of(r), now, usage);
    if (outcome == Outcome::failed) return without_store(r, worker);
    const bool refused = outcome == Outcome::refused;
    if (!config_.hide_client_headers) {
      r.state<Report>() = make_report(worker.windows, usage, refused, now);
    }
    if (refused) return refuse(r, usage.refused_by);
    r.decide(GW_ALLOW, "within_limit");
    return gw::next;
  }

  void on_response(gw::request r) const {
    const Report& report = r.state<Report>();
    if (report.windows != 0) headers_.write(report, r.response());
  }

 private:
  // What is asked for, or else the client's address; without a consumer its credential serves.
  Identity identity_of(gw::request r) const {
    Identity found{config_.limit_by, {}};
    switch (config_.limit_by) {
      case IdentityKind::consumer:
      case IdentityKind::credential:
        found = authenticated(r.get(identity_slot_));
        break;
      case IdentityKind::service:
        found.text = r.get(GW_SERVICE_ID);
        break;
      case IdentityKind::header:
        found.text = r.header(config_.header);
        break;
      case IdentityKind::path:
        if (r.path() == config_.path) found.text = config_.path;
        break;
      case IdentityKind::ip:
        break;
    }
    if (!found.text.empty()) return found;
    return {IdentityKind::ip, r.client_ip()};
  }

  Identity authenticated(const gw_identity* identity) const {
    if (identity == nullptr) return {};
    if (config_.limit_by == IdentityKind::consumer && identity->consumer != nullptr) {
      return {IdentityKind::consumer, gw::to_view(identity->consumer->id)};
    }
    return {IdentityKind::credential, gw::to_view(identity->credential_id)};
  }

  gw::action refuse(gw::request r, std::uint32_t window) const {
    r.decide(GW_LIMIT, "rate_limited", name_of(config_.limits[window].first), texts_[window]);
    return r.respond(
        gw::reply(config_.error_code).code("rate_limited").message(config_.error_message));
  }

  gw::action without_store(gw::request r, worker_state& worker) const {
    const std::uint64_t now = r.host().mono_ns();
    if (worker.warned_ns == 0 || now - worker.warned_ns >= k_warn_every_ns) {
      worker.warned_ns = now;
      r.log(GW_LOG_WARN, config_.fault_tolerant
                             ? "the store of counts is not usable: requests pass without a limit"
                             : "the store of counts is not usable: requests are refused");
    }
    if (config_.fault_tolerant) {
      r.decide(GW_SKIP, "counters_unavailable", "fault_tolerant");
      return gw::next;
    }
    r.decide(GW_DENY, "counters_unavailable", "fault_tolerant");
    return r.respond(gw::reply(500).code("counters_unavailable"));
  }

  Config config_;
  Hash scope_;
  std::unique_ptr<const Counters> counters_;
  Headers headers_;
  std::vector<std::string> texts_;
  gw::slot<gw_identity> identity_slot_;
};

}  // namespace rate_limiting

GW_PLUGIN(rate_limiting::Handler)
