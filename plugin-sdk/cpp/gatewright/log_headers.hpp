// SPDX-License-Identifier: Apache-2.0
// The fields of a head as a JSON object, for log_record.hpp: names in lower case and in the order
// in which they first came, several values of one name as an array, credentials redacted.
#pragma once

#include "gatewright/json_writer.hpp"
#include "gatewright/log_fields.hpp"
#include "gatewright/plugin.hpp"

namespace gw {

class log_headers {
 public:
  explicit log_headers(const config& c)
      : authorization_(c.header_id("authorization")),
        proxy_authorization_(c.header_id("proxy-authorization")) {}

  void write(json_writer& json, headers from, const log_fields& custom) const {
    gw_field few[64];
    headers::list all{few, from.fields_into(few, 64)};
    if (all.n > 64) all = from.fields();
    const name_filter repeated(all);
    json.begin_object();
    for (const gw_field& field : all) {
      if (custom.leaves_out(from.map(), field.id)) continue;
      const bool alone = !repeated.may_hold(field);
      if (!alone && find(all, all.begin(), field) != &field) continue;
      if (alone)
        json.lower_member(to_view(field.name), value_of(field));
      else
        write_values(json, all, field);
    }
    json.end_object();
  }

 private:
  // Tells names that certainly stand once, without comparing each to all the others.
  class name_filter {
   public:
    explicit name_filter(headers::list all) {
      for (const gw_field& field : all) ++seen_[number_of(field)];
    }
    bool may_hold(const gw_field& field) const { return seen_[number_of(field)] != 1; }

   private:
    static size_t number_of(const gw_field& field) {
      return (field.id != 0 ? field.id : field.name.n) & 0xFF;
    }
    uint16_t seen_[256] = {};
  };

  // Names that are interned are the same by their number.
  static bool same(const gw_field& a, const gw_field& b) {
    if (a.id != b.id || a.name.n != b.name.n) return false;
    return a.id != 0 || same_name(to_view(a.name), to_view(b.name));
  }
  static const gw_field* find(headers::list all, const gw_field* from, const gw_field& wanted) {
    while (from != all.end() && !same(*from, wanted)) ++from;
    return from;
  }
  view value_of(const gw_field& field) const {
    const bool secret = field.id == authorization_ || field.id == proxy_authorization_;
    return secret ? view("REDACTED") : to_view(field.value);
  }
  void write_values(json_writer& json, headers::list all, const gw_field& field) const {
    json.key_lower(to_view(field.name));
    const gw_field* other = find(all, &field + 1, field);
    if (other == all.end()) return json.string(value_of(field));
    json.begin_array();
    json.string(value_of(field));
    for (; other != all.end(); other = find(all, other + 1, field)) json.string(value_of(*other));
    json.end_array();
  }

  hid authorization_, proxy_authorization_;
};

}  // namespace gw
