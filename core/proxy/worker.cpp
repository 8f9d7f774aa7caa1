// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "http/date.hpp"

namespace gw::proxy {

namespace {

net::ResolverOptions resolver_options(const config::Settings& settings) {
  net::ResolverOptions out;
  out.dns.servers = settings.dns_resolver;
  out.dns.hosts_file = settings.dns_hostsfile;
  out.dns.order = settings.dns_order;
  out.dns.timeout = settings.dns_timeout;
  out.valid_ttl = settings.dns_valid_ttl;
  out.min_ttl = settings.dns_min_ttl;
  out.max_ttl = settings.dns_max_ttl;
  out.stale_ttl = settings.dns_stale_ttl;
  out.not_found_ttl = settings.dns_not_found_ttl;
  out.error_ttl = settings.dns_error_ttl;
  out.names = settings.dns_cache_size;
  return out;
}

}  // namespace

Worker::Worker(net::Loop& l, shared::HealthTable& health)
    : loop(l),
      pool(l, buffer),
      resolver(l),
      failure_lines(l),
      health_(&health),
      prober_(l, buffer) {}

Worker::~Worker() = default;

void Worker::use(std::shared_ptr<Runtime> runtime) {
  if (const auto set = resolver.set_options(resolver_options(runtime->settings())); !set.ok())
    log::error(set.error().text, {{"then", "names do not resolve"}});
  runtime->attach({&loop, &resolver, health_}, runtime_.get());
  runtime_ = std::move(runtime);
  prober_.watch(runtime_);
  pool.set_limits(runtime_->keepalive_limits());
  const auto& settings = runtime_->settings();
  failure_lines.set(settings.log_failures_per_second);
  const auto limit = [](std::uint64_t setting) { return setting > 0 ? setting : UINT64_MAX; };
  max_running_ = limit(settings.max_concurrent_requests);
  max_held_bytes_ = limit(settings.max_buffered_bytes);
  admission.set_limits(
      settings.max_connections > 0 ? settings.max_connections : net::descriptor_limit() / 2,
      settings.max_connections_per_address);
}

http::ServerExchange& Worker::take() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Exchange>(*this));
    free_.push_back(all_.back().get());
  }
  Exchange& exchange = *free_.back();
  free_.pop_back();
  ++running;
  ++requests;
  return exchange;
}

void Worker::give(http::ServerExchange& exchange) {
  auto& mine = static_cast<Exchange&>(exchange);
  mine.clear();
  free_.push_back(&mine);
  --running;
}

void Worker::refuse(http::ServerConnection& connection, http::Refusal refusal) {
  const int status = http::refusal_status(refusal);
  const auto code = http::reason_code(refusal);
  count_error(code);
  char id[32];
  make_request_id(id);
  const std::string_view request_id(id, sizeof id);
  if (failure_lines.allow(log::Level::info, "request refused", {"reason", code}))
    log::info("request refused",
              {{"reason", code}, {"client", connection.peer_ip()}, {"request_id", request_id}});
  // Its Accept is not believed either: the default format.
  std::string page;
  const auto format = runtime_->error_format();
  http::append_page(page, format, {status, http::default_message(status), code, request_id});
  connection.answer_and_close(
      cat("HTTP/1.1 ", status, " ", http::reason_phrase(status),
          "\r\nServer: gatewright\r\nDate: ", http::http_date(loop.unix_ns() / 1000000000u),
          "\r\nX-Kong-Request-Id: ", request_id, "\r\nContent-Type: ", http::content_type(format),
          "\r\nContent-Length: ", page.size(), "\r\nConnection: close\r\n\r\n", page));
}

void Worker::turn_away(http::ServerConnection& connection) {
  count_error("too_many_connections");
  constexpr std::string_view k_text = "connection closed: its address has too many";
  if (failure_lines.allow(log::Level::info, k_text, {"reason", "too_many_connections"}))
    log::info(k_text, {{"client", connection.peer_ip()}});
}

void Worker::count_error(std::string_view code) {
  auto found = errors_.find(code);
  if (found == errors_.end() && errors_.size() >= k_max_reasons) {
    code = "other";  // plugins bring codes of their own
    found = errors_.find(code);
  }
  if (found != errors_.end())
    ++found->second;
  else
    errors_.emplace(code, 1);
  if (on_error != nullptr) on_error(on_error_context, code);
}

void Worker::make_request_id(char* out) {
  const std::uint64_t words[] = {thread_random().next(), thread_random().next()};
  hex_into(out, words, sizeof words);
}

}  // namespace gw::proxy
