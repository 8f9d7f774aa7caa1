// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <sys/resource.h>

#include <ctime>

#include "base/check.hpp"

namespace gw::net {

namespace {

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::uint64_t(now.tv_sec) * 1000000000u + std::uint64_t(now.tv_nsec);
}

}  // namespace

std::size_t descriptor_limit() {
  constexpr std::size_t k_others = 64;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return 1 << 20;
  return files.rlim_cur > 2 * k_others ? files.rlim_cur - k_others : files.rlim_cur / 2;
}

Loop::Loop()
    : read_buffer_(new char[k_read_buffer]),
      deadlines_(
          [](void* self, std::uint64_t in_ms) {
            auto& timer = static_cast<Loop*>(self)->timer_;
            if (in_ms == ~0ull) {
              uv_timer_stop(&timer);
              return;
            }
            const auto on_time = [](uv_timer_t* t) {
              static_cast<Loop*>(t->data)->run_deadlines_soon();
            };
            uv_timer_start(&timer, on_time, in_ms, 0);
          },
          this) {
  check(uv_loop_init(&loop_) == 0);
  check(uv_timer_init(&loop_, &timer_) == 0);
  check(uv_prepare_init(&loop_, &prepare_) == 0);
  check(uv_idle_init(&loop_, &no_sleep_) == 0);
  check(uv_check_init(&loop_, &after_events_) == 0);
  timer_.data = prepare_.data = after_events_.data = this;
  const auto on_prepare = [](uv_prepare_t* prepare) {
    auto& loop = *static_cast<Loop*>(prepare->data);
    loop.now_ns_ = 0;
    if (loop.before_sleep_ != nullptr) loop.before_sleep_(loop.before_sleep_context_);
  };
  check(uv_prepare_start(&prepare_, on_prepare) == 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(&prepare_));
  deadlines_.now_ms = uv_now(&loop_);
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&no_sleep_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&after_events_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  check(uv_loop_close(&loop_) == 0);
}

// A loop that was kept busy is late: what came in time meanwhile is looked at first, in the same
// turn.
void Loop::run_deadlines_soon() {
  uv_idle_start(&no_sleep_, [](uv_idle_t*) {});
  uv_check_start(&after_events_, [](uv_check_t* check) {
    auto& loop = *static_cast<Loop*>(check->data);
    uv_idle_stop(&loop.no_sleep_);
    uv_check_stop(check);
    loop.deadlines_.run(uv_now(&loop.loop_));
  });
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }

void Loop::stop() { uv_stop(&loop_); }

void Loop::before_sleep(void (*call)(void* context), void* context) {
  before_sleep_ = call;
  before_sleep_context_ = context;
}

std::uint64_t Loop::now_ms() { return uv_now(&loop_); }

std::uint64_t Loop::now_ns() {
  if (now_ns_ == 0) now_ns_ = clock_ns(CLOCK_MONOTONIC);
  return now_ns_;
}

std::uint64_t Loop::unix_ns() {
  const std::uint64_t now = now_ns();
  if (offset_at_ == 0 || now - offset_at_ > 1000000000u) {
    unix_offset_ = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
    offset_at_ = now;
  }
  return now + unix_offset_;
}

std::span<char> Loop::plain_buffer() {
  if (!plain_buffer_) plain_buffer_ = std::make_unique_for_overwrite<char[]>(k_plain_buffer);
  return {plain_buffer_.get(), k_plain_buffer};
}

}  // namespace gw::net
