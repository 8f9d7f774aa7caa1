// SPDX-License-Identifier: Apache-2.0
// Asks an authorization server whether a bearer token is good (RFC 7662), while the request waits.
#include <gatewright/arguments.hpp>
#include <gatewright/plugin.hpp>
#include <nlohmann/json.hpp>

struct introspection {
  static constexpr auto name = "token-introspection";
  static constexpr int priority = 1010;
  static constexpr uint32_t flags = GW_P_SECURITY;
  static constexpr auto schema = R"({"type": "object", "required": ["url", "authorization"],
    "properties": {"url": {"type": "string", "pattern": "^https?://"},
    "authorization": {"type": "string", "minLength": 1, "x-gw-secret": true},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 60000, "default": 2000}}})";

  explicit introspection(gw::config c)
      : bearer(c.header_id("Authorization")), url(c.str("url")), timeout(c.i64("timeout_ms")) {
    headers.emplace_back("Authorization", c.str("authorization"));
  }
  gw::action on_request(gw::request r) const {
    const gw::view value = r.header(bearer);
    if (value.substr(0, 7) != "Bearer ") return challenge(r, "Bearer");
    const auto judge = [token = r.pause(2 * timeout)](const gw::http_result& x) {
      const auto answer = nlohmann::json::parse(x.body(), nullptr, false);
      const bool active = answer.is_object() && answer.value("active", false);
      token.resume(x.status() != 200 ? 503 : active ? 200 : 401);
    };
    r.worker().http({url, "POST", headers, gw::form({{"token", value.substr(7)}}), timeout}, judge);
    return gw::pause;
  }
  gw::action on_resume(gw::request r, int64_t status) const {
    if (status == 503) return r.respond(503, "The token cannot be verified now");
    return status == 200 ? gw::next : challenge(r, "Bearer error=\"invalid_token\"");
  }
  static gw::action challenge(gw::request r, gw::view scheme) {
    r.decide(GW_DENY, "token_refused", "", scheme);
    return r.respond(gw::reply(401).message("Unauthorized").header("WWW-Authenticate", scheme));
  }

  gw::hid bearer;
  std::string url;
  gw::milliseconds timeout;
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", gw::form_type}};
};
GW_PLUGIN(introspection)
