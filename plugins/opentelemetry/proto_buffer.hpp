// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer and the five kinds of protobuf fields that OTLP traces need. Written here
// rather than taken from libprotobuf: the whole of it is five wire helpers, and the library would
// bring generated classes with a heap object for each span and attribute, an ABI of its own into
// every process, and static initialisers that a plugin must not have.
//
// Memory is kept over clear(), so that a buffer in use stops allocating.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace otel {

class ProtoBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] char* data() { return bytes_.get(); }
  void clear() { size_ = 0; }

  // Makes room for n bytes behind the content; the pointer is good until the next call.
  char* grow(std::size_t n) {
    if (capacity_ - size_ < n) enlarge(n);
    char* at = bytes_.get() + size_;
    size_ += n;
    return at;
  }
  void append(std::string_view bytes) { put(grow(bytes.size()), bytes); }

  void varint_field(std::uint32_t field, std::uint64_t value) {
    char* at = grow(varint_size(field << 3) + varint_size(value));
    put_varint(put_varint(at, field << 3), value);
  }
  void fixed64_field(std::uint32_t field, std::uint64_t value) { fixed_field(field, 1, value); }
  void fixed32_field(std::uint32_t field, std::uint32_t value) { fixed_field(field, 5, value); }
  void bytes_field(std::uint32_t field, std::string_view bytes) {
    char* at = grow(field_size(field, bytes.size()));
    put(put_head(at, field, bytes.size()), bytes);
  }

  // The parts that the fields are made of, for messages whose size is known before.
  static constexpr std::size_t varint_size(std::uint64_t value) {
    // Bits over seven, rounded up, without a division: exact for 1 to 64 bits.
    return (std::size_t(std::bit_width(value | 1)) * 9 + 64) / 64;
  }
  static constexpr std::size_t field_size(std::uint32_t field, std::size_t n) {
    return varint_size(field << 3) + varint_size(n) + n;
  }
  static char* put_varint(char* at, std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) *at++ = char(value | 0x80);
    *at++ = char(value);
    return at;
  }
  // Tag and length of a string, bytes or message field.
  static char* put_head(char* at, std::uint32_t field, std::size_t n) {
    return put_varint(put_varint(at, field << 3 | 2), n);
  }
  static char* put(char* at, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
  }

 private:
  template <typename T>
  void fixed_field(std::uint32_t field, std::uint32_t wire_type, T value) {
    static_assert(std::endian::native == std::endian::little);
    char* at = put_varint(grow(varint_size(field << 3) + sizeof value), field << 3 | wire_type);
    std::memcpy(at, &value, sizeof value);
  }

  void enlarge(std::size_t n) {
    capacity_ = std::bit_ceil(size_ + n < 512 ? 512 : size_ + n);
    auto larger = std::make_unique<char[]>(capacity_);
    if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace otel
