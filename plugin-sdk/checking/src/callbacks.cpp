// SPDX-License-Identifier: Apache-2.0
// A plugin's callbacks, each within a frame. A descriptor's functions get no context of their own,
// so each plugin has a number, and each number its set of functions.
#include <array>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "extensions.hpp"
#include "request.hpp"
#include "workers.hpp"

namespace gw::checking {

namespace {

constexpr size_t k_plugins = 128;
known_plugin g_plugins[k_plugins];
size_t g_count = 0;
std::mutex g_lock;

// What the answer of a callback says against what it did.
void judge(const frame& f, gw_action action) {
  if (action != GW_PAUSE && f.took_token)
    broke(nullptr, "pause() gave it a token and it did not return GW_PAUSE: the token is dead");
  if (action != GW_RESPOND && f.answered)
    broke(nullptr, "respond() took its answer and it did not return GW_RESPOND: nothing is sent");
  if (action == GW_PAUSE && !f.took_token)
    broke(nullptr, "GW_PAUSE without a token: pause() was not called, or gave 0");
  if (action == GW_RESPOND && !f.answered)
    broke(nullptr, "GW_RESPOND without an answer: respond() was not called, or failed");
  if (action != GW_REDISPATCH && f.redispatched)
    broke(nullptr, "redispatch() was called and it did not return GW_REDISPATCH: nothing is sent");
  if (action == GW_REDISPATCH && !f.redispatched)
    broke(nullptr, "GW_REDISPATCH without redispatch(): it was not called, or failed");
  if (action < GW_CONTINUE || action > GW_REDISPATCH)
    broke(nullptr, "the action " + std::to_string(action) + " is none");
}

const gw_chunk* lend_chunk(const gw_chunk* c) {
  gw_chunk copy = *c;
  copy.p = static_cast<const uint8_t*>(lend(c->p, c->n, 1, "the host"));
  return static_cast<const gw_chunk*>(lend(&copy, sizeof copy, alignof(gw_chunk), "the host"));
}
template <class T>
T lend_argument(T value) {
  if constexpr (std::is_same_v<T, const gw_chunk*>)
    return lend_chunk(value);
  else
    return value;
}

template <class... A>
gw_action phase_call(size_t n, const char* name, gw_action (*real)(gw_req*, gw_self*, A...),
                     gw_req* r, gw_self* self, A... a) {
  frame f(&g_plugins[n], name, phase_name(self->phase));
  adopt(f, r);
  const gw_action action = real(r, self, lend_argument(a)...);
  judge(f, action);
  return action;
}

gw_status make_instance(const known_plugin& p, const gw_instance_args* given, void** inst,
                        gw_error* error) {
  frame f(&p, "instance_new", "config");
  f.config = given->cfg;
  gw_instance_args args{};
  std::memcpy(&args, given, std::min<size_t>(given->size, sizeof args));
  for (gw_str* text : {&args.key, &args.route_id, &args.service_id, &args.consumer_id})
    *text = lend(*text, "gw_instance_args");
  const auto* lent = static_cast<const gw_instance_args*>(
      lend(&args, args.size, alignof(gw_instance_args), "gw_instance_args"));
  return p.desc.instance_new(lent, inst, error);
}

template <size_t N>
struct checked {
  static const gw_plugin_desc& real() { return g_plugins[N].desc; }

  static gw_status plugin_init(const gw_host* host, void** plugin, gw_error* error) {
    const frame f(&g_plugins[N], "plugin_init", "config");
    return real().plugin_init(host, plugin, error);
  }
  static gw_status instance_new(const gw_instance_args* args, void** inst, gw_error* error) {
    return make_instance(g_plugins[N], args, inst, error);
  }
  static void instance_free(void* inst) {
    const frame f(&g_plugins[N], "instance_free", "config");
    real().instance_free(inst);
  }
  static gw_status worker_start(gw_worker* w, void* inst, void** state, gw_error* error) {
    return start_worker(g_plugins[N], w, inst, state, error);
  }
  static void worker_stop(gw_worker* w, void* inst, void* state) {
    stop_worker(g_plugins[N], w, inst, state);
  }
  static gw_action on_rewrite(gw_req* r, gw_self* s) {
    return phase_call(N, "on_rewrite", real().on_rewrite, r, s);
  }
  static gw_action on_request(gw_req* r, gw_self* s) {
    return phase_call(N, "on_request", real().on_request, r, s);
  }
  static gw_action on_request_body(gw_req* r, gw_self* s, const gw_chunk* c) {
    return phase_call(N, "on_request_body", real().on_request_body, r, s, c);
  }
  static gw_action on_upstream(gw_req* r, gw_self* s, uint32_t attempt) {
    return phase_call(N, "on_upstream", real().on_upstream, r, s, attempt);
  }
  static gw_action on_response(gw_req* r, gw_self* s) {
    return phase_call(N, "on_response", real().on_response, r, s);
  }
  static gw_action on_response_body(gw_req* r, gw_self* s, const gw_chunk* c) {
    return phase_call(N, "on_response_body", real().on_response_body, r, s, c);
  }
  static gw_action on_resume(gw_req* r, gw_self* s, int64_t value) {
    return phase_call(N, "on_resume", real().on_resume, r, s, value);
  }
  static void on_cancel(gw_req* r, gw_self* s) {
    frame f(&g_plugins[N], "on_cancel", phase_name(s->phase));
    adopt(f, r);
    real().on_cancel(r, s);
  }
  // Always there: a plugin's last sight of a request.
  static void on_log(gw_req* r, gw_self* s) {
    frame f(&g_plugins[N], "on_log", "log");
    adopt(f, r);
    if (real().on_log != nullptr) real().on_log(r, s);
    check_borrowed(f);
  }
  static void req_free(gw_self* s) {
    const frame f(&g_plugins[N], "req_free", "log");
    real().req_free(s);
  }
  static const void* get_ext(const char* id) {
    const frame f(&g_plugins[N], "get_ext", "config");
    return check_extension<N>(g_plugins[N], id, real().get_ext(id));
  }

  static void put_into(gw_plugin_desc& d) {
    const auto put = [](auto& member, auto function) {
      if (member != nullptr) member = function;
    };
    put(d.plugin_init, plugin_init);
    put(d.instance_new, instance_new);
    put(d.instance_free, instance_free);
    d.worker_start = worker_start;
    d.worker_stop = worker_stop;
    put(d.on_rewrite, on_rewrite);
    put(d.on_request, on_request);
    put(d.on_request_body, on_request_body);
    put(d.on_upstream, on_upstream);
    put(d.on_response, on_response);
    put(d.on_response_body, on_response_body);
    put(d.on_resume, on_resume);
    put(d.on_cancel, on_cancel);
    d.on_log = on_log;
    put(d.req_free, req_free);
    put(d.get_ext, get_ext);
  }
};

template <size_t... N>
constexpr auto all_sets(std::index_sequence<N...>) {
  return std::array<void (*)(gw_plugin_desc&), sizeof...(N)>{checked<N>::put_into...};
}
constexpr auto k_sets = all_sets(std::make_index_sequence<k_plugins>());

}  // namespace

gw_plugin_desc wrap(const gw_plugin_desc& desc, const void* identity) {
  const std::lock_guard<std::mutex> lock(g_lock);
  size_t n = 0;
  while (n < g_count && g_plugins[n].identity != identity) ++n;
  if (n == k_plugins) throw std::length_error("checking mode knows at most 128 plugins");
  if (n == g_count) g_plugins[g_count++] = known_plugin{identity, desc};
  gw_plugin_desc out = desc;
  k_sets[n](out);
  return out;
}

}  // namespace gw::checking
