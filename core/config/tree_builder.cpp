// SPDX-License-Identifier: Apache-2.0
#include "config/tree_builder.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "config/readers.hpp"

namespace gw::config {

bool TreeBuilder::begin(Kind kind, Location where) {
  if (open_.size() >= k_max_depth) {
    out_.push_back({Severity::error, where, "",
                    cat("nested deeper than ", k_max_depth, " levels, which no setting needs"),
                    ""});
    return false;
  }
  Open& open = open_.emplace_back();
  open.value.kind = kind;
  open.value.where = where;
  return true;
}

const Member* TreeBuilder::find_duplicate(Open& open, const std::string& name) {
  constexpr std::size_t k_linear = 16;
  const auto& members = open.value.members;
  if (members.size() > k_linear) {
    if (open.names.empty())
      for (const auto& member : members) open.names.insert(member.name);
    if (open.names.insert(name).second) return nullptr;
  }
  const auto at = std::find_if(members.begin(), members.end(),
                               [&](const Member& member) { return member.name == name; });
  return at == members.end() ? nullptr : &*at;
}

void TreeBuilder::key(std::string name, Location where) {
  Open& open = open_.back();
  const Member* first = find_duplicate(open, name);
  open.drop = first != nullptr;
  if (first) {
    std::string message = "the key ";
    append_json_string(message, name);
    out_.push_back(
        {Severity::error, where, "",
         cat(message, " stands twice in one object; the first is on line ", first->where.line),
         "remove one of them"});
  }
  open.next.name = std::move(name);
  open.next.where = where;
}

void TreeBuilder::add(Value value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return;
  }
  Open& open = open_.back();
  if (open.value.is(Kind::array)) {
    open.value.items.push_back(std::move(value));
    return;
  }
  if (!open.drop) {
    open.next.value = std::move(value);
    open.value.members.push_back(std::move(open.next));
  }
  open.next = {};
  open.drop = false;
}

Value TreeBuilder::close() {
  check(!open_.empty());
  Value value = std::move(open_.back().value);
  open_.pop_back();
  return value;
}

}  // namespace gw::config
