// SPDX-License-Identifier: Apache-2.0
// fault: does what X-Fault (in the phase request) or X-Fault-Log (in the phase log) says: segv,
// abort, hang (for ever), hold (for 300 ms). Its option `at_start` does the same in each worker's
// start.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <gatewright/plugin.hpp>

#ifndef FAULT_BUILD
#define FAULT_BUILD "first"
#endif

namespace {

volatile bool g_for_ever = true;

void fail_by(gw::view how) {
  if (how == "segv") std::raise(SIGSEGV);  // sanitizers make something else of a wrong address
  if (how == "abort") std::abort();
  while (how == "hang" && g_for_ever) {
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (how == "hold" && std::chrono::steady_clock::now() < until) {
  }
}

struct Fault {
  static constexpr auto name = "fault";
  static constexpr int priority = 700;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "at_start": {"type": "string", "default": "", "title": "what to do in each worker's start"}}})";

  explicit Fault(gw::config c)
      : in_request(c.header_id("X-Fault")),
        in_log(c.header_id("X-Fault-Log")),
        build(c.header_id("X-Fault-Build")) {
    fail_by(c.str("at_start"));
  }
  gw::action on_request(gw::request r) const {
    fail_by(r.header(in_request));
    return gw::next;
  }
  void on_response(gw::request r) const { r.response().set_header(build, FAULT_BUILD); }
  void on_log(gw::request r) const { fail_by(r.header(in_log)); }

  gw::hid in_request, in_log, build;
};

}  // namespace

GW_PLUGIN(Fault)
