// SPDX-License-Identifier: Apache-2.0
// The rare surfaces of a plugin (get_ext), each of whose callbacks runs in a frame. Callbacks get
// no context but their plugin's number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "frame.hpp"
#include "gatewright/host/admin.h"
#include "gatewright/host/balancer.h"
#include "gatewright/host/configure.h"
#include "gatewright/host/tls.h"
#include "request.hpp"

namespace gw::checking {

namespace detail {

// The plugin's own table, and the checked copy.
template <size_t N, class Ext>
struct extension {
  static inline const known_plugin* plugin = nullptr;
  static inline Ext real{}, checked{};

  static const void* adopt_table(const known_plugin& p, const void* given) {
    plugin = &p;
    uint32_t size = 0;
    std::memcpy(&size, given, sizeof size);
    real = checked = Ext{};
    std::memcpy(&real, given, std::min<size_t>(size, sizeof real));
    checked = real;
    checked.size = std::min<uint32_t>(size, sizeof real);
    return &checked;
  }
};

template <class T>
const T* lend_struct(const T* given, const char* source) {
  T copy{};
  std::memcpy(&copy, given, std::min<size_t>(given->size, sizeof copy));
  return static_cast<const T*>(lend(&copy, copy.size, alignof(T), source));
}

template <size_t N>
struct balancer : extension<N, gw_plugin_balancer> {
  using base = extension<N, gw_plugin_balancer>;
  static uint32_t pick(gw_req* r, gw_self* self, const gw_choice* choice) {
    frame f(base::plugin, "pick", phase_name(self->phase));
    adopt(f, r);
    const uint32_t picked = base::real.pick(r, self, lend_struct(choice, "gw_choice"));
    if (picked >= choice->ntargets && picked != GW_PICK_DEFAULT && picked != GW_PICK_NONE)
      broke(nullptr, "it chose target " + std::to_string(picked) + " of " +
                         std::to_string(choice->ntargets));
    return picked;
  }
  static void result(gw_req* r, gw_self* self, uint32_t target, gw_status state, int32_t status,
                     uint64_t ns) {
    frame f(base::plugin, "result", phase_name(self->phase));
    adopt(f, r);
    base::real.result(r, self, target, state, status, ns);
  }
};

template <size_t N>
struct tls : extension<N, gw_plugin_tls> {
  using base = extension<N, gw_plugin_tls>;
  static gw_status on_client_hello(gw_self* self, const gw_tls_hello* hello, gw_tls_choice* out) {
    const frame f(base::plugin, "on_client_hello", "none");
    gw_tls_hello copy{};
    std::memcpy(&copy, hello, std::min<size_t>(hello->size, sizeof copy));
    copy.server_name = lend(copy.server_name, "gw_tls_hello");
    copy.client_ip = lend(copy.client_ip, "gw_tls_hello");
    const gw_status status =
        base::real.on_client_hello(self, lend_struct(&copy, "gw_tls_hello"), out);
    if (status > 0) broke(nullptr, "it answers " + std::to_string(status) + ", not GW_OK or below");
    return status;
  }
};

template <size_t N>
struct admin : extension<N, gw_plugin_admin> {
  using base = extension<N, gw_plugin_admin>;
  static void get(void* plugin, gw_str path, gw_str query, gw_page* page, const gw_page_api* api) {
    const frame f(base::plugin, "get", "worker");
    base::real.get(plugin, lend(path, "gw.plugin.admin/1"), lend(query, "gw.plugin.admin/1"), page,
                   api);
  }
  static void serve(void* plugin, const gw_admin_request* request, gw_page* page,
                    const gw_page_api* api) {
    const frame f(base::plugin, "serve", "worker");
    gw_admin_request copy{};
    std::memcpy(&copy, request, std::min<size_t>(request->size, sizeof copy));
    for (gw_str* text : {&copy.method, &copy.path, &copy.query, &copy.body})
      *text = lend(*text, "gw_admin_request");
    std::vector<gw_field> fields(copy.headers, copy.headers + copy.nheaders);
    for (gw_field& field : fields) {
      field.name = lend(field.name, "gw_admin_request");
      field.value = lend(field.value, "gw_admin_request");
    }
    copy.headers = static_cast<const gw_field*>(lend(
        fields.data(), fields.size() * sizeof(gw_field), alignof(gw_field), "gw_admin_request"));
    base::real.serve(plugin, lend_struct(&copy, "gw_admin_request"), page, api);
  }
};

template <size_t N>
struct configured : extension<N, gw_plugin_configure> {
  using base = extension<N, gw_plugin_configure>;
  static void configure(void* plugin, uint64_t generation, void* const* instances, uint32_t n) {
    const frame f(base::plugin, "configure", "worker");
    const void* lent = lend(instances, n * sizeof(void*), alignof(void*), "gw.plugin.configure/1");
    base::real.configure(plugin, generation, static_cast<void* const*>(lent), n);
  }
};

template <class F>
void put_if(F& member, F function) {
  if (member != nullptr) member = function;
}

}  // namespace detail

// The checked copy of the table that plugin number N gave for this id; what is not known stays as
// it is.
template <size_t N>
const void* check_extension(const known_plugin& plugin, const char* id, const void* given) {
  using namespace detail;
  if (given == nullptr || id == nullptr) return given;
  const std::string name = id;
  if (name == GW_PLUGIN_BALANCER_EXT) {
    const void* out = balancer<N>::adopt_table(plugin, given);
    put_if(balancer<N>::checked.pick, balancer<N>::pick);
    put_if(balancer<N>::checked.result, balancer<N>::result);
    return out;
  }
  if (name == GW_PLUGIN_TLS_EXT) {
    const void* out = tls<N>::adopt_table(plugin, given);
    put_if(tls<N>::checked.on_client_hello, tls<N>::on_client_hello);
    return out;
  }
  if (name == GW_PLUGIN_ADMIN_EXT) {
    const void* out = admin<N>::adopt_table(plugin, given);
    put_if(admin<N>::checked.get, admin<N>::get);
    put_if(admin<N>::checked.serve, admin<N>::serve);
    return out;
  }
  if (name == GW_PLUGIN_CONFIGURE_EXT) {
    const void* out = configured<N>::adopt_table(plugin, given);
    put_if(configured<N>::checked.configure, configured<N>::configure);
    return out;
  }
  return given;
}

}  // namespace gw::checking
