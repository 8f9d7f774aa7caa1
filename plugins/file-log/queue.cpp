// SPDX-License-Identifier: Apache-2.0
#include "queue.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace file_log {

namespace {

constexpr std::uint64_t k_batch_bytes = 256 * 1024;
constexpr std::uint64_t k_warn_every_ns = 60'000'000'000;

bool lacks_reader(int error) { return error == ENXIO || error == EPIPE || error == EAGAIN; }

}  // namespace

Drops::Drops(const gw::config& source) {
  const gw::metric dropped =
      source.counter("gatewright_log_dropped_total", "Lines that log plugins did not write.",
                     {"plugin", "reason"});
  queue_full = dropped.with({"file-log", "queue_full"});
  no_space = dropped.with({"file-log", "no_space"});
  no_reader = dropped.with({"file-log", "no_reader"});
  write_failed = dropped.with({"file-log", "write_failed"});
  stopped = dropped.with({"file-log", "stopped"});
}

const gw::metric& Drops::of(int error) const {
  if (error == 0) return queue_full;
  if (error == ENOSPC || error == EDQUOT) return no_space;
  return lacks_reader(error) ? no_reader : write_failed;
}

Queue::Queue(gw::worker worker, const Config& config, const Drops& drops)
    : host_(worker.host()),
      worker_(worker.raw()),
      loop_(host_.api<gw_loop_api>(GW_LOOP_API)),
      config_(config),
      drops_(drops),
      outlet_(std::make_shared<Outlet>(config.path, config.reopen)) {
  const int error = outlet_->file().open();
  if (error != 0 && !(error == ENXIO && outlet_->file().is_fifo()))
    throw std::runtime_error(gw::join(config.path, " cannot be opened: ", std::strerror(error)));
  writer_ = Writer::shared();
  given_up_ = writer_->given_up();
  writer_->add(outlet_);
}

// The last entry of the process waits for the writer; the end of one among others holds up nobody.
Queue::~Queue() {
  writer_->hand_over(*outlet_, lines_);
  writer_->stop(*outlet_);
  writer_.reset();
  take_given_up();
}

void Queue::added(std::size_t before) {
  if (lines_.size() + outlet_->in_flight() > config_.queue_max_bytes) {
    lines_.cut(before);
    const int error = outlet_->error();
    drops_.of(error).add(1);
    warn_of_drops(error);
  }
  if (lines_.size() >= std::min(k_batch_bytes, config_.queue_max_bytes / 4))
    hand_over();
  else if (!timer_runs_ && !lines_.empty())
    if (!start_timer()) hand_over();
}

bool Queue::start_timer() {
  timer_runs_ = loop_ != nullptr &&
                loop_->timer_start(worker_, config_.flush_interval_ms, 0, on_timer, this) != 0;
  return timer_runs_;
}

void Queue::on_timer(gw_worker*, void* self) noexcept {
  auto& queue = *static_cast<Queue*>(self);
  queue.timer_runs_ = false;
  queue.hand_over();
  // Somebody is to hear of a file that takes nothing, also when no further line comes.
  if (queue.outlet_->in_flight() > 0) queue.start_timer();
}

void Queue::hand_over() {
  writer_->hand_over(*outlet_, lines_);
  take_given_up();
  report();
}

void Queue::take_given_up() {
  const std::uint64_t lines = given_up_->exchange(0);
  if (lines > 0) drops_.stopped.add(static_cast<std::int64_t>(lines));
}

// Says that the file takes nothing, and when it does again.
void Queue::report() {
  const int error = outlet_->error();
  if (error == 0 && reported_ != 0) {
    host_.log(GW_LOG_INFO, gw::join("log lines are written again to ", config_.path));
  } else if (error != 0 && reported_ == 0) {
    if (!is_time(waits_warned_ns_)) return;
    host_.log(GW_LOG_WARN, gw::join("log lines wait: ", config_.path, ": ", std::strerror(error)));
  }
  reported_ = error;
}

void Queue::warn_of_drops(int error) {
  if (!is_time(drops_warned_ns_)) return;
  const std::string why = error == 0 ? "it does not take them fast enough" : std::strerror(error);
  host_.log(
      GW_LOG_WARN,
      gw::join("log lines are dropped, more than queue_max_bytes wait: ", config_.path, ": ", why));
}

// At most once a minute for each kind of warning.
bool Queue::is_time(std::uint64_t& warned_ns) const {
  const std::uint64_t now = host_.mono_ns();
  if (warned_ns != 0 && now - warned_ns < k_warn_every_ns) return false;
  warned_ns = now;
  return true;
}

}  // namespace file_log
