// SPDX-License-Identifier: Apache-2.0
#include "config/value.hpp"

#include <cmath>
#include <utility>

#include "base/text.hpp"

namespace gw::config {

namespace {

// The shortest text that reads back as the same number.
std::string number_text(const Value& value) {
  if (value.is(Kind::integer)) return cat(value.integer);
  if (!std::isfinite(value.number)) return "null";
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value.number).ptr;
  std::string text(digits, end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

// Cut so that a message stays one readable line; never inside a UTF-8 sequence.
std::string_view shortened(std::string_view text) {
  constexpr std::size_t k_longest = 60;
  if (text.size() <= k_longest) return text;
  std::size_t end = k_longest;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void append_json(std::string& out, const Value& value, Secrets secrets) {
  const bool is_scalar = !value.is(Kind::array) && !value.is(Kind::object);
  if (value.secret && secrets == Secrets::hidden && is_scalar && !value.is(Kind::null)) {
    out += "\"REDACTED\"";
    return;
  }
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::integer:
    case Kind::number:
      out += number_text(value);
      return;
    case Kind::string:
      append_json_string(out, value.string);
      return;
    case Kind::array:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, value.items[i], secrets);
      }
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, value.members[i].name);
        out += ':';
        append_json(out, value.members[i].value, secrets);
      }
      out += '}';
  }
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  for (const auto& member : members)
    if (member.name == name) return &member.value;
  return nullptr;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Value::set(std::string_view name, Value value) {
  if (Value* old = find(name)) return *old = std::move(value);
  const Location place = value.where;
  return members.emplace_back(Member{std::string(name), place, std::move(value)}).value;
}

Value Value::make_string(std::string_view text, Location where) {
  Value value;
  value.kind = Kind::string;
  value.where = where;
  value.string = text;
  return value;
}

Value Value::make_integer(std::int64_t number, Location where) {
  Value value;
  value.kind = Kind::integer;
  value.where = where;
  value.integer = number;
  value.number = double(number);
  return value;
}

Value Value::make_boolean(bool truth, Location where) {
  Value value;
  value.kind = Kind::boolean;
  value.where = where;
  value.boolean = truth;
  return value;
}

Value Value::make_object(Location where) {
  Value value;
  value.kind = Kind::object;
  value.where = where;
  return value;
}

void mark_secret(const Value& value) {
  value.secret = true;
  for (const Value& item : value.items) mark_secret(item);
  for (const Member& member : value.members) mark_secret(member.value);
}

void mark_secrets_of(const Value& model, const Value& value) {
  if (model.secret) return mark_secret(value);
  for (std::size_t i = 0; i < model.items.size() && i < value.items.size(); ++i)
    mark_secrets_of(model.items[i], value.items[i]);
  for (const Member& member : model.members)
    if (const Value* same = value.find(member.name)) mark_secrets_of(member.value, *same);
}

void add_secret_lines(const Value& value, std::set<std::uint32_t>& lines) {
  if (value.secret && value.where.line > 0) lines.insert(value.where.line);
  for (const Value& item : value.items) add_secret_lines(item, lines);
  for (const Member& member : value.members) {
    if (member.value.secret && member.where.line > 0) lines.insert(member.where.line);
    add_secret_lines(member.value, lines);
  }
}

std::string describe(const Value& value) {
  if (value.secret) return "a secret, which is not shown";
  switch (value.kind) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::integer:
    case Kind::number:
      return cat("the number ", number_text(value));
    case Kind::string: {
      const auto piece = shortened(value.string);
      std::string out = "the string ";
      append_json_string(out, piece);
      return piece.size() < value.string.size() ? out + "..." : out;
    }
    case Kind::array:
      return value.items.empty() ? "an empty array" : cat("an array of ", value.items.size());
    case Kind::object:
      return value.members.empty() ? "an empty object" : "an object";
  }
  return {};
}

std::optional<bool> read_boolean(const Value& value) {
  if (value.is(Kind::boolean)) return value.boolean;
  if (!value.is(Kind::string) || !value.plain) return std::nullopt;
  for (const auto word : {"on", "yes"})
    if (iequals(value.string, word)) return true;
  for (const auto word : {"off", "no"})
    if (iequals(value.string, word)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> whole_number(const Value& value) {
  if (value.is(Kind::integer)) return value.integer;
  // Beyond 2^63 doubles have no fraction, but no place in an int64 either.
  if (!value.is(Kind::number) || std::fabs(value.number) >= 9223372036854775808.0 ||
      std::trunc(value.number) != value.number)
    return std::nullopt;
  return std::int64_t(value.number);
}

std::string to_json(const Value& value, Secrets secrets) {
  std::string out;
  append_json(out, value, secrets);
  return out;
}

}  // namespace gw::config
