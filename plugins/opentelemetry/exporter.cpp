// SPDX-License-Identifier: Apache-2.0
#include "exporter.hpp"

#include <string>

namespace otel {
namespace {

constexpr std::uint64_t k_quiet_ns = 10'000'000'000;
constexpr std::uint64_t k_ns_per_ms = 1'000'000;
// A collector answers with a few bytes; what is longer is no answer of one.
constexpr std::uint64_t k_max_answer = 65'536;

std::string_view failure_text(gw_status error) {
  switch (error) {
    case GW_E_TIMEOUT:
      return "no answer in time";
    case GW_E_CONNECT:
      return "no connection";
    case GW_E_PROTOCOL:
      return "the answer is not HTTP";
    default:
      return "the answer is too long";
  }
}

}  // namespace

Exporter::Exporter(gw::worker worker, const Config& config, const ExportMetrics& metrics)
    : worker_(worker),
      config_(config),
      metrics_(metrics),
      prefix_(config.resource),
      queue_(config.queue, prefix_.max_size()) {
  request_.url = config.endpoint;
  request_.method = "POST";
  request_.headers = config.headers;
  request_.timeout = config.timeout;
  request_.max_body = k_max_answer;
}

void Exporter::push(std::string_view span) {
  const std::uint32_t lost = queue_.push(span, [this](Batch* batch) { abandon(*batch); });
  watch_level();
  if (lost != 0) {
    metrics_.dropped_full.add(lost);
    send_ready();
  }
  if (queue_.open_is_full()) {
    queue_.close_open();
    send_ready();
  } else if (queue_.open() != nullptr && coalescing_ == 0 && !due_) {
    start_coalescing();
  }
}

// One timer at a time. When a batch went off because it was full, its timer still runs and serves
// the next one, which then goes earlier than it must: cheaper than a timer for each batch.
void Exporter::start_coalescing() {
  if (config_.coalescing_delay.count() != 0) {
    coalescing_ = worker_.after(config_.coalescing_delay, [this] { on_coalesced(); });
  }
  if (coalescing_ == 0) on_coalesced();
}

void Exporter::on_coalesced() {
  coalescing_ = 0;
  due_ = queue_.open() != nullptr;
  send_ready();
}

void Exporter::send_ready() {
  while (senders_ < config_.concurrency) {
    Batch* batch = queue_.next_to_send();
    if (batch == nullptr) {
      if (!due_ || queue_.open() == nullptr) return;
      batch = queue_.open();
      queue_.close_open();
    }
    if (queue_.open() == nullptr) due_ = false;
    if (batch->spans == 0) {
      queue_.release(batch);
      continue;
    }
    ++senders_;
    batch->first_call_ns = worker_.host().mono_ns();
    call(*batch);
  }
}

std::string_view Exporter::request_body(Batch& batch) {
  char* spans = batch.bytes.data() + batch.begin;
  const std::size_t size = batch.span_bytes().size();
  const char* begin = prefix_.write_before(spans, size);
  return {begin, std::size_t(spans - begin) + size};
}

void Exporter::call(Batch& batch) {
  batch.state = BatchState::calling;
  request_.body = request_body(batch);
  std::string why;
  const gw::handle handle = worker_.http(
      request_,
      [this, at = &batch](const gw::http_result& result) {
        on_result(*at, result);
        send_ready();
      },
      &why);
  if (handle == 0) give_up(batch, "the call could not be made", why);
}

void Exporter::on_result(Batch& batch, const gw::http_result& result) {
  if (result.ok() && result.status() >= 200 && result.status() < 300) {
    accepted(batch, result.body());
  } else if (!result.ok() && (result.error() == GW_E_CONNECT || result.error() == GW_E_TIMEOUT)) {
    retry(batch, std::nullopt, failure_text(result.error()));
  } else if (!result.ok()) {
    give_up(batch, "the call failed", failure_text(result.error()));
  } else if (is_retryable_status(result.status())) {
    const auto after = parse_retry_after(result.header("retry-after"), worker_.host().unix_ns());
    retry(batch, after, "status " + std::to_string(result.status()));
  } else {
    give_up(batch, "the collector refused the spans", "status " + std::to_string(result.status()));
  }
}

void Exporter::accepted(Batch& batch, std::string_view body) {
  const PartialSuccess answer = parse_response(body);
  const auto rejected = std::uint64_t(answer.rejected_spans > 0 ? answer.rejected_spans : 0);
  const std::uint64_t lost = rejected < batch.spans ? rejected : batch.spans;
  metrics_.exported.add(std::int64_t(batch.spans - lost));
  metrics_.dropped_rejected.add(std::int64_t(lost));
  if (lost != 0 || !answer.message.empty()) {
    const std::string count = std::to_string(lost);
    rejections_.log(worker_.host(), GW_LOG_WARN, "the collector rejected spans",
                    gw::kv("rejected", count), gw::kv("message", answer.message));
  }
  finish(batch);
}

void Exporter::retry(Batch& batch, std::optional<std::uint64_t> retry_after,
                     std::string_view detail) {
  const gw::host host = worker_.host();
  std::uint64_t random = 0;
  host.random(&random, sizeof random);
  const std::uint64_t elapsed_ms = (host.mono_ns() - batch.first_call_ns) / k_ns_per_ms;
  const auto wait = config_.retry.next_ms(++batch.failures, random, elapsed_ms, retry_after);
  if (!wait) return give_up(batch, "the collector did not take the spans in time", detail);
  batch.state = BatchState::waiting;
  batch.timer = worker_.after(std::chrono::milliseconds(*wait), [this, at = &batch] {
    at->timer = 0;
    call(*at);
    send_ready();
  });
  if (batch.timer == 0) give_up(batch, "no timer for a retry", detail);
}

void Exporter::give_up(Batch& batch, std::string_view why, std::string_view detail) {
  metrics_.dropped_failed.add(batch.spans);
  const std::string count = std::to_string(batch.spans);
  errors_.log(worker_.host(), GW_LOG_ERROR, why, gw::kv("detail", detail), gw::kv("spans", count));
  finish(batch);
}

void Exporter::finish(Batch& batch) {
  --senders_;
  queue_.release(&batch);
}

// The queue took the last span out of a batch that waited for a retry.
void Exporter::abandon(Batch& batch) {
  worker_.cancel_timer(batch.timer);
  batch.timer = 0;
  --senders_;
}

void Exporter::watch_level() {
  const bool high = queue_.nearly_full();
  if (high == warned_) return;
  warned_ = high;
  if (!high) return;
  const std::string spans = std::to_string(queue_.spans());
  warnings_.log(
      worker_.host(), GW_LOG_WARN,
      "the export queue is more than 80 % full; when it is full the oldest spans are lost",
      gw::kv("spans", spans), gw::kv("url", config_.endpoint));
}

void Exporter::stop() {
  if (queue_.open() != nullptr) queue_.close_open();
  const auto* http = worker_.host().api<gw_http_api>(GW_HTTP_API);
  std::vector<gw_field> headers;
  for (const auto& [name, value] : config_.headers) {
    headers.push_back({gw::to_str(name), gw::to_str(value), 0, 0});
  }
  for (Batch* batch = queue_.first(); batch != nullptr; batch = batch->next) {
    if (batch->spans == 0) continue;
    gw_http_request request{};
    request.size = sizeof request;
    request.timeout_ms = std::uint32_t(config_.timeout.count());
    request.url = gw::to_str(config_.endpoint);
    request.method = GW_STR("POST");
    request.headers = headers.data();
    request.nheaders = std::uint32_t(headers.size());
    request.body = gw::to_str(request_body(*batch));
    const auto ignore = [](gw_worker*, const gw_http_result*, void*) {};
    const gw_handle handle =
        http == nullptr ? 0 : http->call(worker_.raw(), &request, ignore, nullptr, nullptr);
    if (handle == 0) metrics_.dropped_failed.add(batch->spans);
  }
}

void QuietLog::log(const gw::host& host, gw_log_level level, std::string_view text, gw_kv first,
                   gw_kv second) {
  const std::uint64_t now = host.mono_ns();
  if (now < next_ns_) {
    ++suppressed_;
    return;
  }
  const std::string suppressed = std::to_string(suppressed_);
  host.log(level, text, {first, second, gw::kv("suppressed", suppressed)});
  next_ns_ = now + k_quiet_ns;
  suppressed_ = 0;
}

}  // namespace otel
