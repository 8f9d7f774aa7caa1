// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error; the way functions off the data path tell failure. No exceptions.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace gw {

// What went wrong, for people: what was seen, what was expected, where, what to do.
struct Error {
  std::string text;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & {
    check(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    check(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    check(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T* operator->() { return &value(); }
  T& operator*() & { return value(); }

  // REQUIRES: !ok().
  const Error& error() const {
    check(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Unit {};
using Status = Result<Unit>;
inline Status ok_status() { return Unit{}; }

}  // namespace gw
