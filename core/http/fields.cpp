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

const Field* Fields::search(HeaderId id, std::uint32_t from) const {
  for (std::uint32_t at = from; at < size_; ++at)
    if (data_[at].id == id && !data_[at].removed()) return &data_[at];
  return nullptr;
}

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : *this)
    if (field.name_size == name.size() && iequals(field.name(), name)) return &field;
  return nullptr;
}

bool Fields::repeated(HeaderId id) const {
  const Field* first = find(id);
  if (first == nullptr) return false;
  return std::any_of(first + 1, end(), [id](const Field& f) { return f.id == id && !f.removed(); });
}

void Fields::replace(HeaderId id, std::string_view value) {
  const auto at = std::uint32_t(find(id) - data_);
  data_[at].value_data = value.data();
  data_[at].value_size = std::uint32_t(value.size());
  for (std::uint32_t i = at + 1; i < size_; ++i)
    if (data_[i].id == id) data_[i].name_size = 0;
}

void Fields::remove_all(HeaderId id) {
  for (auto i = std::uint32_t(find(id) - data_); i < size_; ++i)
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
