// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace gw::http {

void Fields::clear() {
  data_ = nullptr;
  size_ = capacity_ = 0;
  std::memset(first_, 0, sizeof first_);
}

void Fields::reserve(std::uint32_t n) {
  if (n <= capacity_) return;
  auto* grown = arena_->array<Field>(n);
  if (size_ > 0) std::memcpy(grown, data_, size_ * sizeof(Field));
  data_ = grown;
  capacity_ = n;
}

void Fields::add(HeaderId id, std::string_view name, std::string_view value) {
  if (size_ == capacity_) reserve(std::max(16u, capacity_ * 2));
  data_[size_] = {name.data(), value.data(), std::uint32_t(value.size()),
                  std::uint16_t(name.size()), id};
  index(size_++);
}

void Fields::index(std::uint32_t at) {
  const auto id = std::uint32_t(data_[at].id);
  if (id == 0 || id >= k_direct || first_[id] != 0) return;
  first_[id] = std::uint8_t(at >= k_beyond - 1u ? k_beyond : at + 1);
}

const Field* Fields::find(HeaderId id) const {
  const auto number = std::uint32_t(id);
  std::uint32_t at = 0;
  if (number < k_direct) {
    const std::uint8_t first = first_[number];
    if (first == 0) return nullptr;
    if (first != k_beyond) return &data_[first - 1];
    at = k_beyond - 1;
  }
  for (; at < size_; ++at)
    if (data_[at].id == id && !data_[at].removed()) return &data_[at];
  return nullptr;
}

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : *this)
    if (field.name_size == name.size() && iequals(field.name(), name)) return &field;
  return nullptr;
}

std::string_view Fields::get(HeaderId id) const {
  const Field* field = find(id);
  return field != nullptr ? field->value() : std::string_view{};
}

bool Fields::repeated(HeaderId id) const {
  const Field* first = find(id);
  if (first == nullptr) return false;
  return std::any_of(first + 1, end(), [id](const Field& f) { return f.id == id && !f.removed(); });
}

void Fields::set(HeaderId id, std::string_view value) {
  const Field* first = find(id);
  if (first == nullptr) {
    add(id, value);
    return;
  }
  const auto at = std::uint32_t(first - data_);
  data_[at].value_data = value.data();
  data_[at].value_size = std::uint32_t(value.size());
  for (std::uint32_t i = at + 1; i < size_; ++i)
    if (data_[i].id == id) data_[i].name_size = 0;
}

void Fields::remove(HeaderId id) {
  const Field* first = find(id);
  if (first == nullptr) return;
  for (auto i = std::uint32_t(first - data_); i < size_; ++i)
    if (data_[i].id == id) data_[i].name_size = 0;
  if (std::uint32_t(id) < k_direct) first_[std::uint32_t(id)] = 0;
}

void Fields::remove(std::string_view name) {
  const HeaderId id = find_header(name);
  if (id != HeaderId::none) return remove(id);
  for (std::uint32_t i = 0; i < size_; ++i)
    if (iequals(data_[i].name(), name)) data_[i].name_size = 0;
}

}  // namespace gw::http
