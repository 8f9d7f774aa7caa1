// SPDX-License-Identifier: Apache-2.0
// RawHello: a ClientHello up to TLS 1.2, byte by byte, so that a server can be asked for what no
// library speaks any more; and what the server answers first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "raw_client.hpp"

namespace support {

struct RawHello {
  std::uint16_t version = 0x0303;
  std::vector<std::uint16_t> ciphers;
  std::vector<std::uint16_t> groups{29, 23, 24, 25, 30};
  std::vector<std::uint16_t> signatures{0x0403, 0x0503, 0x0603, 0x0804, 0x0805,
                                        0x0806, 0x0401, 0x0501, 0x0601};
  std::string compressions{'\0'};
  bool heartbeat = false;

  static std::string number(std::size_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += char(value >> (8 * i));
    return out;
  }
  static std::string with_size(const std::string& text, int bytes) {
    return number(text.size(), bytes) + text;
  }
  static std::string numbers(const std::vector<std::uint16_t>& all) {
    std::string out;
    for (const auto one : all) out += number(one, 2);
    return out;
  }
  static std::string extension(std::uint16_t type, const std::string& content) {
    return number(type, 2) + with_size(content, 2);
  }

  // The record.
  std::string text() const {
    std::string extensions =
        extension(10, with_size(numbers(groups), 2)) + extension(11, std::string("\1\0", 2)) +
        extension(13, with_size(numbers(signatures), 2)) + extension(0xFF01, std::string("\0", 1));
    if (heartbeat) extensions += extension(15, "\1");
    const std::string hello = number(version, 2) + std::string(32, 'r') + with_size("", 1) +
                              with_size(numbers(ciphers), 2) + with_size(compressions, 1) +
                              with_size(extensions, 2);
    return "\x16" + number(version < 0x0301 ? version : 0x0301, 2) +
           with_size("\1" + with_size(hello, 3), 2);
  }
};

struct HelloAnswer {
  int alert = -1;  // its description; -1: none
  // Of a ServerHello; 0 when there was none.
  std::uint16_t version = 0, cipher = 0;
  int compression = -1;
  std::vector<std::uint16_t> extensions;
};

inline HelloAnswer say_hello(std::uint16_t port, const RawHello& hello) {
  RawClient client(port);
  client.send(hello.text());
  const auto at = [](const std::string& text, std::size_t i, int bytes) {
    std::size_t value = 0;
    for (int n = 0; n < bytes; ++n) value = value << 8 | std::uint8_t(text.at(i + std::size_t(n)));
    return value;
  };
  const std::string head = client.read_bytes(5);
  const std::string body = client.read_bytes(at(head, 3, 2));
  HelloAnswer answer;
  if (head[0] == 0x15) answer.alert = int(at(body, 1, 1));
  if (head[0] != 0x16 || body[0] != 2) return answer;
  answer.version = std::uint16_t(at(body, 4, 2));
  std::size_t i = 4 + 2 + 32;
  i += 1 + at(body, i, 1);  // session id
  answer.cipher = std::uint16_t(at(body, i, 2));
  answer.compression = int(at(body, i + 2, 1));
  for (i += 5; i + 4 <= 4 + at(body, 1, 3); i += 4 + at(body, i + 2, 2))
    answer.extensions.push_back(std::uint16_t(at(body, i, 2)));
  return answer;
}

}  // namespace support
