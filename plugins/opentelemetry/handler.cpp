// SPDX-License-Identifier: Apache-2.0
// opentelemetry: continues or starts a W3C trace for each request, hands it on to the upstream, and
// exports a SERVER span and one CLIENT span for each attempt. Beside it: trace_context and
// trace_state (the headers), spans and otlp_encoder (what is exported), span_queue, exporter and
// retry (how it gets there).
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "config.hpp"
#include "exporter.hpp"
#include "opentelemetry_schema.h"
#include "spans.hpp"
#include "trace_context.hpp"
#include "trace_state.hpp"

namespace otel {
namespace {

// More than the list may have members only helps to hide one.
constexpr std::uint32_t k_max_fields = 32;

ExportMetrics define_metrics(const gw::config& source, const Config& config) {
  if (!config.exports()) return {};
  const gw::metric dropped = source.counter("gatewright_otel_spans_dropped_total",
                                            "Spans that did not reach the collector.", {"reason"});
  return {
      source.counter("gatewright_otel_spans_exported_total", "Spans that the collector accepted."),
      dropped.with({"queue_full"}), dropped.with({"rejected"}), dropped.with({"failed"})};
}

void make_nonzero(std::uint8_t* id, std::size_t n) {
  if (std::all_of(id, id + n, [](std::uint8_t byte) { return byte == 0; })) id[n - 1] = 1;
}

}  // namespace

class Handler {
 public:
  static constexpr auto name = "opentelemetry";
  static constexpr auto version = "1.0.0";
  static constexpr int priority = 14;
  static constexpr auto schema = gw_schema;

  using request_state = RequestTrace;
  struct WorkerState {
    WorkerState(gw::worker worker, const Handler& handler) : spans(handler.user_agent_) {
      if (!handler.config_.exports()) return;
      exporter = std::make_unique<Exporter>(worker, handler.config_, handler.metrics_);
    }
    ~WorkerState() {
      if (exporter) exporter->stop();
    }
    SpanBuilder spans;
    std::unique_ptr<Exporter> exporter;
  };
  using worker_state = WorkerState;

  explicit Handler(gw::config source)
      : config_(source),
        sampler_(config_.sampling_rate, config_.strategy),
        metrics_(define_metrics(source, config_)),
        traceparent_(source.header_id("traceparent")),
        tracestate_(source.header_id("tracestate")),
        user_agent_(source.header_id("user-agent")),
        slot_(source.slot<gw_trace>(GW_SLOT_TRACE)) {}

  void on_request(gw::request r) const {
    RequestTrace& trace = r.state<RequestTrace>();
    begin(r, trace);
    for (const gw::hid field : config_.clear) r.remove_header(field);
    if (config_.inject) inject_tracestate(r, trace);
  }

  // Each attempt has a span of its own, and the upstream's span belongs under it.
  void on_upstream(gw::request r, std::uint32_t attempt) const {
    if (!config_.inject) return;
    RequestTrace& trace = r.state<RequestTrace>();
    begin(r, trace);
    TraceContext context;
    std::memcpy(context.trace_id.data(), trace.trace.trace_id, context.trace_id.size());
    if (trace.forwards) {
      std::memcpy(context.span_id.data(), trace.parent_id, context.span_id.size());
    } else {
      context.span_id = attempt_span_id(trace.attempt_seed, attempt);
    }
    context.flags = std::uint8_t(trace.trace.flags);
    std::array<char, k_traceparent_size> value;
    write_traceparent(context, value.data());
    r.set_header(traceparent_, {value.data(), value.size()});
  }

  void on_response(gw::request r) const {
    if (config_.trace_id_header == 0) return;
    RequestTrace& trace = r.state<RequestTrace>();
    begin(r, trace);
    std::array<char, 32> id;
    write_hex(trace.trace.trace_id, sizeof trace.trace.trace_id, id.data());
    r.response().set_header(config_.trace_id_header, {id.data(), id.size()});
  }

  void on_log(gw::request r) const {
    auto& worker = r.worker_state<WorkerState>();
    if (!worker.exporter) return;
    RequestTrace& trace = r.state<RequestTrace>();
    begin(r, trace);
    if ((trace.trace.flags & k_flag_sampled) == 0) return;
    worker.exporter->push(worker.spans.server_span(r, trace));
    const gw::attempt_list attempts = r.attempts();
    for (std::uint32_t i = 0; i < attempts.n; ++i) {
      worker.exporter->push(worker.spans.client_span(r, trace, attempts.items[i], i));
    }
  }

 private:
  // Reads or makes the trace context, once. Not only in on_request: a request that an earlier
  // plugin answered, such as one without credentials, comes first to on_response or on_log.
  //
  // With nothing to export, a trace that the client has begun is forwarded: its own span stays the
  // parent of the upstream's. A new span id would name a span that nobody ever sees, and cut the
  // tree in two.
  void begin(const gw::request& r, RequestTrace& trace) const {
    if (trace.begun) return;
    trace.begun = true;
    trace.trace.size = sizeof trace.trace;
    TraceContext parent;
    trace.has_parent = read_parent(r, parent);
    trace.forwards = trace.has_parent && !config_.exports();
    if (trace.has_parent) {
      continue_trace(r, trace, parent);
    } else {
      start_trace(r, trace);
    }
    r.put(slot_, &trace.trace);
  }

  // A traceparent that stands twice is invalid, whatever the two say.
  bool read_parent(const gw::request& r, TraceContext& parent) const {
    if (!config_.extract) return false;
    gw_str fields[2];
    if (r.request_headers().all(traceparent_, fields, 2) != 1) return false;
    return parse_traceparent(gw::to_view(fields[0]), parent);
  }

  void start_trace(const gw::request& r, RequestTrace& trace) const {
    std::array<std::uint8_t, 32> random;  // trace id, span id, seed
    r.host().random(random.data(), random.size());
    TraceId id;
    std::memcpy(id.data(), random.data(), id.size());
    make_nonzero(id.data(), id.size());
    take_span_id(trace, random.data() + 16);
    const bool sampled = config_.exports() && sampler_.sample(id, nullptr);
    std::memcpy(trace.trace.trace_id, id.data(), id.size());
    // Not k_flag_random, though the id is random: the flag is of Trace Context Level 2, a draft,
    // and readers of Level 1 are met that compare flags with 00 and 01 instead of looking at the
    // bit.
    trace.trace.flags = sampled ? k_flag_sampled : 0U;
  }

  void continue_trace(const gw::request& r, RequestTrace& trace, const TraceContext& parent) const {
    std::memcpy(trace.trace.trace_id, parent.trace_id.data(), parent.trace_id.size());
    std::memcpy(trace.parent_id, parent.span_id.data(), parent.span_id.size());
    trace.trace.flags = parent.flags;
    if (trace.forwards) {
      std::memcpy(trace.trace.span_id, parent.span_id.data(), parent.span_id.size());
    } else {
      std::array<std::uint8_t, 16> random;  // span id, seed
      r.host().random(random.data(), random.size());
      take_span_id(trace, random.data());
      const bool sampled = sampler_.sample(parent.trace_id, &parent);
      trace.trace.flags = (parent.flags & k_flag_random) | (sampled ? k_flag_sampled : 0U);
    }
    read_tracestate(r, trace);
  }

  static void take_span_id(RequestTrace& trace, const std::uint8_t* random) {
    std::memcpy(trace.trace.span_id, random, sizeof trace.trace.span_id);
    make_nonzero(trace.trace.span_id, sizeof trace.trace.span_id);
    std::memcpy(&trace.attempt_seed, random + 8, sizeof trace.attempt_seed);
  }

  // An invalid list is dropped whole; the trace goes on without it.
  void read_tracestate(const gw::request& r, RequestTrace& trace) const {
    gw_str fields[k_max_fields];
    const std::uint32_t n = r.request_headers().all(tracestate_, fields, k_max_fields);
    if (n == 0 || n > k_max_fields) return;
    TraceState state;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!state.add(gw::to_view(fields[i]))) return;
    }
    state.truncate();
    if (state.empty()) return;
    const std::size_t size = state.size();
    auto* text = static_cast<char*>(r.alloc(size, 1));
    state.write(text);
    trace.trace.tracestate = {text, size};
  }

  // A new trace has no state; a continued one has it in one field. A list that is written as it
  // came in is left alone, and so is one that is only forwarded.
  void inject_tracestate(const gw::request& r, const RequestTrace& trace) const {
    if (trace.forwards) return;
    const std::string_view state = gw::to_view(trace.trace.tracestate);
    gw_str field;
    const std::uint32_t n = r.request_headers().all(tracestate_, &field, 1);
    if (state.empty()) {
      if (n != 0) r.remove_header(tracestate_);
    } else if (n != 1 || gw::to_view(field) != state) {
      r.set_header(tracestate_, state);
    }
  }

  Config config_;
  Sampler sampler_;
  ExportMetrics metrics_;
  gw::hid traceparent_, tracestate_, user_agent_;
  gw::slot<gw_trace> slot_;
};

}  // namespace otel

GW_PLUGIN(otel::Handler)
