// SPDX-License-Identifier: Apache-2.0
// TreeBuilder: turns a reader's events into a Value. Owned by one run of a reader. It refuses
// duplicate keys (the first stays, so that the rest of the file is still checked) and deep nesting.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/value.hpp"

namespace gw::config {

class TreeBuilder {
 public:
  explicit TreeBuilder(std::vector<Diagnostic>& out) : out_(out) {}

  // Opens an object or an array. False: nested too deep, reported; the reader must stop.
  bool begin(Kind kind, Location where);
  // REQUIRES: the innermost open collection is an object.
  void key(std::string name, Location where);
  // Puts a finished value into the innermost open collection, or makes it the root.
  void add(Value value);
  // REQUIRES: something is open. Closes it and hands it over, not yet added anywhere.
  Value close();

  std::size_t depth() const { return open_.size(); }
  Value take_root() { return std::move(root_); }

 private:
  struct Open {
    Value value;
    Member next;                            // name of the member that comes
    bool drop = false;                      // it is a duplicate
    std::unordered_set<std::string> names;  // only for large objects
  };
  const Member* find_duplicate(Open& open, const std::string& name);

  std::vector<Diagnostic>& out_;
  std::vector<Open> open_;
  Value root_;
};

}  // namespace gw::config
