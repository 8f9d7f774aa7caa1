// SPDX-License-Identifier: Apache-2.0
// One request, as a phase function sees it: two pointers, copied freely, valid until the function
// returns. The functions are the table's (gatewright/request.h) with C++ types; the contracts stand
// there.
#pragma once

#include <new>
#include <type_traits>

#include "gatewright/cpp/worker.hpp"

namespace gw {

// The fields of one side.
class headers {
 public:
  headers(gw_req* r, uint32_t map) : r_(r), map_(map) {}

  uint32_t map() const { return map_; }  // GW_REQUEST or GW_RESPONSE
  view header(hid id) const { return to_view(r_->v->hdr_get(r_, map_, id)); }
  view find(view name) const { return to_view(r_->v->hdr_find(r_, map_, to_str(name))); }
  uint32_t count(hid id) const { return r_->v->hdr_all(r_, map_, id, nullptr, 0); }
  uint32_t all(hid id, gw_str* out, uint32_t cap) const {
    return r_->v->hdr_all(r_, map_, id, out, cap);
  }
  gw_status set_header(hid id, view value, uint32_t flags = 0) const {
    return r_->v->hdr_set(r_, map_, id, to_str(value), flags);
  }
  gw_status add_header(hid id, view value, uint32_t flags = 0) const {
    return r_->v->hdr_add(r_, map_, id, to_str(value), flags);
  }
  gw_status remove_header(hid id) const { return r_->v->hdr_remove(r_, map_, id); }

  // All fields in order, for range-for; the list is in the request's arena.
  struct list {
    const gw_field* first;
    uint32_t n;
    const gw_field* begin() const { return first; }
    const gw_field* end() const { return first + n; }
  };
  // … in memory of the caller's, at most cap; answers how many there are.
  uint32_t fields_into(gw_field* out, uint32_t cap) const {
    return r_->v->hdr_list(r_, map_, out, cap);
  }
  list fields() const {
    const uint32_t n = r_->v->hdr_list(r_, map_, nullptr, 0);
    if (n == 0) return {nullptr, 0};
    auto* out = static_cast<gw_field*>(r_->v->alloc(r_, n * sizeof(gw_field), alignof(gw_field)));
    return {out, r_->v->hdr_list(r_, map_, out, n)};
  }

 private:
  gw_req* r_;
  uint32_t map_;
};

// An answer under construction: gw::reply(429).code("rate_limited").message("…").header(id, "1").
class reply {
 public:
  static constexpr uint32_t max_headers = 24;

  explicit reply(int status) {
    raw_.size = sizeof raw_;
    raw_.status = status;
  }
  reply& code(view v) { return raw_.code = to_str(v), *this; }
  reply& message(view v) { return raw_.message = to_str(v), *this; }
  reply& body(view bytes, view content_type) {
    raw_.body = bytes.data() == nullptr ? gw_str{"", 0} : to_str(bytes);
    raw_.content_type = to_str(content_type);
    return *this;
  }
  reply& plain_json() { return raw_.flags |= GW_PLAIN_JSON, *this; }
  reply& no_body() { return raw_.flags |= GW_NO_BODY, *this; }
  // The value must live until respond() has been called.
  reply& header(hid id, view value) { return add(gw_field{{}, to_str(value), id, 0}); }
  reply& header(view name, view value) { return add(gw_field{to_str(name), to_str(value), 0, 0}); }

  gw_response raw() const {
    gw_response out = raw_;
    out.headers = fields_;
    return out;
  }

 private:
  reply& add(gw_field f) {
    if (raw_.nheaders == max_headers) throw std::length_error("too many headers in a reply");
    fields_[raw_.nheaders++] = f;
    return *this;
  }

  gw_response raw_{};
  gw_field fields_[max_headers];
};

// The attempts to reach a target, oldest first; more than 16 are cut.
struct attempt_list {
  gw_attempt items[16];
  uint32_t n;
  const gw_attempt* begin() const { return items; }
  const gw_attempt* end() const { return items + n; }
};

class request {
 public:
  request(gw_req* r, gw_self* self) : r_(r), self_(self) {}

  gw_req* raw() const { return r_; }
  uint32_t phase() const { return self_->phase; }
  gw::worker worker() const { return gw::worker(base()); }
  gw::host host() const { return gw::host(base()->host, self_); }
  void log(gw_log_level level, view text, std::initializer_list<gw_kv> kv = {}) const {
    host().log(level, text, kv);
  }

  // The plugin's own states, of the types request_state and worker_state in it.
  template <class T>
  T& state() const {
    return *static_cast<T*>(self_->req_state);
  }
  template <class T>
  T& worker_state() const {
    return *static_cast<T*>(base()->state);
  }

  view get(uint32_t what) const { return to_view(r_->v->get(r_, what)); }
  int64_t number(uint32_t what) const { return r_->v->get_i64(r_, what); }
  bool flag(int64_t bit) const { return (number(GW_FLAGS) & bit) != 0; }
  gw_status set(uint32_t what, view value) const { return r_->v->set(r_, what, to_str(value)); }
  view method() const { return get(GW_METHOD); }
  view path() const { return get(GW_PATH); }
  view query() const { return get(GW_QUERY); }
  view client_ip() const { return get(GW_CLIENT_IP); }

  headers request_headers() const { return {r_, GW_REQUEST}; }
  headers response() const { return {r_, GW_RESPONSE}; }
  view header(hid id) const { return request_headers().header(id); }
  gw_status set_header(hid id, view v, uint32_t flags = 0) const {
    return request_headers().set_header(id, v, flags);
  }
  gw_status add_header(hid id, view v, uint32_t flags = 0) const {
    return request_headers().add_header(id, v, flags);
  }
  gw_status remove_header(hid id) const { return request_headers().remove_header(id); }

  int status() const { return static_cast<int>(number(GW_STATUS)); }
  gw_status set_status(int status) const { return r_->v->set_status(r_, status); }

  // To be returned: `return r.respond(401, "missing credentials");`
  action respond(const reply& answer) const {
    const gw_response raw = answer.raw();
    return r_->v->respond(r_, &raw) == GW_OK ? action{GW_RESPOND} : fail;
  }
  action respond(int status, view message = {}) const {
    return respond(reply(status).message(message));
  }
  // Takes a token, to be followed by `return gw::pause;`. False when pausing is not allowed here.
  token pause(milliseconds timeout = milliseconds(0)) const {
    return {base()->host, r_->v->pause(r_, static_cast<uint32_t>(timeout.count()))};
  }
  void decide(int32_t verdict, view code, view rule = {}, view text = {}) const {
    r_->v->decide(r_, verdict, to_str(code), to_str(rule), to_str(text));
  }

  void* alloc(size_t n, size_t align = alignof(std::max_align_t)) const {
    return r_->v->alloc(r_, n, align);
  }
  // Bytes, or an object without a destructor, that live as long as the request.
  view copy(view bytes) const {
    auto* out = static_cast<char*>(alloc(bytes.size() + 1, 1));
    bytes.copy(out, bytes.size());
    return {out, bytes.size()};
  }
  // The parts in one piece that lives as long.
  template <class... Part>
  view join(const Part&... parts) const {
    const size_t n = (size_t{0} + ... + view(parts).size());
    auto* out = static_cast<char*>(alloc(n + 1, 1));
    char* at = out;
    ((at += view(parts).copy(at, view::npos)), ...);
    return {out, n};
  }
  template <class T, class... Args>
  T* make(Args&&... args) const {
    static_assert(std::is_trivially_destructible_v<T>, "nobody would call the destructor");
    return ::new (alloc(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  template <class T>
  T* get(slot<T> s) const {
    return static_cast<T*>(r_->v->slot_get(r_, s.id()));
  }
  template <class T>
  gw_status put(slot<T> s, T* value, void (*drop)(void*) = nullptr) const {
    return r_->v->slot_put(r_, s.id(), value, drop);
  }

  attempt_list attempts() const {
    attempt_list out;
    for (gw_attempt& a : out.items) a.size = sizeof a;
    const uint32_t n = r_->v->attempts(r_, out.items, 16);
    out.n = n < 16 ? n : 16;
    return out;
  }

  // map: GW_REQUEST or GW_RESPONSE; mode: GW_BODY_*.
  gw_status body_mode(uint32_t map, uint32_t mode, uint64_t limit = 0,
                      uint32_t overflow = GW_OVERFLOW_REFUSE) const {
    return r_->v->body_mode(r_, map, mode, limit, overflow);
  }
  // In the phase function of a body, or the on_resume after it: lets bytes go on. Copied…
  gw_status emit(view bytes) const { return emit_borrowed(bytes, nullptr, nullptr); }
  // … taken over, for what was made anew and is large…
  gw_status emit_owned(std::string bytes) const {
    auto* kept = new std::string(std::move(bytes));
    const gw_status s = emit_borrowed(
        *kept, [](void* ud) { delete static_cast<std::string*>(ud); }, kept);
    if (s != GW_OK) delete kept;
    return s;
  }
  // … or lent until release(ud) is called.
  gw_status emit_borrowed(view bytes, void (*release)(void*), void* ud) const {
    const uint32_t map = phase() == GW_PHASE_REQUEST_BODY ? GW_REQUEST : GW_RESPONSE;
    return r_->v->body_emit(r_, map, to_str(bytes), release, ud);
  }
  // True: to be followed by `return gw::redispatch;`. False where the request can't be sent again.
  bool redispatch(view upstream = {}) const {
    return r_->v->redispatch(r_, to_str(upstream)) == GW_OK;
  }

 private:
  detail::worker_base* base() const {
    return static_cast<detail::worker_base*>(self_->worker_state);
  }

  gw_req* r_;
  gw_self* self_;
};

}  // namespace gw
