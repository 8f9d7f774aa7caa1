// SPDX-License-Identifier: Apache-2.0
// How a function of a host's table gets a check: a copy of the table whose members go through one.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "workers.hpp"

namespace gw::checking {

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

}  // namespace gw::checking
