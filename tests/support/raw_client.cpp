// SPDX-License-Identifier: Apache-2.0
#include "support/raw_client.hpp"

namespace support {

std::string request_text(std::string_view method, std::string_view target,
                         std::string_view fields) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  if (!fields.starts_with("Host:") && fields.find("\nHost:") == std::string_view::npos)
    text += "Host: test\r\n";
  return text.append(fields).append("\r\n");
}

Message RawClient::ask(std::string_view bytes, bool head_only) {
  send(bytes);
  return read_response(head_only);
}

Message RawClient::get(std::string_view target, std::string_view fields) {
  return ask(request_text("GET", target, fields));
}

Message RawClient::post(std::string_view target, std::string_view body, std::string_view fields) {
  auto text =
      request_text("POST", target,
                   std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n");
  return ask(text.append(body));
}

Message get(std::uint16_t port, std::string_view target, std::string_view fields) {
  return RawClient(port).get(target, fields);
}

}  // namespace support
