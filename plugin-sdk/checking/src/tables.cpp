// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "gatewright/host/admin.h"
#include "gatewright/host/config.h"
#include "gatewright/host/consumer.h"
#include "gatewright/host/http_call.h"
#include "gatewright/host/kv.h"
#include "gatewright/host/loop.h"
#include "gatewright/host/metrics.h"
#include "workers.hpp"

namespace gw::checking {

namespace {

// A function's name as a template argument.
template <size_t N>
struct name {
  constexpr name(const char (&from)[N]) { std::copy_n(from, N, text); }  // NOLINT: to be implicit
  char text[N];
};

// The host's table of one kind, and the checked copy.
template <class Api>
struct table {
  static inline Api checked{};
  static inline const Api* real = nullptr;
};

template <class R>
R nothing() {
  if constexpr (std::is_same_v<R, gw_status>)
    return GW_E_STATE;
  else if constexpr (!std::is_void_v<R>)
    return R{};
}

// A function whose first argument is a gw_worker: on its thread, while it lives.
template <auto Member, name Name>
struct for_worker;
template <class Api, class R, class... A, R (*Api::*Member)(gw_worker*, A...), name Name>
struct for_worker<Member, Name> {
  static R call(gw_worker* w, A... a) {
    if (!usable(w, Name.text)) return nothing<R>();
    return (table<Api>::real->*Member)(w, a...);
  }
};

// A function whose first argument is a gw_cfg: in the instance_new that was given it.
template <auto Member, name Name>
struct for_config;
template <class Api, class R, class... A, R (*Api::*Member)(gw_cfg*, A...), name Name>
struct for_config<Member, Name> {
  static R call(gw_cfg* cfg, A... a) {
    const frame* f = current();
    if (f == nullptr || f->config != cfg) {
      broke(Name.text, "a gw_cfg is used outside of the instance_new that was given it");
      return nothing<R>();
    }
    const R out = (table<Api>::real->*Member)(cfg, a...);
    if constexpr (std::is_same_v<R, gw_str>)
      return lend(out, Name.text);
    else
      return out;
  }
};

// A function for worker threads that says so in its comment only.
template <auto Member, name Name>
struct on_worker;
template <class Api, class R, class... A, R (*Api::*Member)(A...), name Name>
struct on_worker<Member, Name> {
  static R call(A... a) {
    if (current() == nullptr && !on_worker_thread())
      broke(Name.text, "called on another thread than a worker's");
    return (table<Api>::real->*Member)(a...);
  }
};

// Replaces a member, if the host has it. Members without a check stay the host's own.
template <auto Member, class Check, class Api>
void put(Api& t) {
  const size_t end =
      size_t(reinterpret_cast<const char*>(&(t.*Member)) - reinterpret_cast<const char*>(&t)) +
      sizeof(t.*Member);
  if (end <= t.size && t.*Member != nullptr) t.*Member = Check::call;
}
template <auto Member, name Name, class Api>
void put_worker(Api& t) {
  put<Member, for_worker<Member, Name>>(t);
}
template <auto Member, name Name, class Api>
void put_config(Api& t) {
  put<Member, for_config<Member, Name>>(t);
}

// A copy of the host's table, at most as much of it as this was built with.
template <class Api, class Fill>
const void* check_table(const void* given, const Fill& fill) {
  using t = table<Api>;
  if (t::real == given) return &t::checked;
  t::real = static_cast<const Api*>(given);
  std::memcpy(&t::checked, given, std::min<size_t>(t::real->size, sizeof(Api)));
  t::checked.size = std::min<uint32_t>(t::real->size, sizeof(Api));
  fill(t::checked);
  return &t::checked;
}

// --- callbacks that plugins give ---

// What the host is given instead of a plugin's function and its ud.
struct given {
  gw_worker* worker;
  const known_plugin* plugin;
  gw_handle handle = 0;
  gw_timer_cb timer = nullptr;
  bool repeats = false;
  gw_http_cb http = nullptr;
  void* ud = nullptr;
};
std::mutex g_lock;
std::map<given*, std::unique_ptr<given>> g_given;

given* keep(given g) {
  auto made = std::make_unique<given>(g);
  given* out = made.get();
  const std::lock_guard<std::mutex> lock(g_lock);
  g_given.emplace(out, std::move(made));
  return out;
}
void forget(given* g) {
  const std::lock_guard<std::mutex> lock(g_lock);
  g_given.erase(g);
}
template <class F>
void forget_if(const F& matches) {
  const std::lock_guard<std::mutex> lock(g_lock);
  for (auto it = g_given.begin(); it != g_given.end();)
    it = matches(*it->second) ? g_given.erase(it) : std::next(it);
}

void on_timer(gw_worker* w, void* ud) {
  const given g = *static_cast<given*>(ud);
  if (!g.repeats) forget(static_cast<given*>(ud));
  const frame f(g.plugin, "timer callback", "worker");
  g.timer(w, g.ud);
}

void on_http(gw_worker* w, const gw_http_result* result, void* ud) {
  const given g = *static_cast<given*>(ud);
  forget(static_cast<given*>(ud));
  const frame f(g.plugin, "http callback", "worker");
  gw_http_result r{};
  std::memcpy(&r, result, std::min<size_t>(result->size, sizeof r));
  std::vector<gw_field> fields(r.headers, r.headers + r.nheaders);
  for (gw_field& field : fields) {
    field.name = lend(field.name, "gw.http/1");
    field.value = lend(field.value, "gw.http/1");
  }
  r.headers = static_cast<const gw_field*>(
      lend(fields.data(), fields.size() * sizeof(gw_field), alignof(gw_field), "gw.http/1"));
  r.body = lend(r.body, "gw.http/1");
  g.http(w,
         static_cast<const gw_http_result*>(lend(&r, r.size, alignof(gw_http_result), "gw.http/1")),
         g.ud);
}

struct start_timer {
  static gw_handle call(gw_worker* w, uint64_t first_ms, uint64_t repeat_ms, gw_timer_cb cb,
                        void* ud) {
    if (!usable(w, "timer_start")) return 0;
    if (cb == nullptr) return broke("timer_start", "the callback is NULL"), 0;
    given* g = keep({w, owner_of(w), 0, cb, repeat_ms != 0, nullptr, ud});
    g->handle = table<gw_loop_api>::real->timer_start(w, first_ms, repeat_ms, on_timer, g);
    const gw_handle out = g->handle;
    if (out == 0) forget(g);
    return out;
  }
};

struct cancel_timer {
  static gw_status call(gw_worker* w, gw_handle h) {
    if (!usable(w, "timer_cancel")) return GW_E_STATE;
    const gw_status s = table<gw_loop_api>::real->timer_cancel(w, h);
    if (s == GW_OK)
      forget_if(
          [&](const given& g) { return g.worker == w && g.timer != nullptr && g.handle == h; });
    return s;
  }
};

struct start_http {
  static gw_handle call(gw_worker* w, const gw_http_request* q, gw_http_cb cb, void* ud,
                        gw_error* error) {
    if (!usable(w, "call")) return 0;
    if (q == nullptr || cb == nullptr) return broke("call", "request or callback is NULL"), 0;
    if (q->flags != 0) broke("call", "flags of the request are not 0");
    given* g = keep({w, owner_of(w), 0, nullptr, false, cb, ud});
    g->handle = table<gw_http_api>::real->call(w, q, on_http, g, error);
    const gw_handle out = g->handle;
    if (out == 0) forget(g);
    return out;
  }
};

struct cancel_http {
  static gw_status call(gw_worker* w, gw_handle h) {
    if (!usable(w, "cancel")) return GW_E_STATE;
    const gw_status s = table<gw_http_api>::real->cancel(w, h);
    if (s == GW_OK)
      forget_if(
          [&](const given& g) { return g.worker == w && g.http != nullptr && g.handle == h; });
    return s;
  }
};

// --- tables ---

void fill(gw_loop_api& t) {
  put<&gw_loop_api::timer_start, start_timer>(t);
  put<&gw_loop_api::timer_cancel, cancel_timer>(t);
  put_worker<&gw_loop_api::worker_index, "worker_index">(t);
  put_worker<&gw_loop_api::worker_count, "worker_count">(t);
}

void fill(gw_http_api& t) {
  put<&gw_http_api::call, start_http>(t);
  put<&gw_http_api::cancel, cancel_http>(t);
}

void fill(gw_config_api& t) {
  put_config<&gw_config_api::json, "json">(t);
  put_config<&gw_config_api::kind, "kind">(t);
  put_config<&gw_config_api::count, "count">(t);
  put_config<&gw_config_api::member, "member">(t);
  put_config<&gw_config_api::str, "str">(t);
  put_config<&gw_config_api::i64, "i64">(t);
  put_config<&gw_config_api::f64, "f64">(t);
  put_config<&gw_config_api::boolean, "boolean">(t);
  put_config<&gw_config_api::header_id, "header_id">(t);
  put_config<&gw_config_api::slot_define, "slot_define">(t);
}

void fill(gw_consumers_api& t) {
  put_config<&gw_consumers_api::find, "find">(t);
  put_config<&gw_consumers_api::collection, "collection">(t);
}

void fill(gw_kv_api& t) { put_config<&gw_kv_api::store, "store">(t); }

void fill(gw_metrics_api& t) {
  put_config<&gw_metrics_api::define, "define">(t);
  put<&gw_metrics_api::add, on_worker<&gw_metrics_api::add, "add">>(t);
  put<&gw_metrics_api::set, on_worker<&gw_metrics_api::set, "set">>(t);
  put<&gw_metrics_api::observe, on_worker<&gw_metrics_api::observe, "observe">>(t);
}

template <class Api>
const void* check_table(const void* given) {
  return check_table<Api>(given, [](Api& t) { fill(t); });
}

gw_host g_real{};

const void* get_api(const gw_host* host, const char* id) {
  if (id == nullptr) return broke("get_api", "the id is NULL"), nullptr;
  const void* given = g_real.get_api(host, id);
  const std::string name = id;
  if (given == nullptr) return nullptr;
  if (name == GW_LOOP_API) return check_table<gw_loop_api>(given);
  if (name == GW_HTTP_API) return check_table<gw_http_api>(given);
  if (name == GW_CONFIG_API) return check_table<gw_config_api>(given);
  if (name == GW_CONSUMERS_API) return check_table<gw_consumers_api>(given);
  if (name == GW_KV_API) return check_table<gw_kv_api>(given);
  if (name == GW_METRICS_API) return check_table<gw_metrics_api>(given);
  return given;
}

gw_status resume(const gw_host* host, gw_token token, int64_t value) {
  if (token == 0) broke("resume", "the token is 0: pause() has failed");
  return g_real.resume(host, token, value);
}

void log(const gw_host* host, const gw_self* self, gw_log_level level, gw_str text, const gw_kv* kv,
         uint32_t nkv) {
  if (level < GW_LOG_DEBUG || level > GW_LOG_ERROR)
    broke("log", "the level " + std::to_string(level) + " is none");
  if (kv == nullptr && nkv != 0) broke("log", "kv is NULL and nkv is not 0");
  g_real.log(host, self, level, text, kv, nkv);
}

}  // namespace

void forget_callbacks(gw_worker* w) {
  forget_if([w](const given& g) { return g.worker == w; });
}

void wrap(gw_host& host) {
  g_real = host;
  host.get_api = get_api;
  host.resume = resume;
  host.log = log;
}

}  // namespace gw::checking
