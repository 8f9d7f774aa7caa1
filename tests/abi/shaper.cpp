// SPDX-License-Identifier: Apache-2.0
// Two plugins for tests/scenarios/bodies_test.cpp: `shaper` takes part in bodies as its options
// say, `teller` logs every value that a request has.
#include <gatewright/plugin.hpp>

namespace {

uint32_t mode_of(gw::view name) {
  return name == "none"     ? GW_BODY_NONE
         : name == "modify" ? GW_BODY_MODIFY
         : name == "buffer" ? GW_BODY_BUFFER
                            : GW_BODY_OBSERVE;
}

struct shaper {
  static constexpr auto name = "shaper";
  static constexpr int priority = 50;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "request": {"type": "string", "default": "observe"},
    "response": {"type": "string", "default": "observe"},
    "limit": {"type": "integer", "default": 0}, "pass": {"type": "boolean", "default": false},
    "emit": {"type": "string", "default": ""}, "status": {"type": "integer", "default": 0},
    "fail_at": {"type": "integer", "default": 0}, "on": {"type": "integer", "default": 503},
    "pause": {"type": "string", "default": ""}, "wake": {"type": "integer", "default": 0},
    "again": {"type": "boolean", "default": false}, "to": {"type": "string", "default": ""}}})";

  struct request_state {
    int pieces;
  };

  explicit shaper(gw::config c)
      : request(mode_of(c.str("request"))),
        response(mode_of(c.str("response"))),
        limit(uint64_t(c.i64("limit"))),
        overflow(c.boolean("pass") ? GW_OVERFLOW_PASS : GW_OVERFLOW_REFUSE),
        text(c.str("emit")),
        pause(c.str("pause")),
        to(c.str("to")),
        status(int(c.i64("status"))),
        fail_at(int(c.i64("fail_at"))),
        on(int(c.i64("on"))),
        wake(c.i64("wake")),
        again(c.boolean("again")),
        size(c.header_id("X-Size")) {}

  void on_request(gw::request r) const {
    r.body_mode(GW_REQUEST, request, limit, overflow);
    r.body_mode(GW_RESPONSE, response, limit, overflow);
  }
  gw::action on_request_body(gw::request r, gw::chunk c) const {
    return piece(r, c, request, "request_body");
  }
  gw::action on_response(gw::request r) const {
    const bool bad = r.status() == on && response != GW_BODY_BUFFER;
    return bad && wants_again(r) ? gw::redispatch : gw::next;
  }
  gw::action on_response_body(gw::request r, gw::chunk c) const {
    if (++r.state<request_state>().pieces == fail_at) throw std::runtime_error("as it was told");
    if (response == GW_BODY_BUFFER && !c.overflow) {
      if (r.status() == on && wants_again(r)) return gw::redispatch;
      r.response().set_header(size, std::to_string(c.bytes.size()));
      if (status != 0) r.set_status(status);
    }
    if (response == GW_BODY_BUFFER && c.overflow) r.response().set_header(size, "too much");
    return piece(r, c, response, "response_body");
  }
  void on_resume(gw::request r, int64_t) const {
    if (r.phase() == GW_PHASE_RESPONSE_BODY && response == GW_BODY_MODIFY) r.emit("resumed,");
  }
  void on_cancel(gw::request r) const { r.log(GW_LOG_NOTICE, "cancelled"); }

 private:
  bool wants_again(gw::request r) const {
    return again && r.redispatch(to.empty() ? gw::view() : gw::view(to));
  }

  gw::action piece(gw::request r, gw::chunk c, uint32_t mode, gw::view here) const {
    if (mode == GW_BODY_MODIFY) r.emit(c.bytes);
    if (mode >= GW_BODY_MODIFY && !text.empty() && c.last) r.emit_owned(text);
    if (here != gw::view(pause) || c.last) return gw::next;
    const gw::token token = r.pause(gw::milliseconds(wake > 0 ? 60000 : 300));
    r.log(GW_LOG_NOTICE, "pauses");
    if (wake > 0) r.worker().after(gw::milliseconds(wake), [token] { token.resume(0); });
    return gw::pause;
  }

  uint32_t request, response;
  uint64_t limit;
  uint32_t overflow;
  std::string text, pause, to;
  int status, fail_at, on;
  int64_t wake;
  bool again;
  gw::hid size;
};

struct teller {
  static constexpr auto name = "teller";
  static constexpr int priority = 1;
  static constexpr auto schema = R"({"type": "object", "properties": {}})";

  explicit teller(gw::config c) : attempt(c.header_id("X-Attempt")) {}
  void on_upstream(gw::request r, uint32_t n) const { r.set_header(attempt, std::to_string(n)); }
  void on_log(gw::request r) const {
    std::string line;
    for (uint32_t what = GW_METHOD; what <= GW_SERVER_IP; ++what)
      line += gw::join(std::to_string(what), "=", r.get(what), ";");
    for (uint32_t what = GW_STATUS; what <= GW_CONNECTION_REQUESTS; ++what)
      line += gw::join(std::to_string(what), "=", std::to_string(r.number(what)), ";");
    for (const gw_attempt& a : r.attempts())
      line += gw::join("attempt=", std::to_string(a.status), "/", gw::to_view(a.host), "/",
                       std::to_string(a.port), a.end_ns >= a.start_ns ? ";" : "?");
    r.log(GW_LOG_NOTICE, "told", {gw::kv("all", line)});
  }
  gw::hid attempt;
};

}  // namespace

GW_PLUGINS(shaper, teller)
