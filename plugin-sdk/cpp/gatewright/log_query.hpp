// SPDX-License-Identifier: Apache-2.0
// A query as a JSON object, for log_record.hpp, read as Kong reads it: names and values decoded,
// "a" without "=" is true, several values of one name are an array, arguments without a name are
// passed over, and at most 100 arguments count.
#pragma once

#include "gatewright/arguments.hpp"
#include "gatewright/json_writer.hpp"
#include "gatewright/plugin.hpp"

namespace gw {
namespace detail {

struct log_argument {
  view name, value;
  bool bare, written;
};

// As decoded() of arguments.hpp, in the request's memory and only where there is something to do.
inline view decoded_in_request(request r, view raw) {
  if (raw.find_first_of("%+") == view::npos) return raw;
  auto* out = static_cast<char*>(r.alloc(raw.size(), 1));
  return {out, decode_to(raw, out)};
}

inline void write_log_argument(json_writer& json, const log_argument& a) {
  a.bare ? json.boolean(true) : json.string(a.value);
}

}  // namespace detail

inline void write_log_query(json_writer& json, request r) {
  constexpr uint32_t k_most = 100;
  const view query = r.query();
  json.begin_object();
  if (!query.empty()) {
    auto* all = static_cast<detail::log_argument*>(
        r.alloc(k_most * sizeof(detail::log_argument), alignof(detail::log_argument)));
    uint32_t n = 0;
    for_each_argument(query, [&](const argument& a) {
      if (n == k_most || a.name.empty()) return;
      all[n++] = {detail::decoded_in_request(r, a.name), detail::decoded_in_request(r, a.value),
                  absent(a.value), false};
    });
    for (uint32_t i = 0; i < n; ++i) {
      if (all[i].written) continue;
      json.key_text(all[i].name);
      bool several = false;
      for (uint32_t k = i + 1; k < n; ++k) {
        if (all[k].name != all[i].name) continue;
        if (!several) json.begin_array(), detail::write_log_argument(json, all[i]);
        several = all[k].written = true;
        detail::write_log_argument(json, all[k]);
      }
      several ? json.end_array() : detail::write_log_argument(json, all[i]);
    }
  }
  json.end_object();
}

}  // namespace gw
