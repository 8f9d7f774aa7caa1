// SPDX-License-Identifier: Apache-2.0
// Values against a node: types, scalars, and subschemas that look at the same place.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "config/readers.hpp"
#include "config/schema_faults.hpp"
#include "config/schema_node.hpp"

namespace gw::config {

namespace {

std::string_view type_text(Kind kind) {
  constexpr std::string_view k_names[] = {"null",     "a boolean", "a whole number", "a number",
                                          "a string", "an array",  "an object"};
  return k_names[std::size_t(kind)];
}

std::size_t characters(std::string_view text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string list_of(const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) out += cat(out.empty() ? "" : ", ", to_json(value));
  return out;
}

std::string number_text(double number) {
  Value value;
  value.kind = Kind::number;
  value.number = number;
  const auto whole = whole_number(value);
  return whole ? cat(*whole) : to_json(value);
}

}  // namespace

void Evaluated::merge(Evaluated&& other) {
  members.merge(other.members);
  items.merge(other.items);
  all_members = all_members || other.all_members;
  all_items = all_items || other.all_items;
}

bool fault(std::vector<Diagnostic>& out, Location at, const Place& place, std::string message,
           std::string hint) {
  out.push_back({Severity::error, at, place.text(), std::move(message), std::move(hint)});
  return false;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words) {
  const auto near = closest(word, words);
  return near.empty() ? "" : cat("did you mean \"", near, "\"?");
}

std::string canonical(const Value& value) {
  if (const auto whole = whole_number(value)) return cat(*whole);
  if (!value.is(Kind::array) && !value.is(Kind::object)) return to_json(value);
  std::vector<std::string> parts;
  for (const Value& item : value.items) parts.push_back(canonical(item));
  for (const Member& member : value.members) {
    std::string part;
    append_json_string(part, member.name);
    parts.push_back(cat(part, ":", canonical(member.value)));
  }
  if (value.is(Kind::object)) std::sort(parts.begin(), parts.end());
  std::string out(1, value.is(Kind::object) ? '{' : '[');
  for (const auto& part : parts) out += cat(part, ",");
  return out;
}

Schema::Node::Nodes Schema::Node::in_place() const {
  Nodes out;
  for (const Nodes* list : {&all_of, &any_of, &one_of})
    out.insert(out.end(), list->begin(), list->end());
  for (const Node* node : {reference, negated, condition, consequence, alternative})
    if (node != nullptr) out.push_back(node);
  for (const auto& [name, node] : dependent_schemas) out.push_back(node);
  return out;
}

const Value* Schema::Node::default_value() const {
  if (fallback) return &*fallback;
  return reference != nullptr ? reference->default_value() : nullptr;
}

bool Schema::Node::apply(Value& value, const Place& place, Faults& out) const {
  Evaluated seen;
  const bool fine = apply_here(value, place, out, seen);
  // Known here already; what is of another kind has been told.
  if (!of_objects || !value.is(Kind::object)) return fine;
  return report_unknown(value, place, out, seen) && fine;
}

// --- kinds ---

bool Schema::Node::lets_in(const Value& value) const {
  const bool kind = types.empty() || std::any_of(types.begin(), types.end(), [&](Kind type) {
                      return value.is(type) || (type == Kind::number && value.is(Kind::integer));
                    });
  if (!kind || (constant && !*constant)) return false;
  if (!allowed) return reference == nullptr || reference->lets_in(value);
  const std::string mine = canonical(value);
  return std::any_of(allowed->begin(), allowed->end(),
                     [&](const Value& one) { return canonical(one) == mine; });
}

std::string Schema::Node::expected() const {
  if (allowed) return cat(allowed->size() > 1 ? "one of " : "", list_of(*allowed));
  std::string out;
  for (const Kind kind : types) out += cat(out.empty() ? "" : " or ", type_text(kind));
  if (out.empty() && reference != nullptr) return reference->expected();
  return out.empty() ? "another value" : out;
}

// Other spellings of what is meant: YAML's `on` and `off` for a boolean, 5.0 for a whole number.
void Schema::Node::coerce(Value& value) const {
  const bool hidden = value.secret;
  const auto wants = [&](Kind kind) {
    return std::find(types.begin(), types.end(), kind) != types.end();
  };
  if (wants(Kind::boolean) && !wants(Kind::string))
    if (const auto meant = read_boolean(value)) value = Value::make_boolean(*meant, value.where);
  if (wants(Kind::integer) && value.is(Kind::number))
    if (const auto whole = whole_number(value)) value = Value::make_integer(*whole, value.where);
  value.secret = hidden;
}

bool Schema::Node::apply_here(Value& value, const Place& place, Faults& out,
                              Evaluated& seen) const {
  if (constant && *constant) return true;
  if (constant) return fault(out, value.where, place, "is not allowed here");
  if (secret) mark_secret(value);
  coerce(value);
  // What a reference leads to says it itself.
  if (!lets_in(value) && (reference == nullptr || reference->lets_in(value))) {
    const bool quoted = value.is(Kind::string) && !value.secret && !types.empty() &&
                        lets_in(read_plain_scalar(value.string, value.where).value);
    std::vector<std::string_view> words;
    if (allowed && value.is(Kind::string) && !value.secret)
      for (const Value& one : *allowed) words.push_back(one.string);
    return fault(out, value.where, place, cat("is ", describe(value), ", expected ", expected()),
                 quoted ? "remove the quotes" : did_you_mean(value.string, words));
  }
  Evaluated mine;
  bool fine = apply_scalar(value, place, out);
  if (value.is(Kind::object)) fine = apply_object(value, place, out, mine) && fine;
  if (value.is(Kind::array)) fine = apply_array(value, place, out, mine) && fine;
  fine = apply_in_place(value, place, out, mine) && fine;
  fine = apply_unevaluated(value, place, out, mine) && fine;
  seen.merge(std::move(mine));
  return fine;
}

// --- scalars ---

bool Schema::Node::apply_number(const Value& value, const Place& place, Faults& out) const {
  const double n = value.number;
  std::string expected;
  if (minimum && n < *minimum) expected = cat("at least ", number_text(*minimum));
  if (above && n <= *above) expected = cat("a number above ", number_text(*above));
  if (maximum && n > *maximum) expected = cat("at most ", number_text(*maximum));
  if (below && n >= *below) expected = cat("a number below ", number_text(*below));
  if (multiple) {
    const double times = n / *multiple;
    if (std::fabs(times - std::round(times)) > 1e-9 * std::max(1.0, std::fabs(times)))
      expected = cat("a multiple of ", number_text(*multiple));
  }
  if (expected.empty()) return true;
  return fault(out, value.where, place, cat("is ", describe(value), ", expected ", expected));
}

bool Schema::Node::apply_scalar(const Value& value, const Place& place, Faults& out) const {
  if (value.is_number()) return apply_number(value, place, out);
  if (!value.is(Kind::string)) return true;
  const auto length = std::int64_t(characters(value.string));
  if (min_length && length < *min_length)
    return fault(out, value.where, place,
                 cat("is ", describe(value), ", expected at least ", *min_length,
                     *min_length == 1 ? " character" : " characters"));
  if (max_length && length > *max_length)
    return fault(out, value.where, place,
                 cat("is ", length, " characters long, expected at most ", *max_length));
  if (pattern && !RE2::PartialMatch(value.string, *pattern))
    return fault(out, value.where, place,
                 cat("is ", describe(value), ", expected text that matches ", pattern->pattern()));
  return true;
}

// --- in the same place ---

bool Schema::Node::apply_in_place(Value& value, const Place& place, Faults& out,
                                  Evaluated& seen) const {
  bool fine = true;
  if (reference != nullptr) fine = reference->apply_here(value, place, out, seen) && fine;
  for (const Node* node : all_of) fine = node->apply_here(value, place, out, seen) && fine;
  if (!any_of.empty()) fine = apply_choice(any_of, false, value, place, out, seen) && fine;
  if (!one_of.empty()) fine = apply_choice(one_of, true, value, place, out, seen) && fine;
  for (const auto& [name, node] : dependent_schemas)
    if (value.is(Kind::object) && value.find(name) != nullptr)
      fine = node->apply_here(value, place, out, seen) && fine;
  if (condition != nullptr) {
    Value copy = value;
    Faults unused;
    Evaluated tried;
    const bool holds = condition->apply_here(copy, place, unused, tried);
    if (holds) seen.merge(std::move(tried));
    const Node* then = holds ? consequence : alternative;
    if (then != nullptr) fine = then->apply_here(value, place, out, seen) && fine;
  }
  if (negated != nullptr) {
    Value copy = value;
    Faults unused;
    Evaluated tried;
    if (negated->apply_here(copy, place, unused, tried))
      fine = fault(out, value.where, place, cat("is ", describe(value), ", which is excluded"));
  }
  return fine;
}

// The first alternative that fits fills in its defaults. Of those that do not, the faults of the
// one that came nearest are told: the kind fits and the fewest faults are left.
bool Schema::Node::apply_choice(const Nodes& nodes, bool one, Value& value, const Place& place,
                                Faults& out, Evaluated& seen) const {
  std::size_t fitting = 0;
  std::optional<Faults> nearest;
  Evaluated nearest_seen;
  std::string kinds;
  std::optional<Value> chosen;
  for (const Node* node : nodes) {
    Value copy = value;
    Faults faults;
    Evaluated tried;
    node->coerce(copy);
    const bool enters = node->lets_in(copy);
    if (node->apply_here(copy, place, faults, tried)) {
      if (fitting++ == 0) chosen = std::move(copy);
      seen.merge(std::move(tried));
      continue;
    }
    mark_secrets_of(copy, value);
    if (!enters)
      kinds += cat(kinds.empty() ? "" : " or ", node->expected());
    else if (!nearest || faults.size() < nearest->size())
      nearest = std::move(faults), nearest_seen = std::move(tried);
  }
  if (chosen) value = std::move(*chosen);
  if (fitting == 1 || (fitting > 1 && !one)) return true;
  if (fitting > 1)
    return fault(out, value.where, place,
                 "fits more than one of the alternatives, expected exactly one");
  if (!nearest)
    return fault(out, value.where, place, cat("is ", describe(value), ", expected ", kinds));
  // Its members are wrong, not unknown.
  seen.merge(std::move(nearest_seen));
  out.insert(out.end(), nearest->begin(), nearest->end());
  return false;
}

}  // namespace gw::config
