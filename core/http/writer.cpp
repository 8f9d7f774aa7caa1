// SPDX-License-Identifier: Apache-2.0
#include "http/writer.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "http/parser.hpp"

namespace gw::http {

namespace {

void append_fields(WriteBuffer& out, const Fields& fields) {
  for (const Field& field : fields)
    if (!field.removed() && !is_connection_field(field.id))
      out.append_field(field.name(), field.value());
}

void append_length(WriteBuffer& out, std::uint64_t length) {
  out.append("Content-Length: ");
  out.append_number(length);
  out.append("\r\n");
}

void append_upgrade(WriteBuffer& out, std::string_view protocol, std::string_view connection) {
  out.append_field("Connection", connection);
  out.append_field("Upgrade", protocol);
}

void append_status_line(WriteBuffer& out, const ResponseHead& head) {
  out.append("HTTP/1.1 ");
  out.append_number(std::uint64_t(head.status));
  out.append(" ");
  out.append(head.reason);
  out.append("\r\n");
}

}  // namespace

void WriteBuffer::grow(std::size_t more) {
  const std::size_t capacity =
      std::max(capacity_ * 2, std::max<std::size_t>(size_ + more, 16 * 1024));
  std::unique_ptr<char[]> grown(new char[capacity]);
  if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
  data_ = std::move(grown);
  capacity_ = capacity;
}

void WriteBuffer::append_number(std::uint64_t number) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  append({digits, std::size_t(end - digits)});
}

void WriteBuffer::append_hex(std::uint64_t number) {
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  append({digits, std::size_t(end - digits)});
}

void remove_connection_named(Fields& fields) {
  const Field* connection = fields.find(HeaderId::connection);
  if (connection == nullptr) return;
  // The usual ones name nothing.
  if (!fields.repeated(HeaderId::connection) &&
      (iequals(connection->value(), "keep-alive") || iequals(connection->value(), "close")))
    return;
  for (std::uint32_t i = 0; i < fields.slots(); ++i) {
    const Field& field = fields.begin()[i];
    if (field.id != HeaderId::connection || field.removed()) continue;
    for (const auto name : split(field.value(), ',')) {
      // Fields that carry the message's meaning for the gateway itself cannot be named away.
      const HeaderId id = find_header(name);
      if (!name.empty() && !is_connection_field(id)) fields.remove(name);
    }
  }
}

void append_request(WriteBuffer& out, const RequestLine& line, const RequestHead& head) {
  out.append(line.method);
  out.append(" ");
  out.append(line.path);
  if (line.query.data() != nullptr) {
    out.append("?");
    out.append(line.query);
  }
  out.append(" HTTP/1.1\r\n");
  out.append_field("Host", line.host);
  append_fields(out, head.fields);
  // RFC 9110 10.1.4: only "trailers" may be passed on, and Connection has to name it.
  const bool trailers =
      head.fields.has(HeaderId::te) && list_has(head.fields, HeaderId::te, "trailers");
  if (trailers) out.append("TE: trailers\r\n");
  if (!line.upgrade.empty())
    append_upgrade(out, line.upgrade, trailers ? "Upgrade, TE" : "Upgrade");
  else if (trailers)
    out.append("Connection: TE\r\n");
  if (head.body == BodyKind::chunked)
    out.append("Transfer-Encoding: chunked\r\n");
  else if (head.body == BodyKind::length || head.method == Method::post ||
           head.method == Method::put || head.method == Method::patch ||
           head.fields.has(HeaderId::content_length))
    append_length(out, head.body == BodyKind::length ? head.content_length : 0);
  out.append("\r\n");
}

void append_response(WriteBuffer& out, const ResponseHead& head, const ResponseFraming& framing) {
  append_status_line(out, head);
  append_fields(out, head.fields);
  if (!head.fields.has(HeaderId::date)) out.append_field("Date", framing.date);
  if (framing.body == BodyKind::chunked)
    out.append("Transfer-Encoding: chunked\r\n");
  else if (framing.body == BodyKind::length || framing.write_length)
    append_length(out, framing.length);
  if (!head.upgrade.empty())
    append_upgrade(out, head.upgrade, framing.close ? "Upgrade, close" : "Upgrade");
  else if (framing.close)
    out.append("Connection: close\r\n");
  else if (framing.keep_alive)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

void append_informational(WriteBuffer& out, const ResponseHead& head) {
  append_status_line(out, head);
  append_fields(out, head.fields);
  out.append("\r\n");
}

void append_last_chunk(WriteBuffer& out, const Fields* trailers) {
  out.append("0\r\n");
  if (trailers != nullptr) append_fields(out, *trailers);
  out.append("\r\n");
}

}  // namespace gw::http
