// SPDX-License-Identifier: Apache-2.0
// json_pen: puts down pieces of JSON one behind the other without looking for room: whoever makes
// it has seen to that once, for all of them.
//
//   json_pen pen(json, json_pen::texts(id, name) + 200);  // 200: for literals and numbers
//   pen.literal(R"("id":")").text(id).literal(R"(","name":")").text(name).literal(R"(","port":)");
//   pen.integer(port).literal(",");
//
// Between its making and its end nothing else writes to the json_writer. Texts are escaped and cut
// as the json_writer does it.
#pragma once

#include "gatewright/json_writer.hpp"

namespace gw {

class json_pen {
 public:
  json_pen(json_writer& json, size_t room) : json_(json), at_(json.room(room)) {}
  ~json_pen() { json_.wrote(at_); }
  json_pen(const json_pen&) = delete;
  json_pen& operator=(const json_pen&) = delete;

  // Room for the insides of strings.
  template <class... View>
  static size_t texts(View... each) {
    return (room_of(each) + ...);
  }

  template <size_t N>
  json_pen& literal(const char (&json)[N]) {
    std::memcpy(at_, json, N - 1);
    at_ += N - 1;
    return *this;
  }
  __attribute__((always_inline)) json_pen& text(view text) {
    at_ = text.size() <= k_longest ? json_escape<false>(text, at_) : cut(text, at_);
    return *this;
  }
  json_pen& lower(view text) {
    at_ = json_escape<true>(text.substr(0, k_longest), at_);
    return *this;
  }
  // At most 20 bytes.
  json_pen& integer(int64_t number) {
    at_ = write_integer(number, at_);
    return *this;
  }

 private:
  static constexpr size_t k_longest = json_writer::default_longest;
  static size_t room_of(view text) {
    return text.size() <= k_longest ? json_room(text.size())
                                    : json_room(k_longest) + json_writer::cut_mark_room;
  }
  __attribute__((noinline)) static char* cut(view text, char* to) {
    to = json_escape<false>(text.substr(0, json_cut(text, k_longest)), to);
    return json_writer::add_cut_mark(text.size(), to);
  }

  json_writer& json_;
  char* at_;
};

}  // namespace gw
