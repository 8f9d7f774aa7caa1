// SPDX-License-Identifier: Apache-2.0
// What an unquoted YAML scalar means. yaml-cpp's own conversions follow YAML 1.1 in part (`on` is
// true), so they are not used.
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"
#include "config/readers.hpp"

namespace gw::config {

namespace {

bool all_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    if (text == word) return true;
  return false;
}

// [0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)? with at least one digit before the exponent.
bool is_float(std::string_view text) {
  constexpr std::string_view k_digits = "0123456789";
  const auto exponent = text.find_first_of("eE");
  auto mantissa = text.substr(0, exponent);
  if (exponent != std::string_view::npos) {
    auto rest = text.substr(exponent + 1);
    if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
    if (!all_digits(rest, k_digits)) return false;
  }
  const auto dot = mantissa.find('.');
  const auto whole = mantissa.substr(0, dot);
  const auto part = dot == std::string_view::npos ? "" : mantissa.substr(dot + 1);
  if (whole.empty() && part.empty()) return false;
  return (whole.empty() || all_digits(whole, k_digits)) &&
         (part.empty() || all_digits(part, k_digits));
}

Value number_value(std::string_view text, Location where) {
  Value value;
  value.where = where;
  value.kind = Kind::number;
  const auto end = text.data() + text.size();
  // Out of range is too large for a double, or so small that it is zero.
  if (std::from_chars(text.data(), end, value.number).ec == std::errc::result_out_of_range)
    value.number = std::strtod(std::string(text).c_str(), nullptr);
  return value;
}

// Decimal digits, or a number when they do not fit 64 bits.
Value integer_value(std::string_view digits, bool negative, Location where) {
  std::int64_t number = 0;
  const std::string text = negative ? cat('-', digits) : std::string(digits);
  const auto end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ec == std::errc{})
    return Value::make_integer(number, where);
  return number_value(text, where);
}

// "0x" or "0o" and digits of that base.
PlainScalar based_integer(std::string_view text, int base, Location where) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  if (std::from_chars(text.data() + 2, end, number, base).ec == std::errc{})
    return {Value::make_integer(number, where), ""};
  return {Value::make_string(text, where), cat(text, " does not fit 64 bits")};
}

}  // namespace

PlainScalar read_plain_scalar(std::string_view text, Location where) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) {
    Value nothing;
    nothing.where = where;
    return {nothing, ""};
  }
  if (is_one_of(text, {"true", "True", "TRUE"})) return {Value::make_boolean(true, where), ""};
  if (is_one_of(text, {"false", "False", "FALSE"})) return {Value::make_boolean(false, where), ""};
  if (text.starts_with("0x") && all_digits(text.substr(2), "0123456789abcdefABCDEF"))
    return based_integer(text, 16, where);
  if (text.starts_with("0o") && all_digits(text.substr(2), "01234567"))
    return based_integer(text, 8, where);

  const bool negative = text[0] == '-';
  const auto bare = negative || text[0] == '+' ? text.substr(1) : text;
  Value string = Value::make_string(text, where);
  string.plain = true;
  if (all_digits(bare, "0123456789")) {
    if (bare.size() > 1 && bare[0] == '0')
      return {string, cat(text,
                          " could be meant octal (YAML 1.1, as Kong reads it), decimal (YAML "
                          "1.2) or as text")};
    return {integer_value(bare, negative, where), ""};
  }
  if (is_one_of(bare, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"}))
    return {string, cat(text, " is not a finite number")};
  if (is_float(bare)) {
    Value value = number_value(bare, where);
    if (!std::isfinite(value.number)) return {string, cat(text, " is not a finite number")};
    if (negative) value.number = -value.number;
    return {value, ""};
  }
  return {string, ""};
}

}  // namespace gw::config
