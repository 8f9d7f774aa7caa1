// SPDX-License-Identifier: Apache-2.0
#include "server/gateway.hpp"

#include <unistd.h>

#include <algorithm>

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

  ListenSocket socket;
  http::ServerContext context;
  uv_stream_t* waiting = nullptr;  // has a connection that was not taken
  std::unique_ptr<net::TcpListener> accepting;
};

class Worker final : public Gateway {
 public:
  Worker(net::Loop& loop, WorkerContext context);
  ~Worker() override;

  bool prepare(std::uint64_t generation, config::Source source,
               std::vector<config::Diagnostic>& out) override;
  void commit() override;
  void abandon() override { prepared_.reset(); }
  void drain(std::uint64_t timeout_ms, std::function<void()> on_done) override;

 private:
  admin::State state() const;
  void add_listeners();
  void on_closed();
  void check_drained();
  void cut_all();
  void beat();
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
  bool draining_ = false;
  std::function<void()> on_drained_;
  net::Deadline drain_deadline_;
  net::Deadline heartbeat_;
  shared::MetricId errors_ = 0;
  std::map<std::string, shared::MetricId, std::less<>> error_series_;
};

Worker::Worker(net::Loop& loop, WorkerContext context)
    : loop_(loop),
      context_(std::move(context)),
      mailbox_(loop),
      proxy_(loop),
      calls_(proxy_),
      environment_{loop, mailbox_, *context_.region, context_.index, context_.count, &calls_},
      host_(environment_),
      registry_(host_),
      admin_side_(loop, admin::Side::admin, [this] { return state(); }),
      status_side_(loop, admin::Side::status, [this] { return state(); }),
      drain_deadline_([](void* self) { static_cast<Worker*>(self)->cut_all(); }, this),
      heartbeat_([](void* self) { static_cast<Worker*>(self)->beat(); }, this) {
  shared::MetricShape shape;
  shape.name = "gatewright_errors_total";
  shape.help = "Answers that the gateway made because of an error, by reason code.";
  shape.labels = {"reason"};
  if (auto made = context_.region->metrics().define(shape); made.ok()) errors_ = made.value();
  proxy_.on_error = [](void* self, std::string_view code) {
    static_cast<Worker*>(self)->count_error(code);
  };
  proxy_.on_error_context = this;
  add_listeners();
}

Worker::~Worker() {
  for (auto& listener : listeners_) listener->waiting = nullptr;
  cut_all();
  listeners_.clear();
  prepared_.reset();
  proxy_.forget();
}

void Worker::add_listeners() {
  for (const ListenSocket& socket : context_.sockets) {
    http::ExchangeFactory& factory = socket.kind == ListenSocket::Kind::proxy
                                         ? static_cast<http::ExchangeFactory&>(proxy_)
                                     : socket.kind == ListenSocket::Kind::admin ? admin_side_
                                                                                : status_side_;
    listeners_.push_back(std::make_unique<Listener>(loop_, factory, proxy_.buffer, socket));
    Listener& listener = *listeners_.back();
    listener.context.on_closed = [](void* self) { static_cast<Worker*>(self)->on_closed(); };
    listener.context.on_closed_context = this;
    if (socket.kind == ListenSocket::Kind::proxy)
      listener.context.admission = &proxy_.admission;
    else
      listener.context.limits = admin::AdminSide::limits();
  }
}

bool Worker::prepare(std::uint64_t generation, config::Source source,
                     std::vector<config::Diagnostic>& out) {
  auto loaded = config::load(std::move(source));
  out.insert(out.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
  if (!loaded.snapshot || !registry_.load(loaded.snapshot->settings, out)) return false;
  plugin::Generation* before = proxy_.runtime() ? &proxy_.runtime()->plugins() : nullptr;
  auto plugins =
      plugin::Generation::build(registry_, host_, loaded.snapshot, generation, before, out);
  if (!plugins) return false;
  prepared_ = proxy::Runtime::make(loaded.snapshot, std::move(plugins), out);
  prepared_number_ = generation;
  return prepared_ != nullptr;
}

void Worker::commit() {
  const bool first = proxy_.runtime() == nullptr;
  log::set_level(prepared_->settings().log_level);
  proxy_.use(std::move(prepared_));
  generation_ = prepared_number_;
  const auto limits = proxy_.runtime()->server_limits();
  for (auto& listener : listeners_)
    if (listener->socket.kind == ListenSocket::Kind::proxy) listener->context.limits = limits;
  auto& slot = context_.region->board().mine();
  slot.generation.store(generation_);
  if (!first) return;
  if (auto opened = log::open(proxy_.runtime()->settings().error_log); !opened.ok())
    log::error(opened.error().text);
  for (auto& listener : listeners_) listener->start();
  slot.state.store(shared::WorkerState::ready);
  beat();
}

// --- what is shown ---

admin::State Worker::state() const {
  admin::State out;
  if (const auto& runtime = proxy_.runtime()) {
    out.generation = runtime->shared_plugins();
    out.snapshot = runtime->shared_snapshot();
  }
  out.registry = &registry_;
  out.region = context_.region;
  out.draining = draining_;
  out.number = generation_;
  return out;
}

// Once a second while there is something to tell: an idle worker sleeps.
void Worker::beat() {
  auto& slot = context_.region->board().mine();
  std::int64_t active = 0, accepted = 0;
  for (const auto& listener : listeners_) {
    if (listener->socket.kind != ListenSocket::Kind::proxy) continue;
    active += std::int64_t(listener->context.active);
    accepted += std::int64_t(listener->context.accepted);
  }
  slot.heartbeat_ns.store(loop_.now_ns());
  slot.connections_active.set(active);
  slot.connections_accepted.set(accepted);
  slot.connections_handled.set(accepted);
  slot.requests.set(std::int64_t(proxy_.requests));
  slot.writing.set(std::int64_t(proxy_.running));
  slot.waiting.set(std::max<std::int64_t>(0, active - std::int64_t(proxy_.running)));
  heartbeat_.set(loop_.deadlines(), 1000);
}

void Worker::count_error(std::string_view code) {
  auto found = error_series_.find(code);
  if (found == error_series_.end())
    found = error_series_.emplace(code, context_.region->metrics().with(errors_, {&code, 1})).first;
  context_.region->metrics().add(found->second, 1);
}

// --- the end ---

void Worker::drain(std::uint64_t timeout_ms, std::function<void()> on_done) {
  if (draining_) return;
  draining_ = true;
  on_drained_ = std::move(on_done);
  context_.region->board().mine().state.store(shared::WorkerState::draining);
  for (auto& listener : listeners_) {
    listener->stop();
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

void Worker::check_drained() {
  if (!draining_ || !on_drained_) return;
  // Who asks for readiness does not hold the drain up.
  for (const auto& listener : listeners_)
    if (listener->socket.kind == ListenSocket::Kind::proxy && listener->context.active > 0) return;
  drain_deadline_.clear();
  mailbox_.post(std::exchange(on_drained_, nullptr));  // not from within a connection's end
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

bool check_plugins(const config::Snapshot& snapshot, bool strict,
                   std::vector<config::Diagnostic>& out) {
  net::Loop loop;
  auto region = shared::Region::create(snapshot.settings.shared_memory_size, 1);
  if (!region.ok()) {
    out.push_back(
        {config::Severity::error, {}, "gateway.shared_memory_size", region.error().text, ""});
    return false;
  }
  {
    net::Mailbox mailbox(loop);
    plugin::WorkerEnvironment environment{loop, mailbox, *region.value(), 0, 1, nullptr};
    plugin::Host host(environment);
    plugin::Registry registry(host);
    const std::shared_ptr<const config::Snapshot> shared(&snapshot, [](const config::Snapshot*) {});
    if (registry.load(snapshot.settings, out)) {
      if (auto plugins = plugin::Generation::build(registry, host, shared, 1, nullptr, out))
        proxy::Runtime::make(shared, std::move(plugins), out);
    }
  }
  if (strict)
    for (auto& diagnostic : out) diagnostic.severity = config::Severity::error;
  return !config::has_errors(out);
}

}  // namespace gw::server
