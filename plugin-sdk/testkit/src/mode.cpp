// SPDX-License-Identifier: Apache-2.0
#include "gatewright/testkit/mode.hpp"

#include <exception>
#include <stdexcept>

#include "gatewright/checking.hpp"
#include "gatewright/testkit/host.hpp"

namespace gw::test {

namespace {

thread_local mode_scope* t_scope = nullptr;

template <class Run>
void run_each(const Run& run) {
  for (const mode m : all_modes) {
    try {
      const mode_scope scope(m);
      run();
    } catch (const std::exception& e) {
      throw std::runtime_error(std::string("in mode ") + to_string(m) + ": " + e.what());
    }
  }
}

}  // namespace

const char* to_string(mode m) {
  static const char* const names[] = {"plain", "checking", "truncated", "split"};
  return names[static_cast<int>(m)];
}

mode current_mode() {
  if (t_scope != nullptr) return t_scope->which();
  return checking::asked_for() ? mode::checking : mode::plain;
}

mode_scope::mode_scope(mode m) : mode_(m), outer_(t_scope) { t_scope = this; }

mode_scope::~mode_scope() noexcept(false) {
  t_scope = outer_;
  if (broken_.empty() || std::uncaught_exceptions() > 0) return;
  std::string text;
  for (const std::string& line : broken_) text += (text.empty() ? "" : "\n") + line;
  throw std::logic_error(text);
}

mode_scope* mode_scope::current() { return t_scope; }

void mode_scope::add(const std::vector<std::string>& broken) {
  broken_.insert(broken_.end(), broken.begin(), broken.end());
}

void in_every_mode(const std::function<void(host&)>& run) {
  run_each([&run] {
    host h;
    run(h);
  });
}

void in_every_mode(const std::function<void()>& run) { run_each(run); }

}  // namespace gw::test
