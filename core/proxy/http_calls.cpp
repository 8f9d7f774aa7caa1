// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_calls.hpp"

#include <gatewright/types.h>

#include "base/text.hpp"
#include "http/target.hpp"

namespace gw::proxy {

namespace {

struct Url {
  std::string authority, host, path;
  std::uint16_t port = 80;
  bool tls = false;
};

Result<Url> parse_url(const std::string& text) {
  constexpr std::string_view k_plain = "http://", k_tls = "https://";
  Url url;
  url.tls = text.starts_with(k_tls);
  if (!url.tls && !text.starts_with(k_plain))
    return Error{cat("\"", text, "\": expected http[s]://host[:port]/path")};
  const std::string_view rest = std::string_view(text).substr((url.tls ? k_tls : k_plain).size());
  const auto slash = rest.find_first_of("/?");
  if (url.tls) url.port = 443;
  url.authority = rest.substr(0, slash);
  if (!http::is_authority(url.authority))
    return Error{cat("\"", text, "\": its host is not valid")};
  const auto parts = http::split_authority(url.authority);
  url.host = parts.host;
  if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
  if (parts.port != 0) url.port = parts.port;
  url.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
  if (url.path.starts_with('?')) url.path.insert(0, "/");
  for (const char c : url.path)
    if ((unsigned char)c <= 0x20 || c == 0x7F || c == '#')
      return Error{cat("\"", text, "\": its path is not valid")};
  return url;
}

}  // namespace

// One call, from its start to its callback.
class HttpCalls::Call final : public http::UpstreamUser {
 public:
  Call(HttpCalls& owner, std::uint64_t id, plugin::HttpCall call, Url url, Callback callback)
      : owner_(owner),
        id_(id),
        call_(std::move(call)),
        url_(std::move(url)),
        callback_(std::move(callback)),
        runtime_(owner.worker_.runtime()),
        server_name_(url_.host),
        started_ns_(owner.worker_.loop.now_ns()),
        arena_(owner.worker_.loop.blocks()),
        request_(arena_),
        response_(arena_),
        deadline_([](void* self) { static_cast<Call*>(self)->fail(GW_E_TIMEOUT); }, this) {
    deadline_.set(owner.worker_.loop.deadlines(), call_.timeout_ms);
    // In a turn of its own: no callback may come before start() has returned.
    first_.set(owner.worker_.loop.deadlines(), 0);
  }
  ~Call() {
    leave_peer(GW_E_STATE);
    if (connection_ != nullptr) connection_->close();
  }

  void forget_caller() { callback_ = nullptr; }

 private:
  void resolve() {
    if (upstream::Balancer* named = upstream_named()) return pick_of(*named);
    auto& resolver = owner_.worker_.resolver;
    if (const auto* known = resolver.known(url_.host)) return connect(known);
    look_up(url_.host, [](Call& call, const net::Resolution* found) { call.connect(found); });
  }

  // A host that names an upstream stands for one of its targets.
  upstream::Balancer* upstream_named() {
    if (!runtime_) return nullptr;
    const auto& upstreams = runtime_->snapshot().entities.upstreams;
    for (std::size_t i = 0; i < upstreams.size(); ++i)
      if (upstreams[i].name == url_.host) return &runtime_->balancer(config::Index(i));
    return nullptr;
  }

  void pick_of(upstream::Balancer& balancer) {
    if (!balancer.has_peers()) balancer.look_again();
    balancer.update();
    if (upstream::Peer* peer = balancer.pick({})) {
      peer_ = peer;
      balancer_ = &balancer;
      balancer.hold(*peer);
      balancer.begin(*peer);
      attempt_ns_ = owner_.worker_.loop.now_ns();
      return connect(peer->way(), peer->other_way());
    }
    // Before any name is known the call waits for that of a target.
    const auto unknown = balancer.has_peers() ? upstream::Balancer::k_no_target
                                              : balancer.unknown_target(waited_for_);
    if (unknown == upstream::Balancer::k_no_target) return fail(GW_E_CONNECT);
    waited_for_ = unknown + 1;
    look_up(balancer.targets()[unknown].host,
            [](Call& call, const net::Resolution*) { call.resolve(); });
  }

  // GW_E_STATE: what has come of it tells nothing of the target.
  void leave_peer(gw_status state) {
    if (peer_ == nullptr) return;
    const std::uint64_t ns = owner_.worker_.loop.now_ns() - attempt_ns_;
    if (state == GW_OK || state == GW_E_TOOBIG)
      balancer_->on_answer(*peer_, response_.status, ns);
    else if (state == GW_E_TIMEOUT)
      balancer_->on_failure(*peer_, upstream::Sign::timeout);
    else if (state == GW_E_CONNECT || state == GW_E_PROTOCOL)
      balancer_->on_failure(*peer_, upstream::Sign::tcp_failure);
    balancer_->end(*peer_);
    balancer_->release(*peer_);
    peer_ = nullptr;
  }

  void look_up(std::string_view name, void (*then)(Call&, const net::Resolution*)) {
    const auto on_found = [&owner = owner_, id = id_, then](const net::Resolution* found) {
      const auto call = owner.calls_.find(id);
      if (call != owner.calls_.end()) then(*call->second, found);
    };
    owner_.worker_.resolver.start_lookup(name, on_found);
  }

  void connect(const net::Resolution* resolution) {
    if (resolution == nullptr) return fail(GW_E_CONNECT);
    net::Endpoint way = resolution->endpoints.front();
    if (way.address.port() == 0) way.address.set_port(url_.port);
    if (way.alternative && way.alternative->port() == 0) way.alternative->set_port(url_.port);
    connect(way.address, way.alternative ? &*way.alternative : nullptr);
  }

  void connect(const net::Address& address, const net::Address* alternative) {
    http::ClientLimits limits;
    limits.connect_timeout = limits.write_timeout = limits.read_timeout = call_.timeout_ms;
    http::Destination destination{address};
    destination.alternative = alternative;
    if (url_.tls) {
      auto context = runtime_->call_context();
      if (!context.ok()) return fail(GW_E_UNSUPPORTED);
      destination.tls = context.value();
      destination.server_name = server_name_;
    }
    connection_ = owner_.worker_.pool.take(destination);
    if (connection_ != nullptr) {
      connection_->reuse(*this, limits);
      return send();
    }
    connection_ = owner_.worker_.pool.make(destination);
    connection_->connect(*this, limits);
  }

  void send() {
    request_.method = http::parse_method(call_.method);
    for (const auto& [name, value] : call_.headers)
      request_.fields.add(http::find_header(name), name, value);
    request_.body = call_.body.empty() ? http::BodyKind::none : http::BodyKind::length;
    request_.content_length = call_.body.size();
    connection_->send_request({call_.method, url_.path, {}, url_.authority}, request_, response_,
                              arena_, call_.body, true);
  }

  void on_upstream_connected() override {
    if (peer_ != nullptr) peer_->note_way(connection_->destination().address);
    send();
  }
  void on_upstream_informational() override {}
  void on_upstream_head(std::string_view piece, bool last) override {
    on_upstream_body(piece, last);
  }
  void on_upstream_body(std::string_view bytes, bool last) override {
    if (body_.size() + bytes.size() > call_.max_body) return fail(GW_E_TOOBIG);
    body_.append(bytes);
    if (!last) return;
    owner_.worker_.pool.give(*connection_);
    connection_ = nullptr;
    finish(GW_OK);
  }
  void on_upstream_writable() override {}
  void on_upstream_failed(http::UpstreamFailure failure) override {
    const bool stale = failure == http::UpstreamFailure::send_failed && connection_->reused() &&
                       !connection_->answer_begun();
    connection_ = nullptr;
    if (peer_ == nullptr && failure == http::UpstreamFailure::connect_failed)
      owner_.worker_.resolver.suspect(url_.host, [](const net::Resolution*) {});
    // A kept connection that had died: nothing of the call was acted on if the method may be
    // repeated.
    if (stale && !retried_ && http::is_idempotent(request_.method)) {
      retried_ = true;
      request_.clear();
      leave_peer(GW_E_STATE);
      return resolve();
    }
    switch (failure) {
      case http::UpstreamFailure::connect_timeout:
      case http::UpstreamFailure::read_timeout:
      case http::UpstreamFailure::send_timeout:
        return finish(GW_E_TIMEOUT);
      case http::UpstreamFailure::bad_response:
        return finish(GW_E_PROTOCOL);
      default:
        return finish(GW_E_CONNECT);
    }
  }

  void fail(gw_status error) {
    if (connection_ != nullptr) connection_->close();
    connection_ = nullptr;
    finish(error);
  }

  void finish(gw_status error) {
    const auto node = owner_.calls_.find(id_);
    owner_.ended_ =
        std::move(node->second);  // it is on the stack: destroyed when the next one ends
    owner_.calls_.erase(node);
    deadline_.clear();
    leave_peer(error);
    plugin::HttpAnswer answer;
    answer.error = error;
    answer.ns_total = owner_.worker_.loop.now_ns() - started_ns_;
    if (error == GW_OK) {
      answer.status = response_.status;
      for (const auto& field : response_.fields)
        if (!field.removed()) answer.headers.emplace_back(field.name(), field.value());
      answer.body = body_;
    }
    HttpCalls& owner = owner_;
    if (callback_) callback_(answer);
    if (owner.calls_.empty() && owner.on_idle != nullptr) owner.on_idle(owner.on_idle_context);
  }

  HttpCalls& owner_;
  std::uint64_t id_;
  plugin::HttpCall call_;
  Url url_;
  Callback callback_;
  std::shared_ptr<Runtime> runtime_;
  std::string server_name_;  // as the caller names it, whatever target of an upstream it is
  std::uint64_t started_ns_;
  Arena arena_;
  http::RequestHead request_;
  http::ResponseHead response_;
  std::string body_;
  http::ClientConnection* connection_ = nullptr;
  upstream::Balancer* balancer_ = nullptr;  // of peer_
  upstream::Peer* peer_ = nullptr;          // of a named upstream, while an attempt is under way
  std::uint64_t attempt_ns_ = 0;
  std::uint32_t waited_for_ = 0;  // targets whose names were looked up
  bool retried_ = false;
  net::Deadline deadline_;
  net::Deadline first_{[](void* self) { static_cast<Call*>(self)->resolve(); }, this};
};

HttpCalls::HttpCalls(Worker& worker) : worker_(worker) {}

HttpCalls::~HttpCalls() = default;

Result<std::uint64_t> HttpCalls::start(plugin::HttpCall call, Callback callback) {
  auto url = parse_url(call.url);
  if (!url.ok()) return url.error();
  if (!http::is_token(call.method)) return Error{cat("\"", call.method, "\" is no method")};
  for (const auto& [name, value] : call.headers)
    if (!http::is_token(name) || !http::is_field_value(value))
      return Error{cat("header \"", name, "\" is not valid")};
  const std::uint64_t id = next_++;
  calls_.emplace(id, std::make_unique<Call>(*this, id, std::move(call), std::move(url).value(),
                                            std::move(callback)));
  return id;
}

bool HttpCalls::cancel(std::uint64_t id) { return calls_.erase(id) > 0; }

void HttpCalls::abandon(std::uint64_t id) {
  const auto call = calls_.find(id);
  if (call != calls_.end()) call->second->forget_caller();
}

}  // namespace gw::proxy
