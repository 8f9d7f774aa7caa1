// SPDX-License-Identifier: Apache-2.0
#include "tracing.hpp"

#include <cstddef>
#include <map>
#include <mutex>

#include "gatewright/testkit/trace.hpp"

// A member of the table that `api` stands for.
#define T(member) put<&api::member, #member>(t)

namespace gw::test {

namespace tracing {

namespace {

std::mutex g_lock;
bool g_on = false;
std::string g_text;
size_t g_depth = 0;
std::map<std::string, std::map<uint64_t, size_t>> g_numbers;
bool g_open = false;  // the last line is a call that has called nothing yet

std::string quoted(const char* p, size_t n) {
  std::string out = "\"";
  for (size_t i = 0; i < n; ++i) {
    const unsigned char c = static_cast<unsigned char>(p[i]);
    static const char* const k_hex = "0123456789abcdef";
    if (c == '"' || c == '\\')
      (out += '\\') += char(c);
    else if (c >= 0x20 && c < 0x7F)
      out += char(c);
    else
      ((out += "\\x") += k_hex[c >> 4]) += k_hex[c & 15];
  }
  return out + "\"";
}

std::string fields(const gw_field* all, uint32_t n) {
  std::string out;
  for (uint32_t i = 0; i < n; ++i)
    out += (i == 0 ? "" : ", ") +
           (all[i].name.p != nullptr ? show(all[i].name) : std::to_string(all[i].id)) + ": " +
           show(all[i].value);
  return "{" + out + "}";
}

}  // namespace

bool on() { return g_on; }

std::string show_ordinal(const char* of, uint64_t number) {
  if (number == 0) return "0";
  const std::lock_guard<std::mutex> lock(g_lock);
  auto& known = g_numbers[of];
  return "#" + std::to_string(known.try_emplace(number, known.size() + 1).first->second);
}

void begin(const std::string& line) {
  const std::lock_guard<std::mutex> lock(g_lock);
  if (!g_on) return;
  if (g_open) g_text += "\n";
  g_text += std::string(2 * g_depth++, ' ') + line;
  g_open = true;
}

void end(const std::string& result) {
  const std::lock_guard<std::mutex> lock(g_lock);
  if (!g_on) return;
  --g_depth;
  if (!g_open && !result.empty()) g_text += std::string(2 * g_depth + 2, ' ') + "= " + result;
  if (g_open && !result.empty()) g_text += " = " + result;
  if (g_open || !result.empty()) g_text += "\n";
  g_open = false;
}

std::string show(gw_str s) { return s.p == nullptr ? "null" : quoted(s.p, s.n); }
std::string show(const char* s) { return s == nullptr ? "null" : quoted(s, std::strlen(s)); }
std::string show(const gw_chunk* c) {
  if (c == nullptr) return "null";
  return "{" + quoted(reinterpret_cast<const char*>(c->p), c->n) + ", " + std::to_string(c->flags) +
         "}";
}
std::string show(const gw_response* r) {
  if (r == nullptr) return "null";
  return "{" + std::to_string(r->status) + ", " + fields(r->headers, r->nheaders) + ", " +
         show(r->body) + "}";
}
std::string show(const gw_http_request* r) {
  if (r == nullptr) return "null";
  return "{" + show(r->method) + ", " + show(r->url) + ", " + fields(r->headers, r->nheaders) +
         ", " + show(r->body) + "}";
}
std::string show(const gw_http_result* r) {
  if (r == nullptr) return "null";
  return "{" + std::to_string(r->err) + ", " + std::to_string(r->http_status) + ", " +
         show(r->body) + "}";
}

namespace {

template <class Api, class Fill>
const void* host_table(const void* given, const Fill& fill) {
  return copy_of<Api>(given, 2 * sizeof(uint32_t), fill);
}

const void* trace_request(const void* given) {
  using api = gw_req_api;
  return host_table<api>(given, [](api& t) {
    T(get), T(get_i64), T(set), T(hdr_get), T(hdr_all), T(hdr_find), T(hdr_list), T(hdr_set),
        T(hdr_add), T(hdr_remove), T(respond), T(pause), T(decide), T(alloc), T(slot_get),
        T(slot_put), T(set_status), T(attempts), T(body_mode), T(body_emit), T(redispatch);
  });
}

const void* trace_host(const void* given) {
  using api = gw_host;
  return copy_of<api>(given, offsetof(gw_host, get_api), [](api& t) {
    T(get_api), T(resume), T(log), T(unix_ns), T(mono_ns), T(random);
  });
}

const void* trace_config(const void* given) {
  using api = gw_config_api;
  return host_table<api>(given, [](api& t) {
    T(json), T(kind), T(count), T(member), T(str), T(i64), T(f64), T(boolean), T(header_id),
        T(slot_define);
  });
}

const void* trace_consumers(const void* given) {
  using api = gw_consumers_api;
  return host_table<api>(given, [](api& t) { T(find), T(collection), T(lookup), T(at); });
}

const void* trace_loop(const void* given) {
  using api = gw_loop_api;
  return host_table<api>(given, [](api& t) {
    T(timer_start), T(timer_cancel), T(worker_index), T(worker_count), T(background), T(post),
        T(fd_watch), T(fd_update), T(fd_unwatch);
  });
}

const void* trace_http(const void* given) {
  using api = gw_http_api;
  return host_table<api>(given, [](api& t) { T(call), T(cancel); });
}

const void* trace_kv(const void* given) {
  using api = gw_kv_api;
  return host_table<api>(
      given, [](api& t) { T(store), T(get), T(set), T(del), T(add), T(add_limit), T(next); });
}

const void* trace_metrics(const void* given) {
  using api = gw_metrics_api;
  return host_table<api>(
      given, [](api& t) { T(define), T(with), T(add), T(set), T(observe), T(dyn), T(read); });
}

const void* trace_pool(const void* given) {
  using api = gw_pool_api;
  return host_table<api>(given, [](api& t) { T(run), T(cancel); });
}

const void* trace_memory(const void* given) {
  using api = gw_memory_api;
  return host_table<api>(given, [](api& t) { T(account), T(alloc), T(realloc), T(free); });
}

const void* trace_tls(const void* given) {
  using api = gw_tls_api;
  return host_table<api>(given, [](api& t) { T(certificate_make), T(certificate_drop); });
}

const void* trace_extension(const char* id, const void* given) {
  const std::string name = id == nullptr ? "" : id;
  if (name == GW_PLUGIN_BALANCER_EXT) {
    using api = gw_plugin_balancer;
    return host_table<api>(given, [](api& t) { T(pick), T(result); });
  }
  if (name == GW_PLUGIN_TLS_EXT) {
    using api = gw_plugin_tls;
    return host_table<api>(given, [](api& t) { T(on_client_hello); });
  }
  if (name == GW_PLUGIN_ADMIN_EXT) {
    using api = gw_plugin_admin;
    return copy_of<api>(given, offsetof(api, get), [](api& t) { T(get), T(serve); });
  }
  if (name == GW_PLUGIN_CONFIGURE_EXT) {
    using api = gw_plugin_configure;
    return host_table<api>(given, [](api& t) { T(configure); });
  }
  return given;
}

const void* get_ext(const char* id) {
  begin("get_ext(" + show(id) + ")");
  const void* given = tables<gw_plugin_desc>::real.get_ext(id);
  end(show(given));
  return given == nullptr ? nullptr : trace_extension(id, given);
}

constexpr struct {
  const char* id;
  const void* (*trace)(const void*);
} k_tables[] = {{"the gw_host", trace_host},   {"the gw_req_api", trace_request},
                {GW_CONFIG_API, trace_config}, {GW_CONSUMERS_API, trace_consumers},
                {GW_LOOP_API, trace_loop},     {GW_HTTP_API, trace_http},
                {GW_KV_API, trace_kv},         {GW_METRICS_API, trace_metrics},
                {GW_POOL_API, trace_pool},     {GW_MEMORY_API, trace_memory},
                {GW_TLS_API, trace_tls}};

const void* g_plugin = nullptr;  // whose trace it is

}  // namespace

const void* traced_table(const std::string& id, const void* given) {
  for (const auto& one : k_tables)
    if (id == one.id && given != nullptr) return one.trace(given);
  if (given != nullptr) throw std::logic_error("the table " + id + " is not traced");
  return nullptr;
}

gw_plugin_desc traced_plugin(const gw_plugin_desc& desc, const void* identity) {
  if (g_plugin != nullptr && g_plugin != identity)
    throw std::logic_error("a trace is of one plugin");
  g_plugin = identity;
  using api = gw_plugin_desc;
  const auto fill = [](api& t) {
    T(plugin_init), T(instance_new), T(instance_free), T(worker_start), T(worker_stop),
        T(on_rewrite), T(on_request), T(on_request_body), T(on_upstream), T(on_response),
        T(on_response_body), T(on_resume), T(on_cancel), T(on_log), T(req_free);
    if (t.get_ext != nullptr) t.get_ext = tracing::get_ext;
  };
  return *static_cast<const api*>(copy_of<api>(&desc, offsetof(api, plugin_init), fill));
}

}  // namespace tracing

trace_scope::trace_scope() {
  if (tracing::g_on) throw std::logic_error("there is a trace already");
  tracing::g_on = true;
  tracing::g_text.clear();
  tracing::g_numbers.clear();
}

trace_scope::~trace_scope() {
  tracing::g_on = false;
  tracing::g_plugin = nullptr;
}

std::string trace_scope::text() const { return tracing::g_text; }

}  // namespace gw::test
