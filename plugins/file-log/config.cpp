// SPDX-License-Identifier: Apache-2.0
#include "config.hpp"

namespace file_log {

namespace {

Piece make_variable(const gw::config& source, const std::string& name) {
  const auto colon = name.find(':');
  const std::string kind = name.substr(0, colon);
  Piece piece;
  if (colon != std::string::npos) piece.header = source.header_id(name.substr(colon + 1).c_str());
  if (kind == "header")
    piece.kind = Piece::Kind::request_header;
  else if (kind == "response_header")
    piece.kind = Piece::Kind::response_header;
  else
    piece.header = 0;
  if (piece.header == 0)
    throw gw::config_error(
        gw::join("custom_fields: $(", name,
                 ") is not known; expected $(header:NAME) or $(response_header:NAME)"));
  return piece;
}

std::vector<Piece> parse_template(const gw::config& source, const std::string& text) {
  std::vector<Piece> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto begin = text.find("$(", at);
    const auto end = begin == std::string::npos ? begin : text.find(')', begin);
    if (end == std::string::npos) break;
    if (begin > at) out.push_back({Piece::Kind::text, text.substr(at, begin - at), 0});
    out.push_back(make_variable(source, text.substr(begin + 2, end - begin - 2)));
    at = end + 1;
  }
  if (at < text.size()) out.push_back({Piece::Kind::text, text.substr(at), 0});
  return out;
}

}  // namespace

Config::Config(const gw::config& source)
    : path(source.str("path")),
      reopen(source.boolean("reopen")),
      flush_interval_ms(static_cast<std::uint64_t>(source.i64("flush_interval"))),
      queue_max_bytes(static_cast<std::uint64_t>(source.i64("queue_max_bytes"))) {
  for (const auto& name : source.members("custom_fields"))
    custom_fields.push_back(
        {name, parse_template(source, std::string(source.str(gw::join("custom_fields/", name))))});
}

}  // namespace file_log
