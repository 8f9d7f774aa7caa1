// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include "gatewright/host/admin.h"
#include "gatewright/host/config.h"
#include "gatewright/host/consumer.h"
#include "gatewright/host/kv.h"
#include "gatewright/host/memory.h"
#include "gatewright/host/metrics.h"
#include "gatewright/host/tls.h"
#include "given.hpp"
#include "loop_tables.hpp"
#include "table.hpp"

namespace gw::checking {

namespace {

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

struct start_http {
  static gw_handle call(gw_worker* w, const gw_http_request* q, gw_http_cb cb, void* ud,
                        gw_error* error) {
    if (!usable(w, "call")) return 0;
    if (q == nullptr || cb == nullptr) return broke("call", "request or callback is NULL"), 0;
    if (q->flags != 0) broke("call", "flags of the request are not 0");
    return start_with({.worker = w, .plugin = owner_of(w), .ud = ud, .http = cb}, [&](given* g) {
      return table<gw_http_api>::real->call(w, q, on_http, g, error);
    });
  }
};

struct cancel_http {
  static gw_status call(gw_worker* w, gw_handle h) {
    return end_with(w, h, &given::http, "cancel", table<gw_http_api>::real->cancel);
  }
};

// --- tables ---

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

// The others are for any thread, and check what they are given themselves.
void fill(gw_kv_api& t) { put_config<&gw_kv_api::store, "store">(t); }
void fill(gw_memory_api& t) { put_config<&gw_memory_api::account, "account">(t); }

void fill(gw_tls_api& t) {
  put_worker<&gw_tls_api::certificate_make, "certificate_make">(t);
  put_worker<&gw_tls_api::certificate_drop, "certificate_drop">(t);
}

void fill(gw_metrics_api& t) {
  put_config<&gw_metrics_api::define, "define">(t);
  put<&gw_metrics_api::with, on_worker<&gw_metrics_api::with, "with">>(t);
  put<&gw_metrics_api::add, on_worker<&gw_metrics_api::add, "add">>(t);
  put<&gw_metrics_api::set, on_worker<&gw_metrics_api::set, "set">>(t);
  put<&gw_metrics_api::observe, on_worker<&gw_metrics_api::observe, "observe">>(t);
  put<&gw_metrics_api::dyn, on_worker<&gw_metrics_api::dyn, "dyn">>(t);
}

template <class Api>
const void* filled(const void* given) {
  return check_table<Api>(given, [](Api& t) { fill(t); });
}

gw_host g_real{};

const void* get_api(const gw_host* host, const char* id) {
  if (id == nullptr) return broke("get_api", "the id is NULL"), nullptr;
  const void* given = g_real.get_api(host, id);
  const std::string name = id;
  if (given == nullptr) return nullptr;
  if (name == GW_LOOP_API) return check_loop(given);
  if (name == GW_POOL_API) return check_pool(given);
  if (name == GW_HTTP_API) return filled<gw_http_api>(given);
  if (name == GW_CONFIG_API) return filled<gw_config_api>(given);
  if (name == GW_CONSUMERS_API) return filled<gw_consumers_api>(given);
  if (name == GW_KV_API) return filled<gw_kv_api>(given);
  if (name == GW_METRICS_API) return filled<gw_metrics_api>(given);
  if (name == GW_MEMORY_API) return filled<gw_memory_api>(given);
  if (name == GW_TLS_API) return filled<gw_tls_api>(given);
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

void wrap(gw_host& host) {
  g_real = host;
  host.get_api = get_api;
  host.resume = resume;
  host.log = log;
}

}  // namespace gw::checking
