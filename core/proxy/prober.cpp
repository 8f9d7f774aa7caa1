// SPDX-License-Identifier: Apache-2.0
#include "proxy/prober.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/client_connection.hpp"

namespace gw::proxy {

using config::CheckType;

// The probes of one upstream.
class Prober::Rounds {
 public:
  Rounds(Prober& prober, std::shared_ptr<Runtime> runtime, config::Index upstream)
      : prober(prober),
        runtime(std::move(runtime)),
        entity(this->runtime->snapshot().entities.upstreams[upstream]),
        check(entity.healthchecks.active),
        balancer(this->runtime->balancer(upstream)),
        tls(this->runtime->probe_context(upstream)),
        deadline_([](void* self) { static_cast<Rounds*>(self)->run(); }, this) {
    deadline_.set(prober.loop_.deadlines(), 0);
  }

  bool is_http() const { return check.type == CheckType::http || check.type == CheckType::https; }
  void forget(Probe& probe);

  Prober& prober;
  std::shared_ptr<Runtime> runtime;
  const config::Upstream& entity;
  const config::ActiveCheck& check;
  upstream::Balancer& balancer;
  net::TlsClientContext* tls;  // null: probes are plain
  std::vector<std::unique_ptr<Probe>> probes;

 private:
  static constexpr std::uint64_t k_soonest = 20, k_latest = 1000;  // ms

  void run();
  std::uint64_t interval_of(const upstream::Peer& peer) const;

  net::Deadline deadline_;
};

class Prober::Probe final : private http::UpstreamUser {
 public:
  Probe(Rounds& rounds, upstream::Peer& peer)
      : rounds_(rounds),
        peer_(peer),
        arena_(rounds.prober.loop_.blocks()),
        request_(arena_),
        response_(arena_),
        deadline_([](void* self) { static_cast<Probe*>(self)->end(upstream::Sign::timeout); },
                  this) {
    rounds_.balancer.hold(peer_);
  }
  ~Probe() {
    if (connection_ != nullptr) connection_->close();
    rounds_.balancer.release(peer_);
  }

  void start() {
    deadline_.set(rounds_.prober.loop_.deadlines(), rounds_.check.timeout);
    http::ClientLimits limits;  // beyond the probe's own
    limits.connect_timeout = limits.read_timeout = limits.write_timeout = 2 * rounds_.check.timeout;
    http::Destination destination{peer_.way()};
    destination.alternative = peer_.other_way();
    destination.tls = rounds_.tls;
    if (rounds_.tls != nullptr)
      destination.server_name =
          rounds_.check.sni.empty() ? peer_.target->host : std::string_view(rounds_.check.sni);
    connection_ =
        new http::ClientConnection(rounds_.prober.loop_, rounds_.prober.buffer_, destination);
    connection_->connect(*this, limits);
  }

 private:
  void on_upstream_connected() override {
    peer_.note_way(connection_->destination().address);
    if (!rounds_.is_http()) return end(upstream::Sign::success);
    request_.method = http::Method::get;
    request_.fields.add(http::HeaderId::user_agent, k_agent);
    for (const auto& header : rounds_.check.headers)
      for (const auto& value : header.values)
        request_.fields.add(http::find_header(header.name), header.name, value);
    connection_->send_request({"GET", rounds_.check.path, {}, host()}, request_, response_, arena_,
                              {}, true);
  }
  void on_upstream_informational() override {}
  void on_upstream_head(std::string_view, bool) override {
    end(upstream::sign_of(response_.status, rounds_.check));
  }
  void on_upstream_body(std::string_view, bool) override {}
  void on_upstream_writable() override {}
  void on_upstream_failed(http::UpstreamFailure) override {
    connection_ = nullptr;
    end(upstream::Sign::tcp_failure);
  }

  // The writer takes it apart from the other fields.
  std::string_view host() {
    for (const auto& header : rounds_.check.headers)
      if (iequals(header.name, "host") && !header.values.empty()) return header.values.front();
    if (!rounds_.entity.host_header.empty()) return rounds_.entity.host_header;
    const auto& target = *peer_.target;
    const bool v6 = target.host.find(':') != std::string_view::npos;
    return arena_.copy(cat(v6 ? "[" : "", target.host, v6 ? "]:" : ":", target.port));
  }

  void end(upstream::Sign sign) {
    deadline_.clear();
    if (connection_ != nullptr) connection_->close();
    connection_ = nullptr;
    rounds_.balancer.on_probe(peer_, sign);
    rounds_.forget(*this);
  }

  static constexpr std::string_view k_agent = "gatewright (health check)";
  Rounds& rounds_;
  upstream::Peer& peer_;
  Arena arena_;
  http::RequestHead request_;
  http::ResponseHead response_;
  http::ClientConnection* connection_ = nullptr;
  net::Deadline deadline_;
};

std::uint64_t Prober::Rounds::interval_of(const upstream::Peer& peer) const {
  const bool healthy = upstream::health_of(*peer.health) == upstream::Health::healthy;
  return healthy ? check.healthy_interval : check.unhealthy_interval;
}

void Prober::Rounds::run() {
  balancer.update();
  const std::uint64_t now = balancer.now_ms();
  std::uint64_t next = now + k_latest;
  for (upstream::Peer* peer : balancer.peers()) {
    if (peer->weight == 0 || peer->health == nullptr) continue;
    const std::uint64_t interval = interval_of(*peer);
    if (interval == 0) continue;
    std::uint64_t due = peer->health->probe_due_ms.load(std::memory_order_relaxed);
    // A time far ahead is of a longer interval, before it changed sides or the configuration.
    if (due <= now || due > now + interval) {
      if (probes.size() >= check.concurrency) continue;
      if (!peer->health->probe_due_ms.compare_exchange_strong(due, now + interval)) continue;
      due = now + interval;
      probes.push_back(std::make_unique<Probe>(*this, *peer));
      probes.back()->start();
    }
    next = std::min(next, due);
  }
  deadline_.set(prober.loop_.deadlines(), std::max(next - now, k_soonest));
}

// It is on the stack: it is destroyed when the next one ends.
void Prober::Rounds::forget(Probe& probe) {
  const auto at = std::find_if(probes.begin(), probes.end(),
                               [&](const auto& one) { return one.get() == &probe; });
  prober.ended_ = std::move(*at);
  probes.erase(at);
}

Prober::Prober(net::Loop& loop, http::WriteBuffer& buffer) : loop_(loop), buffer_(buffer) {}

Prober::~Prober() { ended_.reset(); }

void Prober::watch(std::shared_ptr<Runtime> runtime) {
  ended_.reset();
  rounds_.clear();
  if (!runtime) return;
  const auto& upstreams = runtime->snapshot().entities.upstreams;
  for (config::Index i = 0; i < upstreams.size(); ++i)
    if (upstreams[i].healthchecks.active.probes())
      rounds_.push_back(std::make_unique<Rounds>(*this, runtime, i));
}

}  // namespace gw::proxy
