// SPDX-License-Identifier: Apache-2.0
// HeadGuard: the strict look at the bytes of a head before any parser believes them; the one home
// of such checks. It finds the head's end and refuses what parsers disagree about: bare CR or LF,
// folded lines, blanks before the colon, empty or odd names, control bytes, a malformed first line,
// sizes over their limits (RFC 9112 2.2, 3, 5; RFC 9110 5). Incremental: bytes may come in pieces,
// what was looked at is not looked at again.
#pragma once

#include <cstdint>
#include <string_view>

namespace gw::http {

// Why a message is refused. The names stand in error bodies, logs and counters (reason_code).
enum class Refusal : std::uint8_t {
  none,
  bad_request_line,
  bad_method,
  bad_target,
  bad_version,
  bad_line_end,
  bad_field_name,
  bad_field_value,
  folded_field,
  too_many_empty_lines,
  request_line_too_long,
  header_too_large,
  too_many_fields,
  bad_host,
  bad_content_length,
  bad_transfer_encoding,
  bad_expectation,
  bad_chunk,
  bad_trailer,
  bad_status_line,
  method_not_allowed,
  header_timeout,
  parser,  // llhttp refused what the guard let pass
};
// "bad_request_line"…
std::string_view reason_code(Refusal refusal);
// The status to answer a refused request with.
int refusal_status(Refusal refusal);

struct HeadLimits {
  std::uint32_t first_line = 16384;  // bytes
  std::uint32_t size = 32768;        // bytes, first line and fields
  std::uint32_t fields = 100;
};

class HeadGuard {
 public:
  enum class Kind : std::uint8_t { request, response, trailer };
  enum class Verdict : std::uint8_t { more, complete, refused };

  void reset(Kind kind) {
    *this = HeadGuard{};
    kind_ = kind;
  }
  // `bytes` is everything from the message's first byte on; what was given before comes again in
  // front. REQUIRES: the last verdict was `more`.
  Verdict look(std::string_view bytes, const HeadLimits& limits);

  // After complete.
  std::uint32_t start() const {
    return start_;
  }  // of the first line (an empty line may stand before it)
  std::uint32_t fields_start() const { return fields_; }  // of the first field
  std::uint32_t end() const { return line_; }             // behind the empty line
  std::uint32_t field_count() const { return count_; }
  // Of a request: the three parts of its first line.
  std::uint32_t method_size() const { return method_size_; }
  std::uint32_t target_size() const { return target_size_; }
  std::uint8_t minor() const { return minor_; }
  int status() const { return status_; }

  Refusal refusal() const { return refusal_; }

 private:
  Verdict refuse(Refusal why) {
    refusal_ = why;
    return Verdict::refused;
  }
  Refusal check_line(std::string_view line, const HeadLimits& limits);
  Refusal check_request_line(std::string_view line);
  Refusal check_status_line(std::string_view line);
  bool has_lone_cr(std::string_view bytes) const;
  Refusal over_limit(std::size_t have, const HeadLimits& limits) const;

  Kind kind_ = Kind::request;
  bool first_done_ = false;
  std::uint8_t empty_lines_ = 0;
  std::uint8_t minor_ = 1;
  Refusal refusal_ = Refusal::none;
  std::uint32_t start_ = 0;
  std::uint32_t fields_ = 0;
  std::uint32_t line_ = 0;     // start of the line that is being looked at
  std::uint32_t scanned_ = 0;  // no LF before this place
  std::uint32_t count_ = 0;
  std::uint32_t method_size_ = 0;
  std::uint32_t target_size_ = 0;
  int status_ = 0;
};

}  // namespace gw::http
