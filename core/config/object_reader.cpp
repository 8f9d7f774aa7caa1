// SPDX-License-Identifier: Apache-2.0
#include "config/object_reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/readers.hpp"
#include "config/settings_table.hpp"

namespace gw::config {

namespace {

const Value k_nothing = Value::make_object();

std::string listed(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto word : words) out += cat(out.empty() ? "" : ", ", word);
  return out;
}

// Whether it would be a boolean without its quotes.
bool means_boolean(const std::string& text) {
  Value plain = read_plain_scalar(text, {}).value;
  return read_boolean(plain).has_value();
}

}  // namespace

ObjectReader::ObjectReader(const Value& value, const Place& place, std::vector<Diagnostic>& out)
    : value_(value.is(Kind::object) ? value : k_nothing), place_(place), out_(out) {
  if (!value.is(Kind::object))
    out.push_back({Severity::error, value.where, place.text(),
                   cat("is ", describe(value), ", expected an object"), ""});
}

const Value* ObjectReader::take(std::string_view name) {
  known_.push_back(name);
  const Value* found = value_.find(name);
  return found != nullptr && !found->is(Kind::null) ? found : nullptr;
}

bool ObjectReader::has(std::string_view name) const {
  const Value* found = value_.find(name);
  return found != nullptr && !found->is(Kind::null);
}

void ObjectReader::string(std::string_view name, std::string& into, Rule rule) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (!value->is(Kind::string)) {
    const bool scalar = value->is_number() || value->is(Kind::boolean);
    return error(*value, name, cat("is ", describe(*value), ", expected a string"),
                 scalar ? "put it in quotes" : "");
  }
  if (value->string.empty())
    return error(*value, name, "is empty, expected text", "remove it, or write null");
  if (rule != nullptr)
    if (const auto expected = rule(value->string); !expected.empty())
      return error(*value, name, cat("is ", describe(*value), ", expected ", expected));
  into = value->string;
}

void ObjectReader::boolean(std::string_view name, bool& into) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (const auto read = read_boolean(*value))
    into = *read;
  else
    error(*value, name, cat("is ", describe(*value), ", expected true or false"),
          value->is(Kind::string) && means_boolean(value->string) ? "remove the quotes" : "");
}

bool ObjectReader::read_integer(std::string_view name, std::int64_t low, std::int64_t high,
                                std::int64_t& into) {
  const Value* value = take(name);
  if (value == nullptr) return false;
  const auto number = whole_number(*value);
  if (!number || *number < low || *number > high) {
    const bool open = low == 0 && high == INT64_MAX;
    error(*value, name,
          cat("is ", describe(*value), ", expected a whole number ",
              open ? "that is not negative" : cat("from ", low, " to ", high)),
          value->is(Kind::string) && read_plain_scalar(value->string, {}).value.is_number()
              ? "remove the quotes"
              : "");
    return false;
  }
  into = *number;
  return true;
}

void ObjectReader::number(std::string_view name, double& into, double low, double high) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (value->is_number() && value->number >= low && value->number <= high)
    into = value->number;
  else
    error(*value, name,
          cat("is ", describe(*value), ", expected a number from ", std::int64_t(low), " to ",
              std::int64_t(high)));
}

const Value* ObjectReader::array(std::string_view name, std::string_view expected) {
  const Value* value = take(name);
  if (value == nullptr || value->is(Kind::array)) return value;
  // What an export writes for an empty list where it does not know that it is one.
  if (value->is(Kind::object) && value->members.empty()) return nullptr;
  error(*value, name, cat("is ", describe(*value), ", expected ", expected));
  return nullptr;
}

void ObjectReader::item_error(const Value& item, std::string_view name, std::size_t index,
                              std::string message, std::string hint) {
  out_.push_back({Severity::error, item.where.line > 0 ? item.where : value_.where,
                  place_.member(name).item(index).text(), std::move(message), std::move(hint)});
}

void ObjectReader::strings(std::string_view name, std::vector<std::string>& into, Rule rule) {
  const Value* list = array(name, "an array of strings");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const Value& item = list->items[i];
    const std::string expected = !item.is(Kind::string) || item.string.empty() ? "text"
                                 : rule != nullptr                             ? rule(item.string)
                                                                               : "";
    if (!expected.empty())
      item_error(item, name, i, cat("is ", describe(item), ", expected ", expected),
                 item.is_number() || item.is(Kind::boolean) ? "put it in quotes" : "");
    // Kept where it is wrong too, so that positions stay those of the file.
    into.push_back(item.string);
  }
}

bool ObjectReader::integers(std::string_view name, std::vector<std::int64_t>& into,
                            std::int64_t low, std::int64_t high) {
  const Value* list = array(name, "an array of whole numbers");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const auto number = whole_number(list->items[i]);
    if (number && *number >= low && *number <= high)
      into.push_back(*number);
    else
      item_error(list->items[i], name, i,
                 cat("is ", describe(list->items[i]), ", expected a whole number from ", low,
                     " to ", high));
  }
  return list != nullptr;
}

void ObjectReader::duration(std::string_view name, std::uint64_t& ms) {
  const Value* value = take(name);
  if (value == nullptr) return;
  const bool text = value->is(Kind::string);
  if ((text || value->is_number()) && parse_duration(text ? value->string : to_json(*value), ms))
    return;
  error(*value, name,
        cat("is ", describe(*value),
            ", expected a duration: seconds, or with a unit such as 500ms, 2s, 1m"));
}

void ObjectReader::check_word(const Value& at, const std::string& path, std::string_view word,
                              const std::vector<std::string_view>& words) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return;
  const auto near = at.is(Kind::string) ? closest(word, words) : std::string_view{};
  out_.push_back({Severity::error, at.where, path,
                  cat("is ", describe(at), ", expected one of ", listed(words)),
                  near.empty() ? "" : cat("did you mean \"", near, "\"?")});
}

void ObjectReader::choice(std::string_view name, std::string& into,
                          const std::vector<std::string_view>& words) {
  const Value* value = take(name);
  if (value == nullptr) return;
  const std::size_t before = out_.size();
  check_word(*value, place_.member(name).text(), value->string, words);
  if (out_.size() == before) into = value->string;
}

void ObjectReader::choices(std::string_view name, std::vector<std::string>& into,
                           const std::vector<std::string_view>& words) {
  const Value* list = array(name, "an array of strings");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    check_word(list->items[i], place_.member(name).item(i).text(), list->items[i].string, words);
    into.push_back(list->items[i].string);
  }
}

void ObjectReader::later(std::string_view name, std::string_view what,
                         std::string_view allowed_json) {
  const Value* value = take(name);
  if (value == nullptr || (!allowed_json.empty() && to_json(*value) == allowed_json)) return;
  error(
      *value, name,
      cat("is ", describe(*value), ": ", what, " is not supported yet, a later version brings it"),
      allowed_json.empty() ? "remove it" : cat("only ", allowed_json, " is"));
}

void ObjectReader::error(const Value& at, std::string_view name, std::string message,
                         std::string hint) {
  out_.push_back({Severity::error, at.where.line > 0 ? at.where : value_.where,
                  place_.member(name).text(), std::move(message), std::move(hint)});
}

void ObjectReader::error(std::string message, std::string hint) {
  if (&value_ == &k_nothing) return;  // it is no object, which has been told
  out_.push_back(
      {Severity::error, value_.where, place_.text(), std::move(message), std::move(hint)});
}

void ObjectReader::finish() {
  for (const Member& member : value_.members) {
    // Kong allows these two in every entity.
    if (member.name == "_comment" || member.name == "_ignore") continue;
    if (std::find(known_.begin(), known_.end(), member.name) != known_.end()) continue;
    const auto near = closest(member.name, known_);
    out_.push_back({Severity::error, member.where, place_.member(member.name).text(),
                    "unknown field", near.empty() ? "" : cat("did you mean \"", near, "\"?")});
  }
}

}  // namespace gw::config
