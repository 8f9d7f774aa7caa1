// SPDX-License-Identifier: Apache-2.0
// What a place of a request holds under a key's name. `other` is something that is there but is no
// text: an argument without "=", a number in JSON.
#pragma once

#include <string>

namespace key_auth {

struct Finding {
  enum class Kind { none, text, duplicate, other };

  Kind kind = Kind::none;
  std::string text;

  // One more occurrence.
  void add(Kind seen, std::string value = {}) {
    kind = kind == Kind::none ? seen : Kind::duplicate;
    text = std::move(value);
  }
};

}  // namespace key_auth
