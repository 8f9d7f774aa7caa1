// SPDX-License-Identifier: Apache-2.0
// Fields: the header fields of one message, in order. Names and values are slices of the request's
// arena (or of longer life). Looking up an interned name is one load. Not thread-safe; lives as
// long as its arena.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "http/header_names.hpp"

namespace gw::http {

struct Field {
  const char* name_data;
  const char* value_data;
  std::uint32_t value_size;
  std::uint16_t name_size;  // 0: removed
  HeaderId id;

  std::string_view name() const { return {name_data, name_size}; }
  std::string_view value() const { return {value_data, value_size}; }
  bool removed() const { return name_size == 0; }
};

class Fields {
 public:
  explicit Fields(Arena& arena) : arena_(&arena) {}

  // Forgets all fields; to be called when the arena is reset.
  void clear();
  // Room for n fields without growing.
  void reserve(std::uint32_t n);

  // Adds behind the others. name and value are not copied.
  void add(HeaderId id, std::string_view name, std::string_view value) {
    if (size_ == capacity_) [[unlikely]]
      reserve(capacity_ < 8 ? 16 : capacity_ * 2);
    data_[size_] = {name.data(), value.data(), std::uint32_t(value.size()),
                    std::uint16_t(name.size()), id};
    index(id, size_++);
  }
  void add(HeaderId id, std::string_view value) { add(id, header_name(id), value); }
  // Replaces all values by one, at the place of the first; adds if there is none. Not copied.
  void set(HeaderId id, std::string_view value) {
    if (is_absent(id))
      add(id, value);
    else
      replace(id, value);
  }
  void remove(HeaderId id) {
    if (!is_absent(id)) remove_all(id);
  }
  // A field by text, for names that are not interned.
  void remove(std::string_view name);
  // All whose ids fit: bool(HeaderId).
  template <class Fits>
  void remove_if(const Fits& fits) {
    for (std::uint32_t i = 0; i < size_; ++i) {
      const HeaderId id = data_[i].id;
      if (!fits(id)) continue;
      data_[i].name_size = 0;
      if (std::uint32_t(id) < k_direct) first_[std::uint32_t(id)] = 0;
    }
  }

  // First one; null if absent.
  const Field* find(HeaderId id) const {
    const auto number = std::uint32_t(id);
    if (number >= k_direct) [[unlikely]]
      return search(id, 0);
    const std::uint8_t first = first_[number];
    if (first == 0) return nullptr;
    return first != k_beyond ? &data_[first - 1] : search(id, k_beyond - 1);
  }
  const Field* find(std::string_view name) const;
  // Empty view with null data if absent.
  std::string_view get(HeaderId id) const {
    const Field* field = find(id);
    return field != nullptr ? field->value() : std::string_view{};
  }
  bool has(HeaderId id) const { return find(id) != nullptr; }
  // More than one field of this name.
  bool repeated(HeaderId id) const;

  // All slots, also removed ones (Field::removed()).
  const Field* begin() const { return data_; }
  const Field* end() const { return data_ + size_; }
  std::uint32_t slots() const { return size_; }

 private:
  static constexpr std::uint32_t k_direct = 256;  // ids below it have an entry in first_
  static constexpr std::uint8_t k_beyond = 255;   // the first one stands at index 254 or later
  void index(HeaderId id, std::uint32_t at) {
    const auto number = std::uint32_t(id);
    if (number - 1 >= k_direct - 1 || first_[number] != 0) return;
    first_[number] = std::uint8_t(at >= k_beyond - 1u ? k_beyond : at + 1);
  }
  // The first one from there.
  const Field* search(HeaderId id, std::uint32_t from) const;
  bool is_absent(HeaderId id) const {
    return std::uint32_t(id) < k_direct ? first_[std::uint32_t(id)] == 0 : find(id) == nullptr;
  }
  void replace(HeaderId id, std::string_view value);
  void remove_all(HeaderId id);

  Arena* arena_;
  Field* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint8_t first_[k_direct] = {};  // index + 1 of the first live field; 0: none
};

}  // namespace gw::http
