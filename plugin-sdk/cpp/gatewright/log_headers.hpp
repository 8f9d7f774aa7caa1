// SPDX-License-Identifier: Apache-2.0
// The fields of a head as a JSON object, for log_record.hpp: names in lower case and in the order
// in which they first came, several values of one name as an array, credentials redacted.
//
// Most fields have a name that is interned and stands once, and a short value: those are put down
// without looking for room or for others of the name, and their names come from a table.
#pragma once

#include <memory>

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
    const survey known(all);
    if (!starts_) starts_.reset(new start[interned]{});
    json.begin_object();
    if (known.usual && !custom.leaves_out_some(from.map()))
      write_usual(json, all, known);
    else
      for (const gw_field& field : all)
        if (!custom.leaves_out(from.map(), field.id)) write_any(json, all, field);
    json.end_object();
  }

 private:
  static constexpr size_t interned = 128;  // names of lower numbers are kept

  // `"name":"`, once it was needed; n is 0 before, and of what is redacted.
  struct start {
    uint8_t n;
    char text[47];
  };

  // What is to be known of all fields before the first is written.
  struct survey {
    explicit survey(headers::list all) {
      constexpr size_t k_short = 1024;
      uint64_t seen[3] = {}, again = 0;
      size_t sum = 0, sizes = 0;
      for (const gw_field& field : all) {
        const size_t number = field.id != 0 ? field.id % interned : interned + field.name.n % 64;
        uint64_t& word = seen[number / 64];
        const uint64_t bit = uint64_t{1} << (number % 64);
        again |= word & bit;
        word |= bit;
        sum += field.value.n;
        sizes |= field.value.n;
      }
      usual = again == 0 && sizes < k_short;
      room = json_room(sum) + all.n * (sizeof(start::text) + 2) + 2;
    }
    bool usual;   // no name stands twice, and no value is long
    size_t room;  // then: for all fields whose names are kept
  };

  void write_usual(json_writer& json, headers::list all, const survey& known) const {
    char* at = json.room(known.room);
    for (const gw_field& field : all) {
      const start& name = starts_[field.id < interned ? field.id : 0];
      if (name.n == 0) {
        json.wrote(at);
        json.lower_member(to_view(field.name), value_of(field));
        keep_start(field);
        at = json.room(known.room);
        continue;
      }
      std::memcpy(at, name.text, sizeof name.text);
      at = json_escape<false>(to_view(field.value), at + name.n);
      std::memcpy(at, "\",", 2);
      at += 2;
    }
    json.wrote(at);
  }
  __attribute__((noinline)) void keep_start(const gw_field& field) const {
    constexpr size_t k_longest = sizeof(start::text) - 4;
    if (field.id == 0 || field.id >= interned || is_secret(field) || field.name.n > k_longest)
      return;
    char escaped[json_room(k_longest)];
    const auto n = static_cast<size_t>(json_escape<true>(to_view(field.name), escaped) - escaped);
    if (n > k_longest) return;
    start& made = starts_[field.id];
    made.text[0] = '"';
    std::memcpy(made.text + 1, escaped, n);
    std::memcpy(made.text + 1 + n, "\":\"", 3);
    made.n = static_cast<uint8_t>(n + 4);
  }

  void write_any(json_writer& json, headers::list all, const gw_field& field) const {
    if (find(all, all.begin(), field) == &field) write_values(json, all, field);
  }

  // Names that are interned are the same by their number.
  static bool same(const gw_field& a, const gw_field& b) {
    if (a.id != b.id || a.name.n != b.name.n) return false;
    return a.id != 0 || same_name(to_view(a.name), to_view(b.name));
  }
  static const gw_field* find(headers::list all, const gw_field* from, const gw_field& wanted) {
    while (from != all.end() && !same(*from, wanted)) ++from;
    return from;
  }
  bool is_secret(const gw_field& field) const {
    return field.id == authorization_ || field.id == proxy_authorization_;
  }
  view value_of(const gw_field& field) const {
    return is_secret(field) ? view("REDACTED") : to_view(field.value);
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
  // By number; filled as names come, on the worker's thread.
  mutable std::unique_ptr<start[]> starts_;
};

}  // namespace gw
