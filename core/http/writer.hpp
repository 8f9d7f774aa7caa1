// SPDX-License-Identifier: Apache-2.0
// Heads as bytes. Written from what was understood: the first line rebuilt, framing and connection
// fields our own, all that belongs to one connection only (RFC 9110 7.6.1) left out. One
// WriteBuffer for each loop, used within one call.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>

#include "http/message.hpp"

namespace gw::http {

// Bytes being put together; keeps its memory.
class WriteBuffer {
 public:
  void clear() { size_ = 0; }
  std::string_view view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  void append(std::string_view text) {
    if (text.empty()) return;  // memcpy takes no null
    ensure(text.size());
    std::memcpy(data_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append_field(std::string_view name, std::string_view value) {
    ensure(name.size() + value.size() + 4);
    char* at = data_.get() + size_;
    copy(name, at);
    at += name.size();
    std::memcpy(at, ": ", 2);
    copy(value, at + 2);
    std::memcpy(at + 2 + value.size(), "\r\n", 2);
    size_ += name.size() + value.size() + 4;
  }
  void append_number(std::uint64_t number);
  void append_hex(std::uint64_t number);

 private:
  // Names and values are short: two loads that overlap, where a call would cost more.
  static void copy(std::string_view text, char* to) {
    const char* from = text.data();
    const std::size_t n = text.size();
    if (n > 32) return void(std::memcpy(to, from, n));
    if (n >= 16) return copy_ends<16>(from, n, to);
    if (n >= 8) return copy_ends<8>(from, n, to);
    if (n >= 4) return copy_ends<4>(from, n, to);
    for (std::size_t i = 0; i < n; ++i) to[i] = from[i];
  }
  template <std::size_t Part>
  static void copy_ends(const char* from, std::size_t n, char* to) {
    char first[Part], last[Part];
    std::memcpy(first, from, Part);
    std::memcpy(last, from + n - Part, Part);
    std::memcpy(to, first, Part);
    std::memcpy(to + n - Part, last, Part);
  }
  void ensure(std::size_t more) {
    if (size_ + more > capacity_) [[unlikely]]
      grow(more);
  }
  void grow(std::size_t more);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Fields that belong to one connection, or that the writer makes itself: never copied from a
// message.
constexpr bool is_connection_field(HeaderId id) {
  constexpr auto bit = [](HeaderId each) { return 1ull << unsigned(each); };
  constexpr std::uint64_t k_fields =
      bit(HeaderId::host) | bit(HeaderId::connection) | bit(HeaderId::content_length) |
      bit(HeaderId::transfer_encoding) | bit(HeaderId::te) | bit(HeaderId::upgrade) |
      bit(HeaderId::keep_alive) | bit(HeaderId::proxy_connection) | bit(HeaderId::http2_settings) |
      bit(HeaderId::proxy) | bit(HeaderId::expect);
  return unsigned(id) < 64 && (k_fields >> unsigned(id) & 1) != 0;
}
// Removes the fields that Connection names (RFC 9110 7.6.1).
void remove_connection_named(Fields& fields);

// What a request upstream is made of beside its fields.
struct RequestLine {
  std::string_view method;
  std::string_view path;
  std::string_view query;  // null data: none
  std::string_view host;
  std::string_view upgrade{};  // protocol to ask for; empty: none
};
void append_request(WriteBuffer& out, const RequestLine& line, const RequestHead& head);

// How the answer is framed to the client, decided by the connection.
struct ResponseFraming {
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;
  bool write_length = false;  // Content-Length also without a body (HEAD, 304, empty)
  bool close = false;         // Connection: close
  bool keep_alive = false;    // Connection: keep-alive, for HTTP/1.0
  std::string_view date;      // Date if the answer has none
};
void append_response(WriteBuffer& out, const ResponseHead& head, const ResponseFraming& framing);
// 1xx: status line and fields.
void append_informational(WriteBuffer& out, const ResponseHead& head);

// "0 CR LF", the trailers, CR LF.
void append_last_chunk(WriteBuffer& out, const Fields* trailers);

}  // namespace gw::http
