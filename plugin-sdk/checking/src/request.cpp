// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace gw::checking {

namespace {

// A value that a plugin lent to the host for the request's life.
struct borrowed {
  const known_plugin* plugin;
  const char *function, *callback, *phase;
  gw_str value;
  uint64_t hash;
};

struct known_request {
  const known_plugin* last_user = nullptr;
  std::vector<borrowed> values;
  std::vector<block> memory;  // of alloc()
};

std::mutex g_lock;
std::unordered_map<gw_req*, known_request> g_requests;

gw_req_api g_table{};
const gw_req_api* g_real = nullptr;

// FNV-1a of memory that may be gone: read by the kernel. False: it is gone.
bool hash_of(gw_str value, uint64_t& out) {
  out = 14695981039346656037u;
  char piece[4096];
  for (size_t at = 0; at < value.n;) {
    const size_t n = std::min(sizeof piece, value.n - at);
    const iovec to{piece, n};
    const iovec from{const_cast<char*>(value.p) + at, n};
    if (::process_vm_readv(::getpid(), &to, 1, &from, 1, 0) != ssize_t(n)) return false;
    for (size_t i = 0; i < n; ++i) out = (out ^ uint8_t(piece[i])) * 1099511628211u;
    at += n;
  }
  return true;
}

const known_plugin* last_user(gw_req* r) {
  const std::lock_guard<std::mutex> lock(g_lock);
  const auto it = g_requests.find(r);
  return it == g_requests.end() ? nullptr : it->second.last_user;
}

// Whether the running callback was given this request.
bool usable(gw_req* r, const char* function) {
  const frame* f = current();
  if (f != nullptr && f->request == r) return true;
  if (f != nullptr)
    broke(function, "this gw_req is not the one that the callback was given");
  else
    broke(last_user(r), function, "none",
          "a gw_req is used outside of a callback that was given it, or on another thread");
  return false;
}

std::string joined(const char* what, uint32_t n) { return what + std::to_string(n); }

// Reports what a call that changes something was refused for.
gw_status judged(const char* function, gw_status status) {
  if (status == GW_E_STATE)
    broke(function,
          std::string("GW_E_STATE: not allowed in phase ") + current()->phase +
              " (its comment in request.h names those in which it is), or the field is the host's");
  return status;
}

bool is_clean(gw_str value) {
  if (value.p == nullptr) return true;
  return std::string_view(value.p, value.n).find_first_of(std::string_view("\r\n\0", 3)) ==
         std::string_view::npos;
}

void check_value(const char* function, gw_str value) {
  if (!is_clean(value)) broke(function, "a value with CR, LF or NUL: it would split the message");
}

gw_str get(gw_req* r, uint32_t what) {
  if (!usable(r, "get")) return {};
  return lend(g_real->get(r, what), "get", loan::value, 0, what);
}

int64_t get_i64(gw_req* r, uint32_t what) {
  return usable(r, "get_i64") ? g_real->get_i64(r, what) : -1;
}

gw_status set(gw_req* r, uint32_t what, gw_str value) {
  if (!usable(r, "set")) return GW_E_STATE;
  check_value("set", value);
  const gw_status s = judged("set", g_real->set(r, what, value));
  if (s == GW_OK) end_loans(loan::value, 0, what);
  return s;
}

gw_str hdr_get(gw_req* r, uint32_t map, gw_hid id) {
  if (!usable(r, "hdr_get")) return {};
  return lend(g_real->hdr_get(r, map, id), "hdr_get", loan::field, map, id);
}

uint32_t hdr_all(gw_req* r, uint32_t map, gw_hid id, gw_str* out, uint32_t cap) {
  if (!usable(r, "hdr_all")) return 0;
  if (out == nullptr && cap != 0) broke("hdr_all", joined("out is NULL with a cap of ", cap));
  const uint32_t n = g_real->hdr_all(r, map, id, out, out == nullptr ? 0 : cap);
  for (uint32_t i = 0; out != nullptr && i < std::min(n, cap); ++i)
    out[i] = lend(out[i], "hdr_all", loan::field, map, id);
  return n;
}

gw_str hdr_find(gw_req* r, uint32_t map, gw_str name) {
  if (!usable(r, "hdr_find")) return {};
  return lend(g_real->hdr_find(r, map, name), "hdr_find");
}

uint32_t hdr_list(gw_req* r, uint32_t map, gw_field* out, uint32_t cap) {
  if (!usable(r, "hdr_list")) return 0;
  if (out == nullptr && cap != 0) broke("hdr_list", joined("out is NULL with a cap of ", cap));
  const uint32_t n = g_real->hdr_list(r, map, out, out == nullptr ? 0 : cap);
  for (uint32_t i = 0; out != nullptr && i < std::min(n, cap); ++i) {
    out[i].name = lend(out[i].name, "hdr_list");
    out[i].value = lend(out[i].value, "hdr_list", loan::field, map, out[i].id);
  }
  return n;
}

void note_borrowed(gw_req* r, const char* function, gw_str value) {
  const frame& f = *current();
  const block lent = block_at(value.p);
  if (lent != 0 && std::strcmp(source_of(lent), "alloc") != 0)
    return broke(function, "GW_BORROW for bytes that the host lent: they end with the callback");
  borrowed b{f.plugin, function, f.function, f.phase, value, 0};
  if (!hash_of(value, b.hash)) return broke(function, "GW_BORROW for bytes that cannot be read");
  const std::lock_guard<std::mutex> lock(g_lock);
  g_requests[r].values.push_back(b);
}

using change = gw_status (*gw_req_api::*)(gw_req*, uint32_t, gw_hid, gw_str, uint32_t);

gw_status change_field(const char* function, change real, gw_req* r, uint32_t map, gw_hid id,
                       gw_str value, uint32_t flags) {
  if (!usable(r, function)) return GW_E_STATE;
  check_value(function, value);
  if ((flags & ~uint32_t{GW_BORROW}) != 0)
    broke(function, joined("flags that mean nothing: ", flags));
  const gw_status s = judged(function, (g_real->*real)(r, map, id, value, flags));
  if (s == GW_OK && (flags & GW_BORROW) != 0 && value.p != nullptr)
    note_borrowed(r, function, value);
  return s;
}

gw_status hdr_set(gw_req* r, uint32_t map, gw_hid id, gw_str value, uint32_t flags) {
  const gw_status s = change_field("hdr_set", &gw_req_api::hdr_set, r, map, id, value, flags);
  if (s == GW_OK) end_loans(loan::field, map, id);
  return s;
}

gw_status hdr_add(gw_req* r, uint32_t map, gw_hid id, gw_str value, uint32_t flags) {
  return change_field("hdr_add", &gw_req_api::hdr_add, r, map, id, value, flags);
}

gw_status hdr_remove(gw_req* r, uint32_t map, gw_hid id) {
  if (!usable(r, "hdr_remove")) return GW_E_STATE;
  const gw_status s = judged("hdr_remove", g_real->hdr_remove(r, map, id));
  if (s == GW_OK) end_loans(loan::field, map, id);
  return s;
}

gw_status respond(gw_req* r, const gw_response* a) {
  if (!usable(r, "respond")) return GW_E_STATE;
  if (a == nullptr) return broke("respond", "the answer is NULL"), GW_E_INVALID;
  if ((a->flags & ~uint32_t{GW_PLAIN_JSON | GW_NO_BODY}) != 0)
    broke("respond", joined("flags that mean nothing: ", a->flags));
  check_value("respond", a->content_type);
  for (uint32_t i = 0; i < a->nheaders && a->headers != nullptr; ++i) {
    check_value("respond", a->headers[i].name);
    check_value("respond", a->headers[i].value);
    if (a->headers[i].flags != 0) broke("respond", "flags of a header are not 0");
  }
  const gw_status s = judged("respond", g_real->respond(r, a));
  if (s == GW_OK) current()->answered = true;
  return s;
}

gw_token pause(gw_req* r, uint32_t timeout_ms) {
  if (!usable(r, "pause")) return 0;
  const gw_token token = g_real->pause(r, timeout_ms);
  if (token == 0)
    broke("pause", std::string("not allowed in phase ") + current()->phase);
  else
    current()->took_token = true;
  return token;
}

void decide(gw_req* r, int32_t verdict, gw_str code, gw_str rule, gw_str text) {
  if (!usable(r, "decide")) return;
  if (verdict < GW_ALLOW || verdict > GW_SKIP)
    broke("decide", "verdict " + std::to_string(verdict) + " is none");
  g_real->decide(r, verdict, code, rule, text);
}

void* alloc(gw_req* r, size_t n, size_t align) {
  if (!usable(r, "alloc")) return nullptr;
  if (align > 16 || (align & (align - 1)) != 0)
    broke("alloc", "align " + std::to_string(align) + " is no power of two up to 16");
  if (!settings().guard_alloc) return g_real->alloc(r, n, align);
  const frame& f = *current();
  origin from;
  std::strncpy(from.plugin, name_of(f.plugin), sizeof from.plugin - 1);
  std::strncpy(from.callback, f.function, sizeof from.callback - 1);
  std::strncpy(from.source, "alloc", sizeof from.source - 1);
  std::strncpy(from.phase, f.phase, sizeof from.phase - 1);
  block b;
  void* memory = take(n, std::max<size_t>(align, 1), from, b);
  if (memory == nullptr) return g_real->alloc(r, n, align);
  const std::lock_guard<std::mutex> lock(g_lock);
  g_requests[r].memory.push_back(b);
  return memory;
}

void* slot_get(gw_req* r, gw_slot slot) {
  return usable(r, "slot_get") ? g_real->slot_get(r, slot) : nullptr;
}

gw_status slot_put(gw_req* r, gw_slot slot, void* value, void (*drop)(void*)) {
  if (!usable(r, "slot_put")) return GW_E_STATE;
  return judged("slot_put", g_real->slot_put(r, slot, value, drop));
}

gw_status set_status(gw_req* r, int32_t status) {
  if (!usable(r, "set_status")) return GW_E_STATE;
  return judged("set_status", g_real->set_status(r, status));
}

uint32_t attempts(gw_req* r, gw_attempt* out, uint32_t cap) {
  if (!usable(r, "attempts")) return 0;
  const uint32_t n = g_real->attempts(r, out, cap);
  for (uint32_t i = 0; out != nullptr && i < std::min(n, cap); ++i) {
    out[i].ip = lend(out[i].ip, "attempts");
    if (out[i].size >= offsetof(gw_attempt, host) + sizeof(gw_str))
      out[i].host = lend(out[i].host, "attempts");
  }
  return n;
}

gw_status body_mode(gw_req* r, uint32_t map, uint32_t mode, uint64_t limit, uint32_t overflow) {
  if (!usable(r, "body_mode")) return GW_E_STATE;
  return judged("body_mode", g_real->body_mode(r, map, mode, limit, overflow));
}

gw_status body_emit(gw_req* r, uint32_t map, gw_str bytes, void (*release)(void*), void* ud) {
  if (!usable(r, "body_emit")) return GW_E_STATE;
  return judged("body_emit", g_real->body_emit(r, map, bytes, release, ud));
}

gw_status redispatch(gw_req* r, gw_str upstream) {
  if (!usable(r, "redispatch")) return GW_E_STATE;
  const gw_status s = judged("redispatch", g_real->redispatch(r, upstream));
  if (s == GW_OK) current()->redispatched = true;
  return s;
}

// Members that have no check here stay the host's own; those that it does not have stay absent.
void make_table(const gw_req_api* real) {
  if (real == g_real) return;
  g_real = real;
  g_table = gw_req_api{};
  std::memcpy(&g_table, real, std::min<size_t>(real->size, sizeof g_table));
  const auto put = [](auto& member, auto function) {
    if (member != nullptr) member = function;
  };
  put(g_table.get, get);
  put(g_table.get_i64, get_i64);
  put(g_table.set, set);
  put(g_table.hdr_get, hdr_get);
  put(g_table.hdr_all, hdr_all);
  put(g_table.hdr_find, hdr_find);
  put(g_table.hdr_list, hdr_list);
  put(g_table.hdr_set, hdr_set);
  put(g_table.hdr_add, hdr_add);
  put(g_table.hdr_remove, hdr_remove);
  put(g_table.respond, respond);
  put(g_table.pause, pause);
  put(g_table.decide, decide);
  put(g_table.alloc, alloc);
  put(g_table.slot_get, slot_get);
  put(g_table.slot_put, slot_put);
  put(g_table.set_status, set_status);
  put(g_table.attempts, attempts);
  put(g_table.body_mode, body_mode);
  put(g_table.body_emit, body_emit);
  put(g_table.redispatch, redispatch);
}

}  // namespace

void adopt(frame& f, gw_req* r) {
  f.request = r;
  const std::lock_guard<std::mutex> lock(g_lock);
  if (r->v != &g_table) {
    make_table(r->v);
    r->v = &g_table;
  }
  g_requests[r].last_user = f.plugin;
}

void check_borrowed(const frame& f) {
  std::vector<borrowed> mine;
  {
    const std::lock_guard<std::mutex> lock(g_lock);
    auto& all = g_requests[f.request].values;
    const auto theirs = std::stable_partition(
        all.begin(), all.end(), [&](const borrowed& b) { return b.plugin != f.plugin; });
    mine.assign(theirs, all.end());
    all.erase(theirs, all.end());
  }
  for (const borrowed& b : mine) {
    uint64_t hash;
    const bool there = hash_of(b.value, hash);
    if (there && hash == b.hash) continue;
    broke(b.plugin, b.function, b.phase,
          std::string("in ") + b.callback + ": the value given with GW_BORROW " +
              (there ? "has changed" : "is gone") + " before the end of the request");
  }
}

void end_request(gw_req* r) {
  const std::lock_guard<std::mutex> lock(g_lock);
  const auto it = g_requests.find(r);
  if (it == g_requests.end()) return;
  for (const block b : it->second.memory) retire(b);
  it->second.memory.clear();
  it->second.values.clear();
}

}  // namespace gw::checking
