// SPDX-License-Identifier: Apache-2.0
// A reader of HTTP/1 heads and chunks by the letter of RFC 9110 and 9112, slow and obvious, sharing
// no code with the gateway. The fuzz targets hold the gateway's readers against it: what one of
// them takes, the other has to take, and in the same way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reference {

enum class Body { none, length, chunked, until_close };

struct Head {
  bool ended = false;  // the empty line is there
  bool valid = false;  // and everything in front of it is fine
  std::size_t end = 0;
  std::string method, target, reason;
  int status = 0;
  int minor = 1;
  std::vector<std::pair<std::string, std::string>> fields;
  Body body = Body::none;
  std::uint64_t length = 0;

  // Values of all fields of this name.
  std::vector<std::string> all(std::string_view name) const;
};

Head read_request(std::string_view bytes);
Head read_response(std::string_view bytes, std::string_view asked);

struct Chunks {
  enum class End { more, done, bad };
  End end = End::more;
  std::string body;
  std::size_t used = 0;  // when done
};
Chunks read_chunks(std::string_view bytes);

}  // namespace reference
