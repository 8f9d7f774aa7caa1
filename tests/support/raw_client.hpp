// SPDX-License-Identifier: Apache-2.0
// RawClient: a client that says exactly the bytes it is told to. Fields are given as whole lines:
// "X-A: 1\r\nX-B: 2\r\n".
#pragma once

#include <string>
#include <string_view>

#include "support/connection.hpp"

namespace support {

class RawClient : public Connection {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : Connection(connect_to(port, receive_buffer)) {}

  // Sends and reads the one answer.
  Message ask(std::string_view bytes, bool head_only = false);
  Message get(std::string_view target, std::string_view fields = "");
  Message post(std::string_view target, std::string_view body, std::string_view fields = "");
};

// "METHOD target HTTP/1.1", Host: test (unless the fields have one), the fields, the empty line.
std::string request_text(std::string_view method, std::string_view target,
                         std::string_view fields = "");
// One GET on a connection of its own.
Message get(std::uint16_t port, std::string_view target, std::string_view fields = "");

}  // namespace support
