// SPDX-License-Identifier: Apache-2.0
// The fields of a head as a JSON object, for log_record.hpp: names in lower case and in the order
// in which they first came, several values of one name as an array, credentials redacted.
//
// Most fields have a name that is interned and stands once, and a short value: those are put down
// without looking for room or for others of the name, and their names come from a table.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

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
    if (known.usual && !custom.leaves_out_some(from.map())) {
      write_usual(json, all, known);
    } else {
      link(all);
      for (uint32_t i = 0; i < all.n; ++i)
        if (links_[i].first && !custom.leaves_out(from.map(), all.first[i].id))
          write_values(json, all, i);
    }
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

  // A field among those of its name.
  struct link_of {
    uint32_t next;  // the one behind it; 0: none
    bool first;
  };

  // Of equal length; without case.
  static int compare_names(view a, view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (size_t i = 0; i < a.size(); ++i)
      if (lower(a[i]) != lower(b[i])) return lower(a[i]) < lower(b[i]) ? -1 : 1;
    return 0;
  }
  // Names that are interned are the same by their number.
  static int compare(const gw_field& a, const gw_field& b) {
    if (a.id != b.id) return a.id < b.id ? -1 : 1;
    if (a.name.n != b.name.n) return a.name.n < b.name.n ? -1 : 1;
    return a.id != 0 ? 0 : compare_names(to_view(a.name), to_view(b.name));
  }
  // By sorting: a peer chooses how many names there are, and which.
  void link(headers::list all) const {
    order_.resize(all.n);
    links_.assign(all.n, {0, true});
    for (uint32_t i = 0; i < all.n; ++i) order_[i] = i;
    std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
      const int c = compare(all.first[a], all.first[b]);
      return c != 0 ? c < 0 : a < b;
    });
    for (uint32_t i = 1; i < all.n; ++i) {
      if (compare(all.first[order_[i - 1]], all.first[order_[i]]) != 0) continue;
      links_[order_[i - 1]].next = order_[i];
      links_[order_[i]].first = false;
    }
  }
  bool is_secret(const gw_field& field) const {
    return field.id == authorization_ || field.id == proxy_authorization_;
  }
  view value_of(const gw_field& field) const {
    return is_secret(field) ? view("REDACTED") : to_view(field.value);
  }
  void write_values(json_writer& json, headers::list all, uint32_t at) const {
    json.key_lower(to_view(all.first[at].name));
    if (links_[at].next == 0) return json.string(value_of(all.first[at]));
    json.begin_array();
    json.string(value_of(all.first[at]));
    while ((at = links_[at].next) != 0) json.string(value_of(all.first[at]));
    json.end_array();
  }

  hid authorization_, proxy_authorization_;
  // By number; filled as names come, on the worker's thread.
  mutable std::unique_ptr<start[]> starts_;
  // Of the head that is being written; kept for their memory.
  mutable std::vector<link_of> links_;
  mutable std::vector<uint32_t> order_;
};

}  // namespace gw
