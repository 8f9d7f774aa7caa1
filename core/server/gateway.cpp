// SPDX-License-Identifier: Apache-2.0
#include "server/gateway.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "admin/admin_side.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/mailbox.hpp"
#include "plugin/host.hpp"
#include "proxy/http_calls.hpp"
#include "shared/metrics.hpp"
#include "shared/worker_board.hpp"

namespace gw::server {

namespace {

// One listening socket with the connections that came through it.
struct Listener {
  Listener(net::Loop& loop, http::ExchangeFactory& factory, http::WriteBuffer& buffer,
           const ListenSocket& s)
      : socket(s), context{loop, factory, buffer, {}} {
    context.port = s.listen.port;
    context.proxy_protocol = s.listen.proxy_protocol;
  }
  void start() {
    const auto on_waiting = [](void* self, uv_stream_t* server) {
      auto& listener = *static_cast<Listener*>(self);
      listener.waiting = server;
      listener.go_on();
    };
    accepting = std::make_unique<net::TcpListener>(context.loop, ::dup(socket.fd),
                                                   socket.listen.backlog, on_waiting, this);
  }

  // Takes what waits, unless there are too many already: libuv asks for no further connection until
  // the one that it has is taken, so the rest stays in the kernel's queue.
  void go_on() {
    const bool full = context.admission != nullptr && context.admission->full();
    if (waiting != nullptr && !full)
      http::ServerConnection::accept(context, std::exchange(waiting, nullptr));
  }
  void stop() {
    if (waiting != nullptr)  // connected already: it is served like the others
      http::ServerConnection::accept(context, std::exchange(waiting, nullptr));
    accepting.reset();
  }
  bool is_proxy() const { return socket.kind == ListenSocket::Kind::proxy; }

  ListenSocket socket;
  http::ServerContext context;
  uv_stream_t* waiting = nullptr;  // has a connection that was not taken
  std::unique_ptr<net::TcpListener> accepting;
  std::optional<std::uint32_t> owner;  // the worker that it is lent by
};

// For the plugins' last calls when the time for draining is up.
constexpr std::uint64_t k_last_calls = 1000;  // ms
// For health checks whose requests are on their way when all else has ended.
constexpr std::uint64_t k_last_checks = 1000;  // ms

// What the slot has counted before this process.
struct Counted {
  std::int64_t accepted = 0, requests = 0, tunnels = 0;
};

class Worker final : public Gateway {
 public:
  Worker(net::Loop& loop, WorkerContext context);
  ~Worker() override;

  bool prepare(std::uint64_t generation, std::shared_ptr<const config::Snapshot> snapshot,
               std::vector<config::Diagnostic>& out) override;
  void commit() override;
  void abandon() override { prepared_.reset(); }
  void lend(std::uint32_t owner, std::vector<ListenSocket> sockets) override;
  void take_back(std::uint32_t owner) override;
  void drain(std::uint64_t timeout_ms, End end, std::function<void()> on_done) override;

 private:
  admin::State state() const;
  Listener& add_listener(const ListenSocket& socket);
  void use_certificates(Listener& listener) const;
  void forget_returned();
  void on_closed();
  bool has_connections(bool proxied_only) const;
  void check_drained();
  void end_plugins();
  void end_health_checks();
  void on_drain_timeout();
  void cut_all();
  void publish();
  void count_error(std::string_view code);

  net::Loop& loop_;
  WorkerContext context_;
  net::Mailbox mailbox_;
  proxy::Worker proxy_;
  proxy::HttpCalls calls_;
  plugin::WorkerEnvironment environment_;
  plugin::Host host_;
  plugin::Registry registry_;
  admin::AdminSide admin_side_;
  admin::AdminSide status_side_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::shared_ptr<proxy::Runtime> prepared_;
  std::uint64_t generation_ = 0;
  std::uint64_t prepared_number_ = 0;
  Counted before_;
  std::uint64_t returned_accepted_ = 0;  // through sockets that were lent
  enum class Drain : std::uint8_t { no, connections, plugins, health_checks, done };
  Drain drain_ = Drain::no;
  bool service_ends_ = false;
  std::function<void()> on_drained_;
  net::Deadline drain_deadline_;
  shared::MetricId errors_ = 0;
  std::map<std::string, shared::MetricId, std::less<>> error_series_;
};

Worker::Worker(net::Loop& loop, WorkerContext context)
    : loop_(loop),
      context_(std::move(context)),
      mailbox_(loop),
      proxy_(loop, context_.region->health()),
      calls_(proxy_),
      environment_{loop,           mailbox_, *context_.region,     context_.index,
                   context_.count, &calls_,  &proxy_.failure_lines},
      host_(environment_),
      registry_(host_),
      admin_side_(loop, admin::Side::admin, [this] { return state(); }),
      status_side_(loop, admin::Side::status, [this] { return state(); }),
      drain_deadline_([](void* self) { static_cast<Worker*>(self)->on_drain_timeout(); }, this) {
  shared::MetricShape shape;
  shape.name = "gatewright_errors_total";
  shape.help = "Answers that the gateway made because of an error, by reason code.";
  shape.labels = {"reason"};
  if (auto made = context_.region->metrics().define(shape); made.ok()) errors_ = made.value();
  proxy_.on_error = [](void* self, std::string_view code) {
    static_cast<Worker*>(self)->count_error(code);
  };
  proxy_.on_error_context = this;
  calls_.on_idle = [](void* self) { static_cast<Worker*>(self)->check_drained(); };
  calls_.on_idle_context = this;
  host_.on_idle = calls_.on_idle;
  host_.on_idle_context = this;
  for (const ListenSocket& socket : context_.sockets) add_listener(socket);
  const auto& slot = context_.region->board().mine();
  before_ = {slot.connections_accepted.get(), slot.requests.get(), slot.tunnels_opened.get()};
  loop_.before_sleep([](void* self) { static_cast<Worker*>(self)->publish(); }, this);
}

Worker::~Worker() {
  for (auto& listener : listeners_) listener->waiting = nullptr;
  loop_.before_sleep(nullptr, nullptr);
  calls_.on_idle = nullptr;
  host_.on_idle = nullptr;
  cut_all();
  listeners_.clear();
  prepared_.reset();
  proxy_.forget();
}

Listener& Worker::add_listener(const ListenSocket& socket) {
  http::ExchangeFactory& factory = socket.kind == ListenSocket::Kind::proxy
                                       ? static_cast<http::ExchangeFactory&>(proxy_)
                                   : socket.kind == ListenSocket::Kind::admin ? admin_side_
                                                                              : status_side_;
  listeners_.push_back(std::make_unique<Listener>(loop_, factory, proxy_.buffer, socket));
  Listener& listener = *listeners_.back();
  listener.context.on_closed = [](void* self) { static_cast<Worker*>(self)->on_closed(); };
  listener.context.on_closed_context = this;
  if (listener.is_proxy())
    listener.context.admission = &proxy_.admission;
  else
    listener.context.limits = admin::AdminSide::limits();
  return listener;
}

bool Worker::prepare(std::uint64_t generation, std::shared_ptr<const config::Snapshot> snapshot,
                     std::vector<config::Diagnostic>& out) {
  if (!registry_.load(snapshot->settings, out)) return false;
  plugin::Generation* before = proxy_.runtime() ? &proxy_.runtime()->plugins() : nullptr;
  auto plugins = plugin::Generation::build(registry_, host_, snapshot, generation, before, out);
  if (!plugins) return false;
  prepared_ = proxy::Runtime::make(std::move(snapshot), std::move(plugins),
                                   context_.region->ticket_secret(), out);
  prepared_number_ = generation;
  return prepared_ != nullptr;
}

void Worker::commit() {
  const bool first = proxy_.runtime() == nullptr;
  log::set_level(prepared_->settings().log_level);
  prepared_->plugins().announce();
  proxy_.use(std::move(prepared_));
  generation_ = prepared_number_;
  const auto limits = proxy_.runtime()->server_limits();
  for (auto& listener : listeners_) {
    if (listener->is_proxy()) listener->context.limits = limits;
    use_certificates(*listener);
  }
  auto& slot = context_.region->board().mine();
  slot.generation.store(generation_);
  if (!first) return;
  if (auto opened = log::open(proxy_.runtime()->settings().error_log); !opened.ok())
    log::error(opened.error().text);
  for (auto& listener : listeners_) listener->start();
  slot.state.store(shared::WorkerState::ready);
}

// A socket that was opened with TLS keeps it, also when the new configuration knows none.
void Worker::use_certificates(Listener& listener) const {
  const auto& certificates = proxy_.runtime()->certificates();
  if (listener.socket.listen.ssl && certificates) listener.context.tls = certificates;
}

// --- sockets of a worker that is down ---

void Worker::lend(std::uint32_t owner, std::vector<ListenSocket> sockets) {
  forget_returned();
  for (const ListenSocket& socket : sockets) {
    if (drain_ == Drain::no) {
      Listener& listener = add_listener(socket);
      listener.owner = owner;
      listener.context.limits = proxy_.runtime()->server_limits();
      use_certificates(listener);
      listener.start();
    }
    ::close(socket.fd);
  }
}

void Worker::take_back(std::uint32_t owner) {
  for (auto& listener : listeners_)
    if (listener->owner == owner) listener->stop();
  forget_returned();
}

// Those with connections stay until these have ended.
void Worker::forget_returned() {
  std::erase_if(listeners_, [this](const auto& listener) {
    const bool gone = listener->owner && !listener->accepting && listener->context.active == 0;
    if (gone) returned_accepted_ += listener->context.accepted;
    return gone;
  });
}

// --- what is shown ---

admin::State Worker::state() const {
  admin::State out;
  if (const auto& runtime = proxy_.runtime())
    for (std::size_t i = 0; i < runtime->snapshot().entities.upstreams.size(); ++i)
      out.balancers.push_back(&runtime->balancer(config::Index(i)));
  // Once the plugins have ended nothing is served any more.
  if (const auto& runtime = proxy_.runtime(); runtime && drain_ < Drain::plugins) {
    out.generation = runtime->shared_plugins();
    out.snapshot = runtime->shared_snapshot();
  }
  out.region = context_.region;
  out.resolver = &proxy_.resolver;
  out.draining = service_ends_;
  out.number = generation_;
  return out;
}

// Before the loop sleeps: what the board shows is right for as long as nothing happens.
void Worker::publish() {
  auto& slot = context_.region->board().mine();
  std::int64_t active = 0, reading = 0,
               accepted = before_.accepted + std::int64_t(returned_accepted_);
  for (const auto& listener : listeners_) {
    if (!listener->is_proxy()) continue;
    active += std::int64_t(listener->context.active);
    reading += std::int64_t(listener->context.reading);
    accepted += std::int64_t(listener->context.accepted);
  }
  slot.connections_active.set(active);
  slot.connections_accepted.set(accepted);
  slot.requests.set(before_.requests + std::int64_t(proxy_.requests));
  slot.reading.set(reading);
  slot.writing.set(std::int64_t(proxy_.running));
  slot.waiting.set(std::max<std::int64_t>(0, active - reading - std::int64_t(proxy_.running)));
  slot.tunnels.set(std::int64_t(proxy_.tunnels));
  slot.tunnels_opened.set(before_.tunnels + std::int64_t(proxy_.tunnels_opened));
}

void Worker::count_error(std::string_view code) {
  auto found = error_series_.find(code);
  if (found == error_series_.end())
    found = error_series_.emplace(code, context_.region->metrics().with(errors_, {&code, 1})).first;
  context_.region->metrics().add(found->second, 1);
}

// --- the end ---

void Worker::drain(std::uint64_t timeout_ms, End end, std::function<void()> on_done) {
  if (drain_ != Drain::no) return;
  drain_ = Drain::connections;
  service_ends_ = end == End::service;
  on_drained_ = std::move(on_done);
  context_.region->board().mine().state.store(shared::WorkerState::draining);
  for (auto& listener : listeners_) {
    // Health checks are answered to the end: alive, and not ready.
    if (!service_ends_ || listener->socket.kind != ListenSocket::Kind::status) listener->stop();
    listener->context.draining = true;
    listener->context.connections.for_each(
        [](http::ServerConnection& connection) { connection.drain(); });
  }
  drain_deadline_.set(loop_.deadlines(), timeout_ms);
  check_drained();
}

void Worker::on_closed() {
  for (auto& listener : listeners_)
    if (listener->waiting != nullptr) listener->go_on();
  check_drained();
}

bool Worker::has_connections(bool proxied_only) const {
  return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& listener) {
    return (listener->is_proxy() || !proxied_only) && listener->context.active > 0;
  });
}

// What follows is posted: a connection or call that has just ended is still on the stack.
void Worker::check_drained() {
  // Who asks for readiness does not hold the clients' connections up.
  if (drain_ == Drain::connections && !has_connections(true)) {
    drain_ = Drain::plugins;
    return mailbox_.post([this] { end_plugins(); });
  }
  if (drain_ == Drain::plugins && calls_.running() == 0 && !host_.has_waiting_generations())
    end_health_checks();
  if (drain_ == Drain::health_checks && !has_connections(false)) {
    drain_ = Drain::done;
    drain_deadline_.clear();
    mailbox_.post(std::exchange(on_drained_, nullptr));
  }
}

// Other workers may go on for long: the checks that this one has accepted get their answers, those
// that come are left to the others.
void Worker::end_health_checks() {
  drain_ = Drain::health_checks;
  for (auto& listener : listeners_) listener->stop();
  drain_deadline_.set(loop_.deadlines(), k_last_checks);
}

// What they still have to send (spans) they send now.
void Worker::end_plugins() {
  prepared_.reset();
  proxy_.end_plugins();
  check_drained();
}

void Worker::on_drain_timeout() {
  if (drain_ == Drain::connections) {
    cut_all();
    drain_deadline_.set(loop_.deadlines(), k_last_calls);
    return check_drained();
  }
  if (drain_ == Drain::plugins) {
    if (host_.has_waiting_generations()) log::warn("jobs of plugins have not ended in time");
    if (calls_.running() > 0)
      log::warn("plugins' last HTTP calls have not ended in time",
                {{"calls", cat(calls_.running())}});
    end_health_checks();
    return check_drained();
  }
  drain_ = Drain::done;
  if (on_drained_) std::exchange(on_drained_, nullptr)();
}

void Worker::cut_all() {
  for (auto& listener : listeners_)
    listener->context.connections.for_each(
        [](http::ServerConnection& connection) { connection.cut("drain_timeout"); });
}

}  // namespace

std::unique_ptr<Gateway> Gateway::create(net::Loop& loop, WorkerContext context) {
  return std::make_unique<Worker>(loop, std::move(context));
}

}  // namespace gw::server
