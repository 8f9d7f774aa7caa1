// SPDX-License-Identifier: Apache-2.0
// BodyReader: takes the framing off a body (RFC 9112 6, 7.1). Strict about chunks: hex size of at
// most 16 digits, limited extensions that are dropped, CR LF exact, trailers looked at by the
// guard. It has its own chunk reader: llhttp accepts unlimited extensions and odd line ends there,
// and its callbacks do not show them.
#pragma once

#include <string>
#include <string_view>

#include "http/head_guard.hpp"
#include "http/message.hpp"

namespace gw::http {

class BodyReader {
 public:
  enum class Verdict : std::uint8_t {
    more,     // the input is used up
    data,     // bytes() is a piece of the body
    done,     // the body is complete; what is left of the input is not its
    refused,  // refusal() says why
  };

  void start(BodyKind kind, std::uint64_t length);
  // Takes what it can from the front of `input`.
  Verdict next(std::string_view& input);

  std::string_view bytes() const { return bytes_; }
  Refusal refusal() const { return refusal_; }
  bool complete() const { return state_ == State::complete; }
  BodyKind kind() const { return kind_; }
  // Still to come: of BodyKind::length, of the chunk (as far as its size was read).
  std::uint64_t remaining() const { return remaining_; }
  // After done: the trailer section's bytes with its guard; empty if there were no trailers.
  std::string_view trailers() const { return held_; }
  const HeadGuard& trailer_guard() const { return guard_; }

 private:
  enum class State : std::uint8_t {
    complete,
    counted,
    until_close,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer
  };
  Verdict refuse(Refusal why) {
    refusal_ = why;
    return Verdict::refused;
  }
  Verdict take(std::string_view& input, State then);
  Verdict read_size(std::string_view& input);
  Verdict read_trailer(std::string_view& input);

  State state_ = State::complete;
  BodyKind kind_ = BodyKind::none;
  Refusal refusal_ = Refusal::none;
  std::uint8_t digits_ = 0;
  std::uint16_t extension_ = 0;  // bytes of the chunk's extension
  std::uint64_t remaining_ = 0;
  std::string_view bytes_;
  std::string held_;  // the trailer section
  HeadGuard guard_;
};

}  // namespace gw::http
