// SPDX-License-Identifier: Apache-2.0
// gw_req_api: what plugins ask of and do to the request that they are called for.
#include <algorithm>
#include <cstring>

#include "http/writer.hpp"
#include "plugin/generation.hpp"
#include "plugin/host.hpp"
#include "plugin/request_values.hpp"
#include "plugin/slots.hpp"

namespace gw::plugin {

namespace {

Request& of(gw_req* r) { return *reinterpret_cast<Request*>(r); }

http::Fields& fields(Request& r, std::uint32_t map) {
  return map == GW_RESPONSE ? r.response.fields : r.request.fields;
}

// --- values ---

gw_str get(gw_req* r, std::uint32_t what) noexcept { return to_abi(text_of(of(r), what)); }

std::int64_t get_i64(gw_req* r, std::uint32_t what) noexcept { return number_of(of(r), what); }

// Bytes that may stand in a request line.
bool is_line_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return (unsigned char)c > 0x20 && c != 0x7F; });
}

bool may_set(const Request& r, std::uint32_t what) {
  const bool rewriting = r.phase == Phase::rewrite;
  const bool requesting = r.phase == Phase::request;
  switch (what) {
    case GW_PATH:
      return rewriting;
    case GW_METHOD:
    case GW_QUERY:
      return rewriting || requesting;
    case GW_UPSTREAM_PATH:
    case GW_UPSTREAM_HOST:
      return requesting || r.phase == Phase::upstream;
    default:
      return false;
  }
}

gw_status set(gw_req* req, std::uint32_t what, gw_str value) noexcept {
  Request& r = of(req);
  if (!may_set(r, what)) return GW_E_STATE;
  const std::string_view given = from_abi(value);
  if (given.data() == nullptr) {
    if (what != GW_QUERY) return GW_E_INVALID;
    return r.facts.query = {}, GW_OK;
  }
  if (!is_line_text(given)) return GW_E_BADVALUE;
  const std::string_view copy = r.arena.copy(given);
  switch (what) {
    case GW_METHOD:
      if (!http::is_token(copy)) return GW_E_BADVALUE;
      r.request.method_text = copy;
      r.request.method = http::parse_method(copy);
      return GW_OK;
    case GW_QUERY:
      return r.facts.query = copy, GW_OK;
    case GW_PATH:
    case GW_UPSTREAM_PATH:
      if (!copy.starts_with('/') || copy.find_first_of("?#") != std::string_view::npos)
        return GW_E_BADVALUE;
      if (what == GW_UPSTREAM_PATH) return r.facts.upstream_path = copy, GW_OK;
      r.facts.path = copy;
      r.facts.path_set = true;
      return GW_OK;
    default:
      r.facts.upstream_host = copy;
      r.facts.upstream_host_set = true;
      return GW_OK;
  }
}

// --- fields ---

gw_str hdr_get(gw_req* r, std::uint32_t map, gw_hid id) noexcept {
  return to_abi(fields(of(r), map).get(http::HeaderId(id)));
}

std::uint32_t hdr_all(gw_req* r, std::uint32_t map, gw_hid id, gw_str* out,
                      std::uint32_t cap) noexcept {
  std::uint32_t n = 0;
  for (const http::Field& field : fields(of(r), map)) {
    if (field.id != http::HeaderId(id) || field.removed()) continue;
    if (n < cap) out[n] = to_abi(field.value());
    ++n;
  }
  return n;
}

gw_str hdr_find(gw_req* r, std::uint32_t map, gw_str name) noexcept {
  const http::Field* field = fields(of(r), map).find(from_abi(name));
  return field != nullptr ? to_abi(field->value()) : gw_str{nullptr, 0};
}

std::uint32_t hdr_list(gw_req* r, std::uint32_t map, gw_field* out, std::uint32_t cap) noexcept {
  std::uint32_t n = 0;
  for (const http::Field& field : fields(of(r), map)) {
    if (field.removed()) continue;
    if (n < cap) out[n] = {to_abi(field.name()), to_abi(field.value()), gw_hid(field.id), 0};
    ++n;
  }
  return n;
}

gw_status check_change(const Request& r, std::uint32_t map, gw_hid id) {
  if (map > GW_RESPONSE || id == 0 || id >= http::header_count()) return GW_E_INVALID;
  if (map == GW_REQUEST ? r.request_head_sent
                        : (r.phase != Phase::response || r.response_head_sent))
    return GW_E_STATE;
  if (r.phase == Phase::log) return GW_E_STATE;
  return http::is_connection_field(http::HeaderId(id)) ? GW_E_STATE : GW_OK;
}

std::string_view keep(Request& r, gw_str value, std::uint32_t flags) {
  return (flags & GW_BORROW) != 0 ? from_abi(value) : r.arena.copy(from_abi(value));
}

gw_status hdr_set(gw_req* req, std::uint32_t map, gw_hid id, gw_str value,
                  std::uint32_t flags) noexcept {
  Request& r = of(req);
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  if (!http::is_field_value(from_abi(value))) return GW_E_BADVALUE;
  fields(r, map).set(http::HeaderId(id), keep(r, value, flags));
  return GW_OK;
}

gw_status hdr_add(gw_req* req, std::uint32_t map, gw_hid id, gw_str value,
                  std::uint32_t flags) noexcept {
  Request& r = of(req);
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  if (!http::is_field_value(from_abi(value))) return GW_E_BADVALUE;
  fields(r, map).add(http::HeaderId(id), keep(r, value, flags));
  return GW_OK;
}

gw_status hdr_remove(gw_req* req, std::uint32_t map, gw_hid id) noexcept {
  Request& r = of(req);
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  fields(r, map).remove(http::HeaderId(id));
  return GW_OK;
}

// --- answers, pauses, verdicts ---

std::string_view copy_if(Request& r, gw_str text_given) {
  return text_given.p == nullptr ? std::string_view{} : r.arena.copy(from_abi(text_given));
}

bool copy_headers(Request& r, const gw_response& given) {
  auto* headers = r.arena.array<ReplyHeader>(given.nheaders);
  for (std::uint32_t i = 0; i < given.nheaders; ++i) {
    const gw_field& field = given.headers[i];
    const bool by_id = field.id != 0 && field.id < http::header_count();
    const auto name =
        by_id ? http::header_name(http::HeaderId(field.id)) : r.arena.copy(from_abi(field.name));
    const auto id = by_id ? http::HeaderId(field.id) : http::find_header(name);
    if (!http::is_token(name) || !http::is_field_value(from_abi(field.value)) ||
        http::is_connection_field(id))
      return false;
    headers[i] = {id, name, r.arena.copy(from_abi(field.value))};
  }
  r.reply.headers = headers;
  r.reply.header_count = given.nheaders;
  return true;
}

gw_status respond(gw_req* req, const gw_response* given) noexcept {
  Request& r = of(req);
  const bool allowed =
      r.phase == Phase::rewrite || r.phase == Phase::request || r.phase == Phase::response;
  if (!allowed || r.response_head_sent) return GW_E_STATE;
  if (given->status < 200 || given->status > 599) return GW_E_INVALID;
  Reply reply;
  reply.status = given->status;
  reply.flags = given->flags;
  reply.code = copy_if(r, given->code);
  reply.message = copy_if(r, given->message);
  reply.content_type = copy_if(r, given->content_type);
  reply.body = copy_if(r, given->body);
  if (r.current != nullptr) reply.plugin = r.current->plugin->name;
  if (!http::is_field_value(reply.content_type)) return GW_E_BADVALUE;
  r.reply = reply;
  if (!copy_headers(r, *given)) return r.reply = {}, GW_E_BADVALUE;
  r.reply.given = true;
  return GW_OK;
}

gw_token pause(gw_req* req, std::uint32_t timeout_ms) noexcept {
  Request& r = of(req);
  const bool allowed =
      r.phase == Phase::rewrite || r.phase == Phase::request || r.phase == Phase::response;
  if (!allowed || r.pause_token != 0) return 0;
  const std::uint64_t fallback = r.generation->snapshot().settings.plugin_pause_timeout;
  r.pause_token = Host::current()->pauses().begin(r, timeout_ms > 0 ? timeout_ms : fallback);
  return r.pause_token;
}

void decide(gw_req* req, std::int32_t verdict, gw_str code, gw_str rule, gw_str why) noexcept {
  Request& r = of(req);
  const std::string_view plugin =
      r.current != nullptr ? std::string_view(r.current->plugin->name) : std::string_view{};
  auto* decision = static_cast<Decision*>(r.arena.allocate(sizeof(Decision)));
  *decision = {r.decisions, plugin, verdict, copy_if(r, code), copy_if(r, rule), copy_if(r, why)};
  r.decisions = decision;
}

// --- memory, slots, the rest ---

void* alloc(gw_req* r, std::size_t n, std::size_t align) noexcept {
  return of(r).arena.allocate(n, std::clamp<std::size_t>(align, 1, 16));
}

void* slot_get(gw_req* req, gw_slot slot) noexcept {
  const Request& r = of(req);
  return slot < r.slot_count ? r.slots[slot].value : nullptr;
}

gw_status slot_put(gw_req* req, gw_slot slot, void* value, void (*drop)(void*)) noexcept {
  Request& r = of(req);
  if (slot == 0 || slot >= slot_count()) return GW_E_INVALID;
  if (slot >= r.slot_count) {
    auto* grown = r.arena.array<SlotValue>(slot_count());
    std::fill(grown, grown + slot_count(), SlotValue{});
    std::copy(r.slots, r.slots + r.slot_count, grown);
    r.slots = grown;
    r.slot_count = slot_count();
  }
  SlotValue& place = r.slots[slot];
  if (place.drop != nullptr && place.value != value) place.drop(place.value);
  place = {value, drop};
  return GW_OK;
}

gw_status set_status(gw_req* req, std::int32_t status) noexcept {
  Request& r = of(req);
  if (r.phase != Phase::response || r.response_head_sent) return GW_E_STATE;
  if (status < 200 || status > 599) return GW_E_INVALID;
  r.response.status = status;
  r.response.reason = http::reason_phrase(status);
  return GW_OK;
}

uint32_t attempts(gw_req* req, gw_attempt* out, std::uint32_t cap) noexcept {
  const Request& r = of(req);
  std::uint32_t n = 0;
  for (const Attempt* a = r.attempts; a != nullptr; a = a->next, ++n) {
    if (n >= cap) continue;
    gw_attempt filled{};
    filled.status = a->status;
    filled.ip = to_abi(a->ip);
    filled.port = a->port;
    filled.state = a->state;
    filled.start_ns = a->start_ns;
    filled.connect_ns = a->connect_ns;
    filled.end_ns = a->end_ns;
    filled.host = to_abi(a->host);
    // The caller's struct may be an older, shorter one.
    const std::uint32_t size = std::min<std::uint32_t>(out[n].size, sizeof filled);
    filled.size = size;
    std::memcpy(&out[n], &filled, size);
  }
  return r.attempt_count;
}

gw_status buffer_request_body(gw_req* req, std::uint64_t limit) noexcept {
  Request& r = of(req);
  if (r.phase != Phase::request || r.at_body) return GW_E_STATE;
  if (r.current->plugin->desc.on_request_body == nullptr) return GW_E_UNSUPPORTED;
  r.body_wanted = true;
  r.body_limit = limit > 0 ? limit : 1 << 20;
  return GW_OK;
}

gw_status replace_request_body(gw_req* req, gw_str body) noexcept {
  Request& r = of(req);
  if (!r.at_body || r.buffered_body.data() == nullptr) return GW_E_STATE;
  r.buffered_body = r.arena.copy(from_abi(body));
  r.body_replaced = true;
  return GW_OK;
}

}  // namespace

const gw_req_api k_request_api{sizeof(gw_req_api),
                               0,
                               get,
                               get_i64,
                               set,
                               hdr_get,
                               hdr_all,
                               hdr_find,
                               hdr_list,
                               hdr_set,
                               hdr_add,
                               hdr_remove,
                               respond,
                               pause,
                               decide,
                               alloc,
                               slot_get,
                               slot_put,
                               set_status,
                               attempts,
                               buffer_request_body,
                               replace_request_body};

Request::Request(Arena& a, http::RequestHead& req, http::ResponseHead& res, Resumable& o)
    : abi{&k_request_api}, arena(a), request(req), response(res), owner(o) {}

}  // namespace gw::plugin
