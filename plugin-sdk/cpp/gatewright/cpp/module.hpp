// SPDX-License-Identifier: Apache-2.0
// From a C++ type to the descriptor and the module: every callback whose member the type has, NULL
// for the others, all constants of the compiler's making. Each edge function is noexcept and turns
// exceptions into GW_FAIL or into the text of a configuration error.
#pragma once

#include <cstdio>
#include <cstring>
#include <iterator>

#include "gatewright/cpp/admin.hpp"
#include "gatewright/cpp/balancer.hpp"
#include "gatewright/cpp/config.hpp"
#include "gatewright/cpp/detect.hpp"
#include "gatewright/cpp/memory.hpp"
#include "gatewright/cpp/request.hpp"
#include "gatewright/cpp/tls.hpp"

namespace gw::detail {

template <class T>
using op_rewrite = decltype(std::declval<const T&>().on_rewrite(std::declval<request>()));
template <class T>
using op_request = decltype(std::declval<const T&>().on_request(std::declval<request>()));
template <class T>
using op_request_body = decltype(std::declval<const T&>().on_request_body(std::declval<request>(),
                                                                          std::declval<chunk>()));
template <class T>
using op_upstream =
    decltype(std::declval<const T&>().on_upstream(std::declval<request>(), uint32_t{}));
template <class T>
using op_response = decltype(std::declval<const T&>().on_response(std::declval<request>()));
template <class T>
using op_response_body = decltype(std::declval<const T&>().on_response_body(std::declval<request>(),
                                                                            std::declval<chunk>()));
template <class T>
using op_resume = decltype(std::declval<const T&>().on_resume(std::declval<request>(), int64_t{}));
template <class T>
using op_cancel = decltype(std::declval<const T&>().on_cancel(std::declval<request>()));
template <class T>
using op_log = decltype(std::declval<const T&>().on_log(std::declval<request>()));
template <class T>
using op_load = decltype(T::on_load(std::declval<host>()));
template <class T>
using op_configure = decltype(T::on_configure(std::declval<const std::vector<const T*>&>()));
template <class T>
using op_admin = decltype(T::on_admin(std::declval<admin_request>(), std::declval<page>()));
template <class T>
using op_extension = decltype(T::extension(std::declval<const char*>()));
template <class T>
using op_version = decltype(T::version);
template <class T>
using op_flags = decltype(T::flags);
template <class T>
using op_collections = decltype(T::collections);
template <class T>
using op_worker_state = typename T::worker_state;
template <class T>
using op_request_state = typename T::request_state;

inline void write_error(gw_error* error, int32_t code, const char* text) noexcept {
  if (error == nullptr) return;
  error->code = code;
  std::snprintf(error->msg, sizeof error->msg, "%s", text);
}

// The request state as it lies in the arena: zeroed bytes, made into a T before the first callback.
template <class T>
struct state_cell {
  T value;
  bool made;
};

template <class P>
struct edge {
  struct box {
    const gw_host* host;
    P plugin;
  };
  struct worker_box : worker_base {
    void (*destroy)(void*) = nullptr;
    ~worker_box() {
      if (destroy != nullptr) destroy(state);
    }
  };

  static constexpr bool has_request_state = has<op_request_state, P>;
  static constexpr bool plain_state() {
    if constexpr (has_request_state)
      return std::is_trivially_default_constructible_v<typename P::request_state> &&
             std::is_trivially_destructible_v<typename P::request_state>;
    return true;
  }
  static constexpr uint32_t state_size() {
    if constexpr (!has_request_state)
      return 0;
    else if constexpr (plain_state())
      return sizeof(typename P::request_state);
    else
      return sizeof(state_cell<typename P::request_state>);
  }
  static constexpr uint32_t state_align() {
    if constexpr (!has_request_state)
      return 1;
    else if constexpr (plain_state())
      return alignof(typename P::request_state);
    else
      return alignof(state_cell<typename P::request_state>);
  }
  static_assert(state_align() <= 16, "a request state is aligned up to 16 bytes");

  static const P& plugin(gw_self* self) { return static_cast<box*>(self->inst)->plugin; }

  template <class Body>
  static gw_status guarded(gw_error* error, const Body& body) noexcept {
    try {
      body();
      return GW_OK;
    } catch (const std::bad_alloc&) {
      return write_error(error, GW_E_NOMEM, "out of memory"), GW_E_NOMEM;
    } catch (const std::exception& e) {
      return write_error(error, GW_E_INVALID, e.what()), GW_E_INVALID;
    } catch (...) {
      return write_error(error, GW_E_INVALID, "the plugin threw what is no std::exception"),
             GW_E_INVALID;
    }
  }

  inline static const gw_host* loaded_by = nullptr;
  static gw_status plugin_init(const gw_host* raw, void**, gw_error* error) noexcept {
    loaded_by = raw;
    return guarded(error, [raw] {
      if constexpr (has<op_load, P>) P::on_load(host(raw));
      (void)raw;
    });
  }
  static gw_status instance_new(const gw_instance_args* args, void** inst,
                                gw_error* error) noexcept {
    return guarded(error, [&] { *inst = make_box(*args); });
  }
  static box* make_box(const gw_instance_args& args) {
    if constexpr (std::is_constructible_v<P, config>)
      return new box{args.host, P(config(args))};
    else
      return new box{args.host, P()};
  }
  static void instance_free(void* inst) noexcept { delete static_cast<box*>(inst); }

  static gw_status worker_start(gw_worker* raw, void* inst, void** state,
                                gw_error* error) noexcept {
    return guarded(error, [&] {
      auto* from = static_cast<box*>(inst);
      auto made = std::make_unique<worker_box>();
      made->host = from->host;
      made->raw = raw;
      made->loop = host(from->host).api<gw_loop_api>(GW_LOOP_API);
      made->http = host(from->host).api<gw_http_api>(GW_HTTP_API);
      if constexpr (has<op_worker_state, P>) make_worker_state(*made, from->plugin);
      *state = static_cast<worker_base*>(made.release());
    });
  }
  template <class Box>
  static void make_worker_state(Box& to, const P& plugin) {
    using T = typename P::worker_state;
    if constexpr (std::is_constructible_v<T, worker, const P&>)
      to.state = new T(worker(&to), plugin);
    else if constexpr (std::is_constructible_v<T, worker>)
      to.state = new T(worker(&to));
    else
      to.state = new T();
    to.destroy = [](void* p) { delete static_cast<T*>(p); };
  }
  static void worker_stop(gw_worker*, void*, void* state) noexcept {
    delete static_cast<worker_box*>(static_cast<worker_base*>(state));
  }

  static void make_state(gw_self* self) {
    if constexpr (!plain_state()) {
      using cell = state_cell<typename P::request_state>;
      auto* at = static_cast<cell*>(self->req_state);
      if (at->made) return;
      ::new (static_cast<void*>(&at->value)) typename P::request_state();
      at->made = true;
    }
    (void)self;
  }
  static void req_free(gw_self* self) noexcept {
    if constexpr (!plain_state()) {
      using T = typename P::request_state;
      auto* at = static_cast<state_cell<T>*>(self->req_state);
      if (at->made) at->value.~T();
      at->made = false;
    }
    (void)self;
  }

  static void report(gw_self* self, const char* what) noexcept {
    host(static_cast<box*>(self->inst)->host, self).log(GW_LOG_ERROR, what);
  }
  // Runs one phase function; whatever it throws fails the request.
  template <class Call>
  static gw_action run(gw_self* self, const Call& call) noexcept {
    try {
      make_state(self);
      if constexpr (std::is_void_v<decltype(call())>)
        return call(), GW_CONTINUE;
      else
        return action(call()).value;
    } catch (const std::exception& e) {
      report(self, e.what());
    } catch (...) {
      report(self, "threw what is no std::exception");
    }
    return GW_FAIL;
  }

  static gw_action on_rewrite(gw_req* r, gw_self* s) noexcept {
    return run(s, [=] { return plugin(s).on_rewrite(request(r, s)); });
  }
  static gw_action on_request(gw_req* r, gw_self* s) noexcept {
    return run(s, [=] { return plugin(s).on_request(request(r, s)); });
  }
  static chunk to_chunk(const gw_chunk* c) {
    return {{reinterpret_cast<const char*>(c->p), c->n},
            (c->flags & GW_LAST) != 0,
            (c->flags & GW_OVERFLOW) != 0};
  }
  static gw_action on_request_body(gw_req* r, gw_self* s, const gw_chunk* c) noexcept {
    return run(s, [=] { return plugin(s).on_request_body(request(r, s), to_chunk(c)); });
  }
  static gw_action on_upstream(gw_req* r, gw_self* s, uint32_t attempt) noexcept {
    return run(s, [=] { return plugin(s).on_upstream(request(r, s), attempt); });
  }
  static gw_action on_response(gw_req* r, gw_self* s) noexcept {
    return run(s, [=] { return plugin(s).on_response(request(r, s)); });
  }
  static gw_action on_response_body(gw_req* r, gw_self* s, const gw_chunk* c) noexcept {
    return run(s, [=] { return plugin(s).on_response_body(request(r, s), to_chunk(c)); });
  }
  static gw_action on_resume(gw_req* r, gw_self* s, int64_t value) noexcept {
    return run(s, [=] { return plugin(s).on_resume(request(r, s), value); });
  }
  static void on_cancel(gw_req* r, gw_self* s) noexcept {
    run(s, [=] { plugin(s).on_cancel(request(r, s)); });
  }
  static void on_log(gw_req* r, gw_self* s) noexcept {
    run(s, [=] { plugin(s).on_log(request(r, s)); });
  }
  static void configure(void*, uint64_t, void* const* instances, uint32_t n) noexcept {
    try {
      std::vector<const P*> live;
      for (uint32_t i = 0; i < n; ++i) live.push_back(&static_cast<box*>(instances[i])->plugin);
      P::on_configure(live);
    } catch (const std::exception& e) {
      host(loaded_by).log(GW_LOG_ERROR, e.what());
    } catch (...) {
      host(loaded_by).log(GW_LOG_ERROR, "on_configure threw what is no std::exception");
    }
  }
  static void serve(void*, const gw_admin_request* request, gw_page* to,
                    const gw_page_api* api) noexcept {
    try {
      P::on_admin(admin_request(request), page(to, api));
    } catch (const std::exception& e) {
      page(to, api).status(500).write(e.what());
    } catch (...) {
      page(to, api).status(500);
    }
  }
  static const void* get_ext(const char* id) noexcept {
    if constexpr (has<op_configure, P>) {
      static constexpr gw_plugin_configure table = {sizeof table, 0, configure};
      if (std::strcmp(id, GW_PLUGIN_CONFIGURE_EXT) == 0) return &table;
    }
    if constexpr (has<op_admin, P>) {
      static constexpr gw_plugin_admin table = {sizeof table, 0, nullptr, nullptr, serve};
      if (std::strcmp(id, GW_PLUGIN_ADMIN_EXT) == 0) return &table;
    }
    if constexpr (has<op_pick, P>)
      if (std::strcmp(id, GW_PLUGIN_BALANCER_EXT) == 0) return &balancer_edge<P, edge>::table;
    if constexpr (has<op_client_hello, P>)
      if (std::strcmp(id, GW_PLUGIN_TLS_EXT) == 0) return &tls_edge<P, edge>::table;
    if constexpr (has<op_extension, P>) return P::extension(id);
    (void)id;
    return nullptr;
  }

  static constexpr gw_plugin_desc describe() {
    gw_plugin_desc d{};
    d.size = sizeof d;
    d.name = P::name;
    d.version = "";
    d.schema = P::schema;
    d.priority = P::priority;
    d.req_state_size = state_size();
    d.req_state_align = state_align();
    if constexpr (has<op_version, P>) d.version = P::version;
    if constexpr (has<op_flags, P>) d.flags = P::flags;
    if constexpr (has<op_collections, P>) {
      d.collections = P::collections;
      d.ncollections = static_cast<std::uint32_t>(std::size(P::collections));
    }
    constexpr bool has_rare =
        has<op_configure, P> || has<op_admin, P> || has<op_pick, P> || has<op_client_hello, P>;
    if constexpr (has<op_load, P> || has_rare) d.plugin_init = plugin_init;
    d.instance_new = instance_new;
    d.instance_free = instance_free;
    d.worker_start = worker_start;
    d.worker_stop = worker_stop;
    if constexpr (has<op_rewrite, P>) d.on_rewrite = on_rewrite;
    if constexpr (has<op_request, P>) d.on_request = on_request;
    if constexpr (has<op_request_body, P>) d.on_request_body = on_request_body;
    if constexpr (has<op_upstream, P>) d.on_upstream = on_upstream;
    if constexpr (has<op_response, P>) d.on_response = on_response;
    if constexpr (has<op_response_body, P>) d.on_response_body = on_response_body;
    if constexpr (has<op_resume, P>) d.on_resume = on_resume;
    if constexpr (has<op_cancel, P>) d.on_cancel = on_cancel;
    if constexpr (has<op_log, P>) d.on_log = on_log;
    if constexpr (!plain_state()) d.req_free = req_free;
    if constexpr (has<op_extension, P> || has_rare) d.get_ext = get_ext;
    return d;
  }
  static constexpr gw_plugin_desc desc = describe();
};

template <class... P>
struct module_of {
  static constexpr const gw_plugin_desc* plugins[] = {&edge<P>::desc...};
  static constexpr gw_module module = GW_MODULE(sizeof...(P), plugins);
};

constexpr size_t append(char* to, size_t at, const char* text) {
  for (; *text != '\0' && at < GW_NOTE_NAMES; ++text) to[at++] = *text;
  return at;
}
constexpr size_t length(const char* text) {
  size_t n = 0;
  while (text[n] != '\0') ++n;
  return n;
}
template <class... P>
constexpr gw_note make_note() {
  static_assert((length(P::name) + ... + sizeof...(P)) <= GW_NOTE_NAMES,
                "the plugins' names do not fit into the note: make several modules");
  gw_note note = GW_NOTE(sizeof...(P), "");
  size_t at = 0;
  ((at = append(note.names, at == 0 ? 0 : append(note.names, at, ","), P::name)), ...);
  return note;
}

}  // namespace gw::detail

// The module's exported function and its note, for one or more plugin types of this .so. Once, at
// the end of a source file, outside of namespaces.
#define GW_PLUGINS(...)                                                                   \
  __attribute__((section(".note.gatewright"), used,                                       \
                 aligned(4))) static constexpr gw_note gw_module_note =                   \
      ::gw::detail::make_note<__VA_ARGS__>();                                             \
  extern "C" GW_EXPORT const gw_module* gatewright_module_v1(const gw_host*, gw_error*) { \
    return &::gw::detail::module_of<__VA_ARGS__>::module;                                 \
  }
#define GW_PLUGIN(type) GW_PLUGINS(type)
