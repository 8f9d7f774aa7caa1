// SPDX-License-Identifier: Apache-2.0
// ObjectReader: reads the members of one object by name, checks each, and in the end reports those
// that nobody asked for. Every fault becomes a diagnostic with the member's place; reading goes on.
// Lives on the stack.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/place.hpp"
#include "config/value.hpp"

namespace gw::config {

class ObjectReader {
 public:
  // A value that is no object is reported; then every member is absent.
  ObjectReader(const Value& value, const Place& place, std::vector<Diagnostic>& out);

  // Null when the member is absent or null. It is known from now on.
  const Value* take(std::string_view name);
  // Whether it is there and not null, without knowing it.
  bool has(std::string_view name) const;

  // Each leaves `into` as it is when the member is absent or wrong. A rule answers what it expects,
  // or an empty string (rules.hpp).
  using Rule = std::string (*)(std::string_view);
  // Text of at least one character.
  void string(std::string_view name, std::string& into, Rule rule = nullptr);
  void boolean(std::string_view name, bool& into);
  // Whole numbers, also those written as 1e3 or 5.0.
  template <class N>
  void integer(std::string_view name, N& into, std::int64_t low, std::int64_t high) {
    std::int64_t value;
    if (read_integer(name, low, high, value)) into = N(value);
  }
  void number(std::string_view name, double& into, double low, double high);
  // An array of strings; a lone string is refused, as by Kong.
  void strings(std::string_view name, std::vector<std::string>& into, Rule rule = nullptr);
  // An array of whole numbers. Whether it is there.
  bool integers(std::string_view name, std::vector<std::int64_t>& into, std::int64_t low,
                std::int64_t high);
  // "500ms", "2s", or a number of seconds; in milliseconds.
  void duration(std::string_view name, std::uint64_t& ms);
  // One of the words.
  void choice(std::string_view name, std::string& into, const std::vector<std::string_view>& words);
  // Some of the words, in an array.
  void choices(std::string_view name, std::vector<std::string>& into,
               const std::vector<std::string_view>& words);
  // Calls f(value, place) for each element of an array.
  template <class F>
  void each(std::string_view name, F&& f) {
    const Value* list = array(name, "an array");
    if (list == nullptr) return;
    const Place place = place_.member(name);
    for (std::size_t i = 0; i < list->items.size(); ++i) f(list->items[i], place.item(i));
  }
  // Calls f(reader) for an object, then reports what f did not ask for.
  template <class F>
  void object(std::string_view name, F&& f) {
    const Value* value = take(name);
    if (value == nullptr) return;
    const Place place = place_.member(name);
    ObjectReader inner(*value, place, out_);
    f(inner);
    inner.finish();
  }
  // Refuses what a later version brings, unless it has this value.
  void later(std::string_view name, std::string_view what, std::string_view allowed_json = {});

  void error(const Value& at, std::string_view name, std::string message, std::string hint = {});
  // At the object itself.
  void error(std::string message, std::string hint = {});
  // Reports unknown members. To be called last.
  void finish();

  const Value& value() const { return value_; }
  const Place& place() const { return place_; }
  std::vector<Diagnostic>& out() { return out_; }

 private:
  bool read_integer(std::string_view name, std::int64_t low, std::int64_t high, std::int64_t& into);
  // Null when the member is absent, null or no array.
  const Value* array(std::string_view name, std::string_view expected);
  void item_error(const Value& item, std::string_view name, std::size_t index, std::string message,
                  std::string hint = {});
  void check_word(const Value& at, const std::string& path, std::string_view word,
                  const std::vector<std::string_view>& words);

  const Value& value_;
  const Place& place_;
  std::vector<Diagnostic>& out_;
  std::vector<std::string_view> known_;
};

}  // namespace gw::config
