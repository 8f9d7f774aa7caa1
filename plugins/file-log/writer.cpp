// SPDX-License-Identifier: Apache-2.0
#include "writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

namespace file_log {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_first_retry{50}, k_longest_retry{1000};
// A pipe that is full and has a reader.
constexpr milliseconds k_pipe_retry{2};
// After a burst the memory goes back.
constexpr std::size_t k_kept_bytes = 1 << 20;

milliseconds retry_delay(int failures) {
  return std::min(k_first_retry * (1 << std::min(failures - 1, 8)), k_longest_retry);
}

std::uint64_t count_lines(gw::view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

void empty(gw::byte_buffer& buffer) {
  buffer.clear();
  if (buffer.capacity() > k_kept_bytes) buffer.release();
}

}  // namespace

std::shared_ptr<Writer> Writer::shared() {
  static std::mutex mutex;
  static std::weak_ptr<Writer> one;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Writer> writer = one.lock();
  if (!writer) one = writer = std::shared_ptr<Writer>(new Writer);
  return writer;
}

Writer::Writer() : state_(std::make_shared<State>()) {
  // The thread takes no signals of the process, and no SIGPIPE either.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([state = state_] { run(state); });
  pthread_setname_np(thread.native_handle(), "gw-file-log");
  thread.detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Writer::~Writer() {
  std::unique_lock lock(state_->mutex);
  state_->closing = true;
  state_->wake.notify_one();
  state_->ended.wait_for(lock, k_patience + k_longest_retry / 4, [this] { return state_->over; });
}

void Writer::add(std::shared_ptr<Outlet> outlet) {
  const std::lock_guard lock(state_->mutex);
  state_->outlets.push_back(std::move(outlet));
}

void Writer::hand_over(Outlet& outlet, gw::byte_buffer& lines) {
  if (lines.empty()) return;
  {
    const std::lock_guard lock(state_->mutex);
    outlet.in_flight_ += lines.size();
    if (outlet.waiting_.empty()) {
      outlet.waiting_.swap(lines);
    } else {
      outlet.waiting_.append(lines.text());
    }
  }
  empty(lines);
  state_->wake.notify_one();  // not under the lock, where the thread would only wait again
}

void Writer::stop(Outlet& outlet) {
  const std::lock_guard lock(state_->mutex);
  outlet.stopped_ = true;
  outlet.give_up_ = Clock::now() + k_patience;
  state_->wake.notify_one();
}

void Writer::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    std::shared_ptr<Outlet> due;
    const Clock::time_point next = sweep(*state, due);
    if (due) {
      write(*due, lock);
    } else if (state->closing && state->outlets.empty()) {
      break;
    } else if (next == Clock::time_point::max()) {
      state->wake.wait(lock);
    } else {
      state->wake.wait_until(lock, next);
    }
  }
  state->over = true;
  state->ended.notify_one();
}

// Takes leave of outlets that are done, finds one whose lines can be tried now, and answers when
// there is something to do again.
Writer::Clock::time_point Writer::sweep(State& state, std::shared_ptr<Outlet>& due) {
  const Clock::time_point now = Clock::now();
  Clock::time_point next = Clock::time_point::max();
  for (auto it = state.outlets.begin(); it != state.outlets.end();) {
    Outlet& outlet = **it;
    const bool has_lines = outlet.in_flight_ > 0;
    if (outlet.stopped_ && (!has_lines || now >= outlet.give_up_)) {
      give_up(state, outlet);
      it = state.outlets.erase(it);
      continue;
    }
    if (has_lines && outlet.failures_ > 0 && now < outlet.retry_at_)
      next = std::min(
          next, outlet.stopped_ ? std::min(outlet.retry_at_, outlet.give_up_) : outlet.retry_at_);
    else if (has_lines && !due)
      due = *it;
    ++it;
  }
  return next;
}

void Writer::write(Outlet& outlet, std::unique_lock<std::mutex>& lock) {
  if (outlet.batch_.empty()) {
    outlet.batch_.swap(outlet.waiting_);
  } else {
    outlet.batch_.append(outlet.waiting_.text());
  }
  empty(outlet.waiting_);
  lock.unlock();
  int error = 0;
  const std::size_t done = outlet.file_.write(outlet.batch_.text(), error);
  if (done == outlet.batch_.size()) {
    empty(outlet.batch_);
  } else {
    outlet.batch_.drop_front(done);
  }
  outlet.error_ = done > 0 ? 0 : error;
  outlet.in_flight_ -= done;
  lock.lock();
  // So that two pieces of memory take turns, not three: what is in the cache is used again.
  if (outlet.batch_.empty() && outlet.waiting_.empty()) outlet.waiting_.swap(outlet.batch_);
  outlet.failures_ = error == 0 ? 0 : done > 0 ? 1 : outlet.failures_ + 1;
  const bool drains = done > 0 && error == EAGAIN;
  if (error != 0)
    outlet.retry_at_ = Clock::now() + (drains ? k_pipe_retry : retry_delay(outlet.failures_));
}

void Writer::give_up(State& state, Outlet& outlet) {
  *state.given_up += count_lines(outlet.batch_.text()) + count_lines(outlet.waiting_.text());
}

}  // namespace file_log
