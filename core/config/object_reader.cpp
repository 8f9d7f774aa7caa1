// SPDX-License-Identifier: Apache-2.0
#include "config/object_reader.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gw::config {

namespace {

const Value k_nothing = Value::make_object();

std::string listed(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto word : words) out += cat(out.empty() ? "" : ", ", word);
  return out;
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

void ObjectReader::string(std::string_view name, std::string& into) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (!value->is(Kind::string)) {
    const bool scalar = value->is_number() || value->is(Kind::boolean);
    return error(*value, name, cat("is ", describe(*value), ", expected a string"),
                 scalar ? "put it in quotes" : "");
  }
  into = value->string;
}

void ObjectReader::boolean(std::string_view name, bool& into) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (const auto read = read_boolean(*value))
    into = *read;
  else
    error(*value, name, cat("is ", describe(*value), ", expected true or false"));
}

bool ObjectReader::read_integer(std::string_view name, std::int64_t low, std::int64_t high,
                                std::int64_t& into) {
  const Value* value = take(name);
  if (value == nullptr) return false;
  if (!value->is(Kind::integer) || value->integer < low || value->integer > high) {
    error(*value, name,
          cat("is ", describe(*value), ", expected a whole number from ", low, " to ", high));
    return false;
  }
  into = value->integer;
  return true;
}

void ObjectReader::strings(std::string_view name, std::vector<std::string>& into) {
  const Value* value = take(name);
  if (value == nullptr) return;
  if (!value->is(Kind::array))
    return error(*value, name, cat("is ", describe(*value), ", expected an array of strings"));
  for (const Value& item : value->items) {
    if (item.is(Kind::string))
      into.push_back(item.string);
    else
      error(item, name, cat("holds ", describe(item), ", expected strings"));
  }
}

void ObjectReader::choice(std::string_view name, std::string& into,
                          const std::vector<std::string_view>& words) {
  const std::size_t before = out_.size();
  std::string read = into;
  string(name, read);
  if (out_.size() > before || read == into) return;
  if (std::find(words.begin(), words.end(), read) != words.end()) {
    into = read;
    return;
  }
  const auto near = closest(read, words);
  error(*value_.find(name), name, cat("is \"", read, "\", expected one of ", listed(words)),
        near.empty() ? "" : cat("did you mean \"", near, "\"?"));
}

void ObjectReader::later(std::string_view name, std::string_view what,
                         std::string_view allowed_json) {
  const Value* value = take(name);
  if (value == nullptr || (!allowed_json.empty() && to_json(*value) == allowed_json)) return;
  error(*value, name, cat("is ", describe(*value), ": ", what, " is not supported yet"),
        allowed_json.empty() ? "remove it" : cat("only ", allowed_json, " is"));
}

void ObjectReader::error(const Value& at, std::string_view name, std::string message,
                         std::string hint) {
  out_.push_back({Severity::error, at.where.line > 0 ? at.where : value_.where,
                  place_.member(name).text(), std::move(message), std::move(hint)});
}

void ObjectReader::error(std::string message, std::string hint) {
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
