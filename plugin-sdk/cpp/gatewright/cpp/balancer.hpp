// SPDX-License-Identifier: Apache-2.0
// Balancers in C++: a plugin with
//
//   uint32_t pick(gw::request r, const gw::choice& c) const;   // an index, or gw::choice::ours…
//   void on_result(gw::request r, const gw::attempt_result& a) const;   // may be missing
//
// chooses the targets of its routes (host/balancer.h). An exception is a failure of the plugin.
#pragma once

#include <cstring>

#include "gatewright/cpp/detect.hpp"
#include "gatewright/cpp/request.hpp"
#include "gatewright/host/balancer.h"

namespace gw {

// What is chosen from; valid within the callback.
class choice {
 public:
  static constexpr uint32_t ours = GW_PICK_DEFAULT;  // the host's balancer is to choose
  static constexpr uint32_t none = GW_PICK_NONE;     // no target will do

  explicit choice(const gw_choice* raw) : raw_(raw) {}
  uint32_t attempt() const { return raw_->attempt; }
  view upstream() const { return to_view(raw_->upstream); }
  uint32_t size() const { return raw_->ntargets; }
  const gw_target& operator[](uint32_t i) const { return raw_->targets[i]; }
  view host(uint32_t i) const { return to_view(raw_->targets[i].host); }
  // Whether an attempt before this one went there.
  bool tried(uint32_t i) const {
    for (uint32_t n = 0; n < raw_->ntried; ++n)
      if (raw_->tried[n] == i) return true;
    return false;
  }

 private:
  const gw_choice* raw_;
};

struct attempt_result {
  uint32_t target;
  gw_status state;  // GW_OK, or how it failed
  int32_t status;   // of the answer; 0 when it failed
  uint64_t ns;
};

namespace detail {

template <class T>
using op_pick =
    decltype(std::declval<const T&>().pick(std::declval<request>(), std::declval<const choice&>()));
template <class T>
using op_result = decltype(std::declval<const T&>().on_result(
    std::declval<request>(), std::declval<const attempt_result&>()));

// `edge` is the plugin's (module.hpp): its run() catches what is thrown, plugin() finds the object.
template <class P, class Edge>
struct balancer_edge {
  static uint32_t pick(gw_req* r, gw_self* s, const gw_choice* c) noexcept {
    uint32_t picked = GW_PICK_NONE - 1;  // no index: a failure
    Edge::run(s, [&] { picked = Edge::plugin(s).pick(request(r, s), choice(c)); });
    return picked;
  }
  static void result(gw_req* r, gw_self* s, uint32_t target, gw_status state, int32_t status,
                     uint64_t ns) noexcept {
    if constexpr (has<op_result, P>)
      Edge::run(s, [&] {
        Edge::plugin(s).on_result(request(r, s), attempt_result{target, state, status, ns});
      });
    (void)r, (void)s, (void)target, (void)state, (void)status, (void)ns;
  }
  static constexpr gw_plugin_balancer table = {sizeof(gw_plugin_balancer), 0, pick,
                                               has<op_result, P> ? result : nullptr};
};

}  // namespace detail
}  // namespace gw
