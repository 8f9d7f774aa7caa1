// SPDX-License-Identifier: Apache-2.0
#include "http/body_reader.hpp"

#include <algorithm>

namespace gw::http {

namespace {

constexpr std::uint16_t k_max_extension = 256;
constexpr HeadLimits k_trailer_limits{0, 8192, 32};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

void BodyReader::start(BodyKind kind, std::uint64_t length) {
  kind_ = kind;
  remaining_ = length;
  refusal_ = Refusal::none;
  digits_ = 0;
  extension_ = 0;
  held_.clear();
  switch (kind) {
    case BodyKind::none:
      state_ = State::complete;
      break;
    case BodyKind::length:
      state_ = State::counted;
      break;
    case BodyKind::chunked:
      state_ = State::size;
      remaining_ = 0;
      break;
    case BodyKind::until_close:
      state_ = State::until_close;
      break;
  }
}

BodyReader::Verdict BodyReader::next(std::string_view& input) {
  for (;;) {
    if (state_ == State::complete) return Verdict::done;
    if (input.empty()) return Verdict::more;
    const char c = input.front();
    switch (state_) {
      case State::counted:
        return take(input, State::complete);
      case State::until_close:
        bytes_ = input;
        input = {};
        return Verdict::data;
      case State::size:
      case State::extension: {
        const Verdict verdict = read_size(input);
        if (verdict == Verdict::refused) return verdict;
        break;
      }
      case State::size_lf:
        if (c != '\n') return refuse(Refusal::bad_chunk);
        input.remove_prefix(1);
        digits_ = 0;
        extension_ = 0;
        state_ = remaining_ > 0 ? State::data : State::trailer;
        if (state_ == State::trailer) guard_.reset(HeadGuard::Kind::trailer);
        break;
      case State::data:
        return take(input, State::data_cr);
      case State::data_cr:
      case State::data_lf:
        if (c != (state_ == State::data_cr ? '\r' : '\n')) return refuse(Refusal::bad_chunk);
        input.remove_prefix(1);
        state_ = state_ == State::data_cr ? State::data_lf : State::size;
        break;
      case State::trailer:
        return read_trailer(input);
      case State::complete:
        break;
    }
  }
}

BodyReader::Verdict BodyReader::take(std::string_view& input, State then) {
  bytes_ = input.substr(0, std::size_t(std::min<std::uint64_t>(input.size(), remaining_)));
  input.remove_prefix(bytes_.size());
  remaining_ -= bytes_.size();
  if (remaining_ == 0) state_ = then;
  return Verdict::data;
}

BodyReader::Verdict BodyReader::read_size(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    if (c == '\r' && digits_ > 0) {
      state_ = State::size_lf;
      return Verdict::more;
    }
    if (state_ == State::extension) {
      const bool visible = ((unsigned char)c >= 0x20 && c != 0x7F) || c == '\t';
      if (!visible || ++extension_ > k_max_extension) return refuse(Refusal::bad_chunk);
      continue;
    }
    if (c == ';' && digits_ > 0) {
      state_ = State::extension;
      continue;
    }
    const int digit = hex_digit(c);
    if (digit < 0 || ++digits_ > 16 || remaining_ >> 59 != 0) return refuse(Refusal::bad_chunk);
    remaining_ = remaining_ << 4 | std::uint64_t(digit);
  }
  return Verdict::more;
}

BodyReader::Verdict BodyReader::read_trailer(std::string_view& input) {
  const std::size_t before = held_.size();
  held_.append(input);
  switch (guard_.look(held_, k_trailer_limits)) {
    case HeadGuard::Verdict::more:
      input = {};
      return Verdict::more;
    case HeadGuard::Verdict::refused:
      return refuse(Refusal::bad_trailer);
    case HeadGuard::Verdict::complete:
      break;
  }
  input.remove_prefix(guard_.end() - before);
  held_.resize(guard_.field_count() > 0 ? guard_.end() : 0);
  state_ = State::complete;
  return Verdict::done;
}

}  // namespace gw::http
