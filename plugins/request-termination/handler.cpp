// SPDX-License-Identifier: Apache-2.0
// request-termination: a fixed answer, or an echo of the request, instead of the upstream's.
#include "config.hpp"
#include "echo.hpp"
#include "gatewright/arguments.hpp"
#include "request-termination_schema.h"

namespace request_termination {
namespace {

// A body that is larger is not echoed.
constexpr int64_t k_body_limit = 1 << 20;

struct Handler {
  static constexpr auto name = "request-termination";
  static constexpr int priority = 2;
  static constexpr auto version = "1.0.0";
  static constexpr uint32_t flags = GW_P_BODY_ASKED;
  static constexpr auto schema = gw_schema;

  explicit Handler(gw::config c) : config_(c) {}

  gw::action on_request(gw::request r) const {
    if (!config_.trigger.empty() && !triggered(r)) return gw::next;
    if (!config_.echo) return answer(r);
    const int64_t length = r.number(GW_CONTENT_LENGTH);
    if (length == 0 || length > k_body_limit) return echo(r, {});
    return r.body_mode(GW_REQUEST, GW_BODY_BUFFER, k_body_limit) == GW_OK ? gw::next : gw::fail;
  }

  gw::action on_request_body(gw::request r, gw::chunk whole) const { return echo(r, whole.bytes); }

 private:
  bool triggered(gw::request r) const {
    if (gw::present(r.header(config_.trigger_header))) return true;
    bool found = false;
    gw::for_each_argument(r.query(), [&](const gw::argument& a) {
      found = found || gw::has_name(a, config_.trigger);
    });
    return found;
  }

  gw::action answer(gw::request r) const {
    gw::reply reply = terminated(r);
    if (config_.has_body)
      reply.body(config_.body, config_.content_type.empty() ? gw::view() : config_.content_type);
    else if (config_.message.empty())
      reply.no_body();
    else
      reply.message(config_.message).plain_json();
    return r.respond(reply);
  }

  gw::action echo(gw::request r, gw::view body) const {
    const gw::byte_buffer text = describe(r, config_.message, body);
    return r.respond(terminated(r).body(text.text(), {}));
  }

  gw::reply terminated(gw::request r) const {
    r.decide(GW_DENY, "terminated", config_.trigger);
    return gw::reply(config_.status).code("terminated");
  }

  Config config_;
};

}  // namespace
}  // namespace request_termination

GW_PLUGIN(request_termination::Handler)
