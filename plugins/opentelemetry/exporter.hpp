// SPDX-License-Identifier: Apache-2.0
// Sends the spans of one worker to an OTLP/HTTP collector: collects them in batches, posts a batch
// when it is full or its time has come, and tries again by the rules in retry.hpp. Never blocks:
// everything happens in the callbacks of timers and calls.
//
//   open --full, or max_coalescing_delay after its first span--> closed --a sender is free-->
//   calling calling --2xx, or a final answer--> released calling --429, 502…504, no connection, no
//   answer--> waiting --its time--> calling
//
// At most concurrency_limit batches are calling or waiting; the others queue behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config.hpp"
#include "gatewright/plugin.hpp"
#include "otlp_encoder.hpp"
#include "span_queue.hpp"

namespace otel {

// Series of gatewright_otel_spans_exported_total and …_dropped_total{reason}.
struct ExportMetrics {
  gw::metric exported;
  gw::metric dropped_full;      // the queue was full
  gw::metric dropped_rejected;  // the collector took the batch, but not these
  gw::metric dropped_failed;    // refused, or not delivered in time
};

// One line of its kind in ten seconds; the others are counted and told with the next.
class QuietLog {
 public:
  void log(const gw::host& host, gw_log_level level, std::string_view text, gw_kv first,
           gw_kv second);

 private:
  std::uint64_t next_ns_ = 0;
  std::uint64_t suppressed_ = 0;
};

class Exporter {
 public:
  // Borrows config and metrics; they must outlive it.
  Exporter(gw::worker worker, const Config& config, const ExportMetrics& metrics);
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Takes one encoded span. When the queue is full the oldest is lost, and counted.
  void push(std::string_view span);

  // The worker's last act, when the host has cancelled its calls and timers: starts one call for
  // each batch that is left. Nobody hears of their results, so this is the best that can be done
  // for the spans of the last second, and no promise.
  void stop();

 private:
  void start_coalescing();
  void on_coalesced();
  void send_ready();
  std::string_view request_body(Batch& batch);
  void call(Batch& batch);
  void on_result(Batch& batch, const gw::http_result& result);
  void accepted(Batch& batch, std::string_view body);
  void retry(Batch& batch, std::optional<std::uint64_t> retry_after, std::string_view detail);
  void give_up(Batch& batch, std::string_view why, std::string_view detail);
  void finish(Batch& batch);
  void abandon(Batch& batch);
  void watch_level();

  gw::worker worker_;
  const Config& config_;
  const ExportMetrics& metrics_;
  RequestPrefix prefix_;
  SpanQueue queue_;
  gw::http_request request_;
  gw::handle coalescing_ = 0;  // the timer of the open batch
  bool due_ = false;           // the open batch's time has come, but no sender was free
  bool warned_ = false;
  std::uint32_t senders_ = 0;  // batches that are calling or waiting
  QuietLog errors_, rejections_, warnings_;
};

}  // namespace otel
