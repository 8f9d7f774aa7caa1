// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_answer.hpp"

#include <array>
#include <cstring>

#include "http/writer.hpp"
#include "plugin/callback.hpp"
#include "plugin/generation.hpp"
#include "plugin/host.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint32_t k_response_1_0 = offsetof(gw_response, body) + sizeof(gw_response::body);
constexpr std::uint32_t k_max_headers = 256;
constexpr std::size_t k_max_code = 64;

Request& of(gw_req* r) { return *reinterpret_cast<Request*>(r); }

std::string_view copy_if(Request& r, gw_str given) {
  return given.p == nullptr ? std::string_view{} : r.arena.copy(from_abi(given));
}

constexpr std::array<bool, 256> make_code_bytes() {
  std::array<bool, 256> out{};
  for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyz0123456789_"})
    out[std::size_t(c)] = true;
  return out;
}
constexpr auto k_code_bytes = make_code_bytes();

// Absent, or [a-z0-9_]+: it becomes a label of counters.
bool is_code(gw_str given) {
  const std::string_view code = from_abi(given);
  if (code.data() == nullptr) return true;
  if (code.empty() || code.size() > k_max_code) return false;
  bool good = true;
  for (const char c : code) good &= k_code_bytes[(unsigned char)c];
  return good;
}

gw_status copy_header(Request& r, const gw_field& field, ReplyHeader& out) {
  const bool by_id = field.id != 0;
  if (by_id && field.id >= http::header_count()) return GW_E_INVALID;
  const auto name =
      by_id ? http::header_name(http::HeaderId(field.id)) : r.arena.copy(from_abi(field.name));
  const auto id = by_id ? http::HeaderId(field.id) : http::find_header(name);
  if (!http::is_token(name) || !http::is_field_value(from_abi(field.value))) return GW_E_BADVALUE;
  if (http::is_connection_field(id)) return GW_E_STATE;
  out = {id, name, r.arena.copy(from_abi(field.value))};
  return GW_OK;
}

gw_status copy_headers(Request& r, const gw_response& given, Reply& reply) {
  if (given.nheaders > k_max_headers) return GW_E_TOOBIG;
  if (given.nheaders > 0 && given.headers == nullptr) return GW_E_INVALID;
  auto* headers = r.arena.array<ReplyHeader>(given.nheaders);
  for (std::uint32_t i = 0; i < given.nheaders; ++i)
    if (const gw_status no = copy_header(r, given.headers[i], headers[i]); no != GW_OK) return no;
  reply.headers = headers;
  reply.header_count = given.nheaders;
  return GW_OK;
}

bool may_answer(const Request& r) {
  const bool early = r.phase == Phase::rewrite || r.phase == Phase::request;
  return (early || r.phase == Phase::upstream || r.phase == Phase::response) &&
         !r.response_head_sent;
}

}  // namespace

gw_status respond(gw_req* req, const gw_response* given) noexcept {
  Request& r = of(req);
  if (!may_answer(r)) return GW_E_STATE;
  if (given == nullptr || given->size < k_response_1_0) return GW_E_INVALID;
  if (given->status < 200 || given->status > 599) return GW_E_INVALID;
  if ((given->flags & ~std::uint32_t{GW_PLAIN_JSON | GW_NO_BODY}) != 0) return GW_E_INVALID;
  if (!is_code(given->code) || !http::is_field_value(from_abi(given->content_type)))
    return GW_E_BADVALUE;
  Reply reply;
  if (const gw_status no = copy_headers(r, *given, reply); no != GW_OK) return no;
  reply.recorded = Recorded::answer;
  reply.status = given->status;
  reply.flags = given->flags;
  reply.code = copy_if(r, given->code);
  reply.message = copy_if(r, given->message);
  reply.content_type = copy_if(r, given->content_type);
  reply.body = copy_if(r, given->body);
  if (r.current != nullptr) reply.plugin = r.current->plugin->name;
  r.reply = reply;
  return GW_OK;
}

gw_token pause(gw_req* req, std::uint32_t timeout_ms) noexcept {
  Request& r = of(req);
  const bool in_body = r.in_flow != nullptr;
  const bool allowed = in_body || r.phase == Phase::rewrite || r.phase == Phase::request ||
                       r.phase == Phase::response;
  Paused& place = pause_of(r);
  if (!allowed || place.token != 0) return 0;
  const std::uint64_t fallback = r.generation->snapshot().settings.plugin_pause_timeout;
  return Host::current()->pauses().begin(place, r.owner, in_body ? r.shown : Phase::none,
                                         timeout_ms > 0 ? timeout_ms : fallback);
}

void decide(gw_req* req, std::int32_t verdict, gw_str code, gw_str rule, gw_str why) noexcept {
  Request& r = of(req);
  if (verdict < GW_ALLOW || verdict > GW_SKIP || !is_code(code)) return;
  const std::string_view plugin =
      r.current != nullptr ? std::string_view(r.current->plugin->name) : std::string_view{};
  auto* decision = static_cast<Decision*>(r.arena.allocate(sizeof(Decision)));
  *decision = {r.decisions, plugin, verdict, copy_if(r, code), copy_if(r, rule), copy_if(r, why)};
  r.decisions = decision;
}

}  // namespace gw::plugin
