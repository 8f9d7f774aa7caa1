// SPDX-License-Identifier: Apache-2.0
// Asks an authorization server whether a bearer token is good (RFC 7662), while the request waits.
#include <gatewright/plugin.hpp>
#include <nlohmann/json.hpp>

struct introspection {
  static constexpr auto name = "token-introspection";
  static constexpr int priority = 1010;
  static constexpr uint32_t flags = GW_P_SECURITY;
  static constexpr auto schema = R"({"type": "object", "required": ["url"], "properties": {
    "url": {"type": "string", "pattern": "^https?://"},
    "authorization": {"type": "string", "x-gw-secret": true, "default": "",
                      "description": "Authorization of the gateway at that server"},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 60000, "default": 2000}}})";
  enum verdict : int64_t { refused, active, unreachable };

  explicit introspection(gw::config c)
      : authorization(c.header_id("Authorization")),
        url(c.str("url")),
        own(c.str("authorization")),
        timeout(c.i64("timeout_ms")) {}

  gw::action on_request(gw::request r) const {
    const gw::view value = r.header(authorization);
    if (value.substr(0, 7) != "Bearer ") return challenge(r, "Bearer");
    const auto token = r.pause(2 * timeout);
    gw::http_request ask{url, "POST", {{"Content-Type", "application/x-www-form-urlencoded"}}};
    if (!own.empty()) ask.headers.emplace_back("Authorization", own);
    const std::string form = "token=" + escaped(value.substr(7));
    ask.body = form;
    ask.timeout = timeout;
    r.worker().http(ask, [token](const gw::http_result& x) { token.resume(judge(x)); });
    return gw::pause;
  }

  gw::action on_resume(gw::request r, int64_t verdict) const {
    if (verdict == refused) return challenge(r, "Bearer error=\"invalid_token\"");
    if (verdict == unreachable) return r.respond(503, "The token cannot be verified now");
    return gw::next;
  }

 private:
  static verdict judge(const gw::http_result& x) {
    if (!x.ok() || x.status() != 200) return unreachable;
    const auto answer = nlohmann::json::parse(x.body(), nullptr, false);
    return answer.is_object() && answer.value("active", false) ? active : refused;
  }
  static gw::action challenge(gw::request r, gw::view scheme) {
    r.decide(GW_DENY, "token_refused", "", scheme);
    return r.respond(gw::reply(401).message("Unauthorized").header("WWW-Authenticate", scheme));
  }
  static std::string escaped(gw::view text) {
    std::string out;
    for (const unsigned char c : text)
      if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
        out.push_back(static_cast<char>(c));
      else
        out += {'%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15]};
    return out;
  }

  gw::hid authorization;
  std::string url, own;
  gw::milliseconds timeout;
};
GW_PLUGIN(introspection)
