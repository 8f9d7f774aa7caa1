// SPDX-License-Identifier: Apache-2.0
// gw_req_api over an exchange. Phases are enforced as request.h says.
#include <algorithm>
#include <cstring>

#include "world.hpp"

namespace gw::test {

struct request_table {
  static exchange& of(gw_req* r) { return *static_cast<exchange::handle*>(r)->owner; }
  static uint32_t phase(const exchange& x) { return x.allowed_; }

  static gw_str get(gw_req* r, uint32_t what) {
    const auto& texts = of(r).texts_;
    const auto it = texts.find(what);
    return it == texts.end() ? gw_str{} : to_str(it->second);
  }

  static int64_t get_i64(gw_req* r, uint32_t what) {
    const auto it = of(r).numbers_.find(what);
    return it == of(r).numbers_.end() ? -1 : it->second;
  }

  static bool settable(uint32_t what, uint32_t phase) {
    switch (what) {
      case GW_PATH:
        return phase == GW_PHASE_REWRITE;
      case GW_METHOD:
      case GW_QUERY:
        return phase == GW_PHASE_REWRITE || phase == GW_PHASE_REQUEST;
      case GW_UPSTREAM_PATH:
      case GW_UPSTREAM_HOST:
        return phase == GW_PHASE_REQUEST || phase == GW_PHASE_UPSTREAM;
      default:
        return false;
    }
  }

  static gw_status set(gw_req* r, uint32_t what, gw_str value) {
    exchange& x = of(r);
    if (!settable(what, phase(x))) return GW_E_STATE;
    if (value.p == nullptr && what == GW_QUERY)
      x.texts_.erase(what);
    else
      x.texts_[what] = to_string(value);
    return GW_OK;
  }

  static gw_str hdr_get(gw_req* r, uint32_t map, gw_hid id) {
    for (const auto& f : of(r).fields_[map])
      if (f.id == id) return to_str(f.value);
    return {};
  }

  static uint32_t hdr_all(gw_req* r, uint32_t map, gw_hid id, gw_str* out, uint32_t cap) {
    uint32_t n = 0;
    for (const auto& f : of(r).fields_[map]) {
      if (f.id != id) continue;
      if (n < cap) out[n] = to_str(f.value);
      ++n;
    }
    return n;
  }

  static gw_str hdr_find(gw_req* r, uint32_t map, gw_str name) {
    const std::string wanted = lower_case(to_string(name));
    for (const auto& f : of(r).fields_[map])
      if (f.lower == wanted) return to_str(f.value);
    return {};
  }

  static uint32_t hdr_list(gw_req* r, uint32_t map, gw_field* out, uint32_t cap) {
    uint32_t n = 0;
    for (const auto& f : of(r).fields_[map]) {
      if (n < cap) out[n] = gw_field{to_str(f.name), to_str(f.value), f.id, 0};
      ++n;
    }
    return n;
  }

  static gw_status may_change(const exchange& x, uint32_t map, gw_hid id, gw_str value) {
    static const std::string k_framing[] = {
        "connection", "transfer-encoding", "content-length", "upgrade", "keep-alive", "te", "host"};
    const uint32_t p = phase(x);
    const bool request_time =
        p == GW_PHASE_REWRITE || p == GW_PHASE_REQUEST || p == GW_PHASE_UPSTREAM;
    if (map > GW_RESPONSE) return GW_E_INVALID;
    if (map == GW_REQUEST ? !request_time : p != GW_PHASE_RESPONSE) return GW_E_STATE;
    const auto& names = x.host_.internals().header_names;
    const auto it = names.find(id);
    if (it == names.end()) return GW_E_INVALID;
    if (std::find(std::begin(k_framing), std::end(k_framing), it->second) != std::end(k_framing))
      return GW_E_STATE;
    if (to_string(value).find_first_of(std::string("\r\n\0", 3)) != std::string::npos)
      return GW_E_BADVALUE;
    return GW_OK;
  }

  static gw_status hdr_add(gw_req* r, uint32_t map, gw_hid id, gw_str value, uint32_t flags) {
    exchange& x = of(r);
    if ((flags & ~uint32_t{GW_BORROW}) != 0) return GW_E_INVALID;
    const gw_status s = may_change(x, map, id, value);
    if (s != GW_OK) return s;
    const std::string& name = x.host_.internals().header_names[id];
    x.fields_[map].push_back({name, name, to_string(value), id});
    return GW_OK;
  }

  static gw_status hdr_set(gw_req* r, uint32_t map, gw_hid id, gw_str value, uint32_t flags) {
    exchange& x = of(r);
    const gw_status s = may_change(x, map, id, value);
    if (s != GW_OK) return s;
    const std::string copy = to_string(value);  // value may be this field's own
    x.fields_[map].remove_if([id](const auto& f) { return f.id == id; });
    return hdr_add(r, map, id, to_str(copy), flags);
  }

  static gw_status hdr_remove(gw_req* r, uint32_t map, gw_hid id) {
    exchange& x = of(r);
    const gw_status s = may_change(x, map, id, {});
    if (s != GW_OK) return s;
    x.fields_[map].remove_if([id](const auto& f) { return f.id == id; });
    return GW_OK;
  }

  // Absent, or [a-z0-9_]+.
  static bool is_code(gw_str given) {
    const std::string code = to_string(given);
    return given.p == nullptr ||
           (!code.empty() && code.size() <= 64 &&
            code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos);
  }

  static gw_status respond(gw_req* r, const gw_response* a) {
    exchange& x = of(r);
    const uint32_t p = phase(x);
    if (p != GW_PHASE_REWRITE && p != GW_PHASE_REQUEST && p != GW_PHASE_UPSTREAM &&
        p != GW_PHASE_RESPONSE)
      return GW_E_STATE;
    if (a->status < 200 || a->status > 599) return GW_E_INVALID;
    if (!is_code(a->code)) return GW_E_BADVALUE;
    plugin_answer out;
    out.status = a->status;
    out.flags = a->flags;
    out.code = to_string(a->code);
    out.content_type = to_string(a->content_type);
    if (a->message.p != nullptr) out.message = to_string(a->message);
    if (a->body.p != nullptr) out.body = to_string(a->body);
    const auto& names = x.host_.internals().header_names;
    for (uint32_t i = 0; i < a->nheaders; ++i) {
      const gw_field& f = a->headers[i];
      const auto it = names.find(f.id);
      if (f.id != 0 && it == names.end()) return GW_E_INVALID;
      out.headers.emplace_back(f.id == 0 ? to_string(f.name) : it->second, to_string(f.value));
    }
    x.reply_ = std::move(out);
    return GW_OK;
  }

  static gw_token pause(gw_req* r, uint32_t timeout_ms) {
    exchange& x = of(r);
    const uint32_t p = phase(x);
    if (p != GW_PHASE_REWRITE && p != GW_PHASE_REQUEST && p != GW_PHASE_RESPONSE && !x.in_body_)
      return 0;
    world& w = x.host_.internals();
    x.token_ = w.next_handle++;
    x.deadline_ns_ = w.mono + uint64_t{timeout_ms == 0 ? 30'000 : timeout_ms} * 1'000'000;
    w.paused[x.token_] = &x;
    return x.token_;
  }

  static void decide(gw_req* r, int32_t verdict, gw_str code, gw_str rule, gw_str text) {
    of(r).decisions_.push_back({verdict, to_string(code), to_string(rule), to_string(text)});
  }

  static void* alloc(gw_req* r, size_t n, size_t) {
    auto& arena = of(r).arena_;
    arena.push_back(std::make_unique<char[]>(n == 0 ? 1 : n));
    return arena.back().get();
  }

  static void* slot_get(gw_req* r, gw_slot slot) {
    const auto it = of(r).slots_.find(slot);
    return it == of(r).slots_.end() ? nullptr : it->second.value;
  }

  static gw_status slot_put(gw_req* r, gw_slot slot, void* value, void (*drop)(void*)) {
    if (slot == 0) return GW_E_INVALID;
    auto& cell = of(r).slots_[slot];
    if (cell.drop != nullptr && cell.value != value) cell.drop(cell.value);
    cell = {value, drop};
    return GW_OK;
  }

  static gw_status set_status(gw_req* r, int32_t status) {
    if (phase(of(r)) != GW_PHASE_RESPONSE) return GW_E_STATE;
    of(r).numbers_[GW_STATUS] = status;
    return GW_OK;
  }

  static uint32_t attempts(gw_req* r, gw_attempt* out, uint32_t cap) {
    const auto& all = of(r).attempts_;
    for (uint32_t i = 0; i < cap && i < all.size(); ++i)
      std::memcpy(&out[i], &all[i], std::min(out[i].size, all[i].size));
    return static_cast<uint32_t>(all.size());
  }

  static gw_status body_mode(gw_req* r, uint32_t map, uint32_t mode, uint64_t limit,
                             uint32_t overflow) {
    exchange& x = of(r);
    if (map > GW_RESPONSE || mode > GW_BODY_BUFFER || overflow > GW_OVERFLOW_PASS)
      return GW_E_INVALID;
    const uint32_t p = phase(x);
    const bool allowed = p == GW_PHASE_REQUEST || (map == GW_RESPONSE && p == GW_PHASE_RESPONSE);
    if (!allowed || x.in_body_) return GW_E_STATE;
    exchange::link& l = *x.chain_[x.at_];
    const gw_plugin_desc& d = l.plugin->desc();
    if (map == GW_REQUEST ? d.on_request_body == nullptr : d.on_response_body == nullptr)
      return GW_E_UNSUPPORTED;
    l.body[map] = {true, false, mode, overflow, limit};
    if (map == GW_REQUEST) l.has_body_turn = mode == GW_BODY_BUFFER;
    return GW_OK;
  }

  static gw_status body_emit(gw_req* r, uint32_t map, gw_str bytes, void (*release)(void*),
                             void* ud) {
    exchange& x = of(r);
    if (map > GW_RESPONSE) return GW_E_INVALID;
    if (x.in_body_ != map) return GW_E_STATE;
    auto& f = x.flows_[map];
    const auto& s = f.stages[f.given->stage];
    const bool emits = s.mode == GW_BODY_MODIFY || (s.mode == GW_BODY_BUFFER && !s.over);
    if (!emits) return GW_E_STATE;
    f.emitted += to_string(bytes);
    f.emitted_any = true;
    if (release != nullptr) x.lent_.emplace_back(release, ud);
    return GW_OK;
  }

  static gw_status redispatch(gw_req* r, gw_str upstream) {
    exchange& x = of(r);
    if (phase(x) != GW_PHASE_RESPONSE || x.local_) return GW_E_STATE;
    const bool again = x.spec_.body.empty() || x.flows_[GW_REQUEST].whole;
    if (!again) return GW_E_STATE;
    if (x.redispatched_.size() >= 8) return GW_E_TOOBIG;
    x.redispatch_ = to_string(upstream);
    return GW_OK;
  }
};

const gw_req_api k_req_api = {sizeof(gw_req_api),        0,
                              request_table::get,        request_table::get_i64,
                              request_table::set,        request_table::hdr_get,
                              request_table::hdr_all,    request_table::hdr_find,
                              request_table::hdr_list,   request_table::hdr_set,
                              request_table::hdr_add,    request_table::hdr_remove,
                              request_table::respond,    request_table::pause,
                              request_table::decide,     request_table::alloc,
                              request_table::slot_get,   request_table::slot_put,
                              request_table::set_status, request_table::attempts,
                              request_table::body_mode,  request_table::body_emit,
                              request_table::redispatch};

}  // namespace gw::test
