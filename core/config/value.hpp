// SPDX-License-Identifier: Apache-2.0
// Value: a JSON-like tree that remembers where in the file each part stands. Both readers (YAML and
// JSON) produce it; entities, settings and plugin options are read from it, so that every error can
// name its line. Plain data, owned by whoever holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gw::config {

// 1-based; line 0: not from a file (a default, the environment).
struct Location {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Location&, const Location&) = default;
};

enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

struct Member;

struct Value {
  Kind kind = Kind::null;
  Location where;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;  // also set for integers
  std::string string;
  std::vector<Value> items;
  std::vector<Member> members;  // in file order; names are unique
  // An unquoted YAML string: `on`, `off`, `yes`, `no` may then stand for a boolean (read_boolean).
  bool plain = false;
  // Never shown: what a reference like {vault://env/NAME} stood for, or what a plugin's schema
  // calls so (x-gw-secret). That one is known only once the plugins are, hence mutable.
  mutable bool secret = false;

  bool is(Kind k) const { return kind == k; }
  bool is_number() const { return kind == Kind::integer || kind == Kind::number; }
  // Null when there is no such member.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // REQUIRES: kind object. Adds, or replaces the value of an existing member.
  Value& set(std::string_view name, Value value);

  static Value make_string(std::string_view text, Location where = {});
  static Value make_integer(std::int64_t value, Location where = {});
  static Value make_boolean(bool value, Location where = {});
  static Value make_object(Location where = {});
};

struct Member {
  std::string name;
  Location where;  // of the name
  Value value;
};

// What a person calls it: `the string "60"`, `the number 3.5`, "true", "an array of 3", "an
// object".
std::string describe(const Value& value);
// true and false, and YAML's unquoted on, off, yes, no. Nothing for everything else.
std::optional<bool> read_boolean(const Value& value);
// A number without a fraction that fits 64 bits, however it is written.
std::optional<std::int64_t> whole_number(const Value& value);
// Compact JSON, members in their order.
// Everything in it is a secret from now on.
void mark_secret(const Value& value);
// What is secret in `model` is so in the same place of `value`.
void mark_secrets_of(const Value& model, const Value& value);
// Lines on which secrets stand.
void add_secret_lines(const Value& value, std::set<std::uint32_t>& lines);
enum class Secrets : std::uint8_t { shown, hidden };  // hidden: "REDACTED" in their place
std::string to_json(const Value& value, Secrets secrets = Secrets::shown);

}  // namespace gw::config
