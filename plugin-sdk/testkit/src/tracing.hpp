// SPDX-License-Identifier: Apache-2.0
// How a function gets written down: a copy of its table whose members go through traced<>.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include "gatewright/plugin.h"

namespace gw::test::tracing {

bool on();
// A call begins; what it calls stands indented below it.
void begin(const std::string& line);
// `result`: empty for none.
void end(const std::string& result);
// What the host does by itself: "timer".
struct note {
  explicit note(const std::string& what) { begin(what); }
  ~note() { end(""); }
};

std::string show(gw_str s);
std::string show(const char* s);
std::string show(const gw_response* r);
std::string show(const gw_http_request* r);
std::string show(const gw_http_result* r);
std::string show(const gw_chunk* c);
inline std::string show(gw_req*) { return "req"; }
inline std::string show(gw_self*) { return "self"; }
inline std::string show(gw_worker*) { return "worker"; }
inline std::string show(gw_cfg*) { return "cfg"; }
inline std::string show(const gw_host*) { return "host"; }
template <class T>
std::string show(T value) {
  if constexpr (std::is_pointer_v<T>)
    return value == nullptr ? "null" : "pointer";
  else
    return std::to_string(value);
}

template <size_t N>
struct name {
  constexpr name(const char (&from)[N]) { std::copy_n(from, N, text); }  // NOLINT: to be implicit
  char text[N];
};

// The table as it is, and its copy. One of each kind in the process.
template <class Api>
struct tables {
  static inline Api real{};
  static inline Api copy{};
};

// Stores, metrics and accounts have numbers of the whole process: shown is the how-manieth it is.
template <class Api>
constexpr bool numbers_are_global =
    std::is_same_v<Api, gw_kv_api> || std::is_same_v<Api, gw_metrics_api> ||
    std::is_same_v<Api, gw_memory_api>;
std::string show_ordinal(const char* of, uint64_t number);

template <class Api, class First, class... Rest>
std::string show_all(First first, Rest... rest) {
  std::string line;
  if constexpr (numbers_are_global<Api> && std::is_integral_v<First>)
    line = show_ordinal(typeid(Api).name(), first);
  else
    line = show(first);
  ((line += ", " + show(rest)), ...);
  return line;
}

template <class Api, class R>
std::string show_result(std::string_view function, R out) {
  if constexpr (numbers_are_global<Api> && std::is_integral_v<R>)
    for (const std::string_view maker : {"store", "define", "with", "account"})
      if (function == maker) return show_ordinal(typeid(Api).name(), uint64_t(out));
  return show(out);
}

template <auto Member, name Name>
struct traced;
template <class Api, class R, class... A, R (*Api::*Member)(A...), name Name>
struct traced<Member, Name> {
  static R call(A... a) {
    begin(std::string(Name.text) + "(" + show_all<Api>(a...) + ")");
    if constexpr (std::is_void_v<R>) {
      (tables<Api>::real.*Member)(a...);
      end("");
    } else {
      const R out = (tables<Api>::real.*Member)(a...);
      end(show_result<Api>(Name.text, out));
      return out;
    }
  }
};

template <auto Member, name Name, class Api>
void put(Api& t) {
  if (t.*Member != nullptr) t.*Member = traced<Member, Name>::call;
}

// `functions`: where they begin. All of them have to be put.
template <class Api, class Fill>
const void* copy_of(const void* given, size_t functions, const Fill& fill) {
  using t = tables<Api>;
  uint32_t size;
  std::memcpy(&size, given, sizeof size);
  std::memset(&t::real, 0, sizeof(Api));
  std::memcpy(&t::real, given, std::min<size_t>(size, sizeof(Api)));
  t::copy = t::real;
  fill(t::copy);
  for (size_t at = functions; at + sizeof(void*) <= sizeof(Api); at += sizeof(void*)) {
    void *was, *is;
    std::memcpy(&was, reinterpret_cast<const char*>(&t::real) + at, sizeof was);
    std::memcpy(&is, reinterpret_cast<const char*>(&t::copy) + at, sizeof is);
    if (was != nullptr && was == is)
      throw std::logic_error("a function at offset " + std::to_string(at) + " is not traced");
  }
  return &t::copy;
}

// The table `id` ("gw.loop/1", "the gw_host"), or what a plugin offers by get_ext.
const void* traced_table(const std::string& id, const void* given);
gw_plugin_desc traced_plugin(const gw_plugin_desc& desc, const void* identity);

}  // namespace gw::test::tracing
