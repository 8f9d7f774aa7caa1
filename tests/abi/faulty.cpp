// SPDX-License-Identifier: Apache-2.0
// Two plugins for tests/scenarios/plugins_test.cpp: `faulty` does in one phase what its options
// say, `witness` runs behind it everywhere and says so.
#include <gatewright/plugin.hpp>

namespace {

struct faulty {
  static constexpr auto name = "faulty";
  static constexpr int priority = 100;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "phase": {"type": "string", "default": ""}, "act": {"type": "string", "default": "throw"},
    "number": {"type": "integer", "default": 0}}})";

  explicit faulty(gw::config c)
      : phase(c.str("phase")), act(c.str("act")), number(c.i64("number")) {}

  gw::action in(gw::view here, gw::request r) const {
    if (here != gw::view(phase)) return gw::next;
    if (act == "throw") throw std::runtime_error("as it was told");
    if (act == "fail") return gw::fail;
    if (act == "respond")
      return r.respond(gw::reply(int(number)).code("as_told").body("told", "text/plain"));
    if (act == "status") r.set_status(int(number));
    if (act == "buffer") r.body_mode(GW_REQUEST, GW_BODY_BUFFER, uint64_t(number));
    if (act == "address") return r.respond(gw::reply(200).body(r.get(GW_SERVER_IP), "text/plain"));
    if (act == "certificate")
      return r.respond(gw::reply(200).body(
          gw::join(r.get(GW_CLIENT_CERT_SUBJECT), " ", r.get(GW_CLIENT_CERT_FINGERPRINT), "\n",
                   r.get(GW_CLIENT_CERT)),
          "text/plain"));
    if (act != "pause") return gw::next;
    r.pause(gw::milliseconds(number));
    return gw::pause;
  }
  gw::action on_rewrite(gw::request r) const { return in("rewrite", r); }
  gw::action on_request(gw::request r) const { return in("request", r); }
  gw::action on_request_body(gw::request r, gw::chunk) const { return in("request_body", r); }
  gw::action on_upstream(gw::request r, uint32_t) const { return in("upstream", r); }
  gw::action on_response(gw::request r) const { return in("response", r); }
  gw::action on_response_body(gw::request r, gw::chunk) const { return in("response_body", r); }
  uint32_t pick(gw::request, const gw::choice&) const {
    if (phase != "pick") return gw::choice::ours;
    if (act == "throw") throw std::runtime_error("as it was told");
    return uint32_t(number);
  }
  void on_cancel(gw::request r) const { r.log(GW_LOG_NOTICE, "cancelled"); }
  void on_log(gw::request r) const { in("log", r); }

  std::string phase, act;
  int64_t number;
};

struct witness {
  static constexpr auto name = "witness";
  static constexpr int priority = 1;
  static constexpr auto schema = R"({"type": "object", "properties": {}})";

  explicit witness(gw::config c) : seen(c.header_id("X-Witness")) {}
  void on_response(gw::request r) const { r.response().set_header(seen, "here"); }
  void on_log(gw::request r) const {
    r.log(GW_LOG_NOTICE, "witnessed",
          {gw::kv("code", r.get(GW_ERROR_CODE)), gw::kv("abort", r.get(GW_ABORT_REASON))});
  }
  gw::hid seen;
};

}  // namespace

GW_PLUGINS(faulty, witness)
