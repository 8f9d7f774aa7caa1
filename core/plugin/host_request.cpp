// SPDX-License-Identifier: Apache-2.0
// gw_req_api: what plugins ask of and do to the request that they are called for.
#include <algorithm>
#include <cstring>

#include "http/target.hpp"
#include "http/writer.hpp"
#include "plugin/body_flow.hpp"
#include "plugin/generation.hpp"
#include "plugin/host.hpp"
#include "plugin/host_answer.hpp"
#include "plugin/host_body.hpp"
#include "plugin/request_values.hpp"
#include "plugin/slots.hpp"

namespace gw::plugin {

namespace {

constexpr std::size_t k_max_value = 1 << 20;   // bytes of a field's value
constexpr std::size_t k_max_alloc = 16 << 20;  // bytes of one alloc()

Request& of(gw_req* r) { return *reinterpret_cast<Request*>(r); }

// Null for a map that is none.
http::Fields* fields(Request& r, std::uint32_t map) {
  if (map == GW_REQUEST) return &r.request.fields;
  return map == GW_RESPONSE ? &r.response.fields : nullptr;
}

// --- values ---

gw_str get(gw_req* r, std::uint32_t what) noexcept { return to_abi(text_of(of(r), what)); }

std::int64_t get_i64(gw_req* r, std::uint32_t what) noexcept { return number_of(of(r), what); }

// Bytes that may stand in a request line.
bool is_line_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return (unsigned char)c > 0x20 && c != 0x7F; });
}

// CONNECT would make a tunnel of the connection.
bool is_method(std::string_view value) { return http::is_token(value) && value != "CONNECT"; }

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
      if (!is_method(copy)) return GW_E_BADVALUE;
      r.request.method_text = copy;
      r.request.method = http::parse_method(copy);
      return GW_OK;
    case GW_QUERY:
      if (copy.find('#') != std::string_view::npos) return GW_E_BADVALUE;
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
      if (copy.empty() || !http::is_authority(copy)) return GW_E_BADVALUE;
      r.facts.upstream_host = copy;
      r.facts.upstream_host_set = true;
      return GW_OK;
  }
}

// --- fields ---

gw_str hdr_get(gw_req* r, std::uint32_t map, gw_hid id) noexcept {
  const http::Fields* from = fields(of(r), map);
  return from != nullptr && id < http::header_count() ? to_abi(from->get(http::HeaderId(id)))
                                                      : gw_str{nullptr, 0};
}

std::uint32_t hdr_all(gw_req* r, std::uint32_t map, gw_hid id, gw_str* out,
                      std::uint32_t cap) noexcept {
  const http::Fields* from = fields(of(r), map);
  if (from == nullptr || id == 0 || id >= http::header_count()) return 0;
  std::uint32_t n = 0;
  for (const http::Field& field : *from) {
    if (field.id != http::HeaderId(id) || field.removed()) continue;
    if (out != nullptr && n < cap) out[n] = to_abi(field.value());
    ++n;
  }
  return n;
}

gw_str hdr_find(gw_req* r, std::uint32_t map, gw_str name) noexcept {
  const http::Fields* from = fields(of(r), map);
  const http::Field* field = from != nullptr ? from->find(from_abi(name)) : nullptr;
  return field != nullptr ? to_abi(field->value()) : gw_str{nullptr, 0};
}

std::uint32_t hdr_list(gw_req* r, std::uint32_t map, gw_field* out, std::uint32_t cap) noexcept {
  const http::Fields* from = fields(of(r), map);
  if (from == nullptr) return 0;
  if (out == nullptr) cap = 0;
  std::uint32_t n = 0;
  for (const http::Field& field : *from) {
    if (field.removed()) continue;
    if (n < cap) [[likely]]
      out[n] = {to_abi(field.name()), to_abi(field.value()), gw_hid(field.id), 0};
    ++n;
  }
  return n;
}

// Request fields until the head goes upstream (again for each attempt), response fields in
// `response`: what was set of them before would go under with the upstream's answer.
bool may_change(const Request& r, std::uint32_t map) {
  if (map == GW_RESPONSE) return r.phase == Phase::response && !r.response_head_sent;
  const bool early = r.phase == Phase::rewrite || r.phase == Phase::request;
  return (early || r.phase == Phase::upstream) && !r.request_head_sent;
}

gw_status check_change(const Request& r, std::uint32_t map, gw_hid id) {
  if (map > GW_RESPONSE || id - 1u >= http::header_count() - 1u) return GW_E_INVALID;
  const bool ours = http::is_connection_field(http::HeaderId(id));
  return may_change(r, map) && !ours ? GW_OK : GW_E_STATE;
}

// A value for hdr_set or hdr_add, kept for the request.
gw_status take_value(Request& r, gw_str given, std::uint32_t flags, std::string_view& out) {
  if ((flags & ~std::uint32_t{GW_BORROW}) != 0) return GW_E_INVALID;
  const std::string_view value = from_abi(given);
  if (value.size() > k_max_value) return GW_E_TOOBIG;
  if (!http::is_field_value(value)) return GW_E_BADVALUE;
  // Null data would read as absent.
  const bool borrow = (flags & GW_BORROW) != 0 && value.data() != nullptr;
  out = borrow ? value : r.arena.copy(value);
  return GW_OK;
}

gw_status hdr_set(gw_req* req, std::uint32_t map, gw_hid id, gw_str value,
                  std::uint32_t flags) noexcept {
  Request& r = of(req);
  std::string_view kept;
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  if (const gw_status no = take_value(r, value, flags, kept); no != GW_OK) return no;
  fields(r, map)->set(http::HeaderId(id), kept);
  return GW_OK;
}

gw_status hdr_add(gw_req* req, std::uint32_t map, gw_hid id, gw_str value,
                  std::uint32_t flags) noexcept {
  Request& r = of(req);
  std::string_view kept;
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  if (const gw_status no = take_value(r, value, flags, kept); no != GW_OK) return no;
  fields(r, map)->add(http::HeaderId(id), kept);
  return GW_OK;
}

gw_status hdr_remove(gw_req* req, std::uint32_t map, gw_hid id) noexcept {
  Request& r = of(req);
  if (const gw_status no = check_change(r, map, id); no != GW_OK) return no;
  fields(r, map)->remove(http::HeaderId(id));
  return GW_OK;
}

// --- memory, slots, the rest ---

void* alloc(gw_req* r, std::size_t n, std::size_t align) noexcept {
  const bool power = align <= 16 && (align & (align - 1)) == 0;
  return n <= k_max_alloc ? of(r).arena.allocate(n, power ? std::max<std::size_t>(align, 1) : 16)
                          : nullptr;
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
  if (slot == k_consumer_slot) r.identity_changed = true;
  return GW_OK;
}

gw_status set_status(gw_req* req, std::int32_t status) noexcept {
  Request& r = of(req);
  const bool tunnel = r.response.status == 101;  // agreed on with the upstream
  if (r.phase != Phase::response || r.response_head_sent || tunnel) return GW_E_STATE;
  if (status < 200 || status > 599) return GW_E_INVALID;
  r.response.status = status;
  r.response.reason = http::reason_phrase(status);
  return GW_OK;
}

uint32_t attempts(gw_req* req, gw_attempt* out, std::uint32_t cap) noexcept {
  const Request& r = of(req);
  std::uint32_t n = 0;
  for (const Attempt* a = r.attempts; a != nullptr; a = a->next, ++n) {
    if (out == nullptr || n >= cap) continue;
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

}  // namespace

const gw_req_api k_request_api{
    sizeof(gw_req_api), 0,        get,        get_i64,    set,       hdr_get,   hdr_all,   hdr_find,
    hdr_list,           hdr_set,  hdr_add,    hdr_remove, respond,   pause,     decide,    alloc,
    slot_get,           slot_put, set_status, attempts,   body_mode, body_emit, redispatch};

Request::Request(Arena& a, http::RequestHead& req, http::ResponseHead& res, Resumable& o)
    : abi{&k_request_api}, arena(a), request(req), response(res), owner(o) {}

Request::~Request() = default;

}  // namespace gw::plugin
