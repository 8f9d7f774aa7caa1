// SPDX-License-Identifier: Apache-2.0
// Place: where in the tree a reader is, as a chain on the stack. It becomes text
// ("services[2].routes[0].paths[1]") only when something is wrong there, so that a correct file of
// many thousand entities pays nothing for it. A Place must not outlive what it is made of.
#pragma once

#include <string>
#include <string_view>

namespace gw::config {

class Place {
 public:
  explicit Place(std::string_view root) : name_(root) {}
  Place member(std::string_view name) const { return Place(this, name, k_no_index); }
  Place item(std::size_t index) const { return Place(this, {}, index); }

  std::string text() const;

 private:
  static constexpr std::size_t k_no_index = std::size_t(-1);
  Place(const Place* up, std::string_view name, std::size_t index)
      : up_(up), name_(name), index_(index) {}

  const Place* up_ = nullptr;
  std::string_view name_;
  std::size_t index_ = k_no_index;
};

}  // namespace gw::config
