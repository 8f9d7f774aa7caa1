// SPDX-License-Identifier: Apache-2.0
// TLS in C++: a plugin with
//
//   gw_certificate on_client_hello(gw::worker w, const gw_tls_hello& hello) const;
//
// is asked at each handshake which certificate is to be shown (host/tls.h): one that it made with
// gw::certificates, or 0 for that of the configuration. What it throws ends the handshake.
#pragma once

#include <exception>

#include "gatewright/cpp/detect.hpp"
#include "gatewright/cpp/worker.hpp"
#include "gatewright/host/tls.h"

namespace gw {

// Makes certificates; they belong to the worker.
class certificates {
 public:
  explicit certificates(worker w) : worker_(w), api_(w.host().api<gw_tls_api>(GW_TLS_API)) {}
  // 0 when they are not usable; *why tells.
  gw_certificate make(view chain_pem, view key_pem, std::string* why = nullptr) const {
    gw_error error{};
    error.size = sizeof error;
    if (api_ == nullptr) return 0;
    const gw_certificate made =
        api_->certificate_make(worker_.raw(), to_str(chain_pem), to_str(key_pem), &error);
    if (made == 0 && why != nullptr) *why = error.msg;
    return made;
  }
  void drop(gw_certificate c) const { api_->certificate_drop(worker_.raw(), c); }

 private:
  worker worker_;
  const gw_tls_api* api_;
};

namespace detail {

template <class T>
using op_client_hello = decltype(std::declval<const T&>().on_client_hello(
    std::declval<gw::worker>(), std::declval<const gw_tls_hello&>()));

template <class P, class Edge>
struct tls_edge {
  static gw_status on_client_hello(gw_self* s, const gw_tls_hello* hello,
                                   gw_tls_choice* choice) noexcept {
    auto* base = static_cast<worker_base*>(s->worker_state);
    try {
      choice->certificate = Edge::plugin(s).on_client_hello(gw::worker(base), *hello);
      return GW_OK;
    } catch (const std::exception& e) {
      gw::host(base->host, s).log(GW_LOG_WARN, e.what());
    } catch (...) {
    }
    return GW_E_INVALID;
  }
  static constexpr gw_plugin_tls table = {sizeof(gw_plugin_tls), 0, on_client_hello};
};

}  // namespace detail
}  // namespace gw
