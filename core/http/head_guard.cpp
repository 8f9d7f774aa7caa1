// SPDX-License-Identifier: Apache-2.0
#include "http/head_guard.hpp"

#include <array>
#include <cstring>

#include "http/header_names.hpp"

namespace gw::http {

namespace {

struct RefusalText {
  std::string_view code;
  int status;
};

constexpr std::array k_refusals{
    RefusalText{"none", 400},
    RefusalText{"bad_request_line", 400},
    RefusalText{"bad_method", 400},
    RefusalText{"bad_target", 400},
    RefusalText{"bad_version", 505},
    RefusalText{"bad_line_end", 400},
    RefusalText{"bad_field_name", 400},
    RefusalText{"bad_field_value", 400},
    RefusalText{"folded_field", 400},
    RefusalText{"too_many_empty_lines", 400},
    RefusalText{"request_line_too_long", 414},
    RefusalText{"header_too_large", 431},
    RefusalText{"too_many_fields", 431},
    RefusalText{"bad_host", 400},
    RefusalText{"bad_content_length", 400},
    RefusalText{"bad_transfer_encoding", 400},
    RefusalText{"bad_expectation", 417},
    RefusalText{"bad_chunk", 400},
    RefusalText{"bad_trailer", 400},
    RefusalText{"bad_status_line", 400},
    RefusalText{"method_not_allowed", 405},
    RefusalText{"header_timeout", 408},
    RefusalText{"bad_message", 400},
};
static_assert(k_refusals.size() == std::size_t(Refusal::parser) + 1);

// Targets: visible ASCII without the delimiters that no URI may hold. Browsers send `\^{|}` and
// backtick raw in queries, so those are refused in paths only (target.hpp).
constexpr std::array<bool, 256> make_target_bytes() {
  std::array<bool, 256> out{};
  for (std::size_t c = 0x21; c < 0x7F; ++c) out[c] = true;
  for (const unsigned char c : std::string_view{"\"<>#"}) out[std::size_t(c)] = false;
  return out;
}
constexpr auto k_target_bytes = make_target_bytes();

// "HTTP/1.0" and "HTTP/1.1" only; -1 for anything else.
int parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  return text == "HTTP/1.0" ? 0 : -1;
}

bool looks_like_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.' && text[5] >= '0' &&
         text[5] <= '9' && text[7] >= '0' && text[7] <= '9';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view reason_code(Refusal refusal) { return k_refusals[std::size_t(refusal)].code; }

int refusal_status(Refusal refusal) { return k_refusals[std::size_t(refusal)].status; }

HeadGuard::Verdict HeadGuard::look(std::string_view bytes, const HeadLimits& limits) {
  for (;;) {
    const auto* lf = static_cast<const char*>(
        scanned_ < bytes.size()
            ? std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_)
            : nullptr);
    const Refusal over =
        over_limit(lf != nullptr ? std::size_t(lf - bytes.data()) : bytes.size(), limits);
    if (over != Refusal::none) return refuse(over);
    if (lf == nullptr) {
      if (has_lone_cr(bytes)) return refuse(Refusal::bad_line_end);
      scanned_ = std::uint32_t(bytes.size());
      return Verdict::more;
    }
    const auto at = std::uint32_t(lf - bytes.data());
    const std::string_view line = bytes.substr(line_, at - line_);
    line_ = scanned_ = at + 1;
    if (line.empty() || line.back() != '\r') return refuse(Refusal::bad_line_end);
    if (line.size() == 1 && (first_done_ || kind_ == Kind::trailer)) return Verdict::complete;
    const Refusal bad = check_line(line.substr(0, line.size() - 1), limits);
    if (bad != Refusal::none) return refuse(bad);
  }
}

// In a line whose end has not come: a CR that something else than LF follows. Said at once, so that
// nobody waits for the line's end.
bool HeadGuard::has_lone_cr(std::string_view bytes) const {
  const std::uint32_t from = scanned_ > line_ ? scanned_ - 1 : line_;
  const auto cr = bytes.find('\r', from);
  return cr != std::string_view::npos && cr + 1 < bytes.size();
}

Refusal HeadGuard::over_limit(std::size_t have, const HeadLimits& limits) const {
  if (!first_done_ && kind_ == Kind::request && have - start_ > limits.first_line)
    return Refusal::request_line_too_long;
  return have > limits.size ? Refusal::header_too_large : Refusal::none;
}

Refusal HeadGuard::check_line(std::string_view line, const HeadLimits& limits) {
  if (!first_done_ && kind_ != Kind::trailer) {
    if (line.empty()) {  // RFC 9112 2.2: one may stand before a request
      start_ = line_;
      return kind_ == Kind::request && empty_lines_++ == 0 ? Refusal::none
                                                           : Refusal::too_many_empty_lines;
    }
    first_done_ = true;
    fields_ = line_;
    return kind_ == Kind::request ? check_request_line(line) : check_status_line(line);
  }
  if (++count_ > limits.fields) return Refusal::too_many_fields;
  if (line[0] == ' ' || line[0] == '\t') return Refusal::folded_field;
  const std::size_t colon = token_size(line);
  if (colon == 0 || colon == line.size() || line[colon] != ':') return Refusal::bad_field_name;
  return is_field_value(line.substr(colon + 1)) ? Refusal::none : Refusal::bad_field_value;
}

Refusal HeadGuard::check_request_line(std::string_view line) {
  const auto method_end = line.find(' ');
  if (method_end == std::string_view::npos) return Refusal::bad_request_line;
  if (!is_token(line.substr(0, method_end))) return Refusal::bad_method;
  const std::string_view rest = line.substr(method_end + 1);
  std::size_t target_end = 0;
  while (target_end < rest.size() && k_target_bytes[(unsigned char)rest[target_end]]) ++target_end;
  if (target_end == 0 || target_end == rest.size()) return Refusal::bad_request_line;
  if (rest[target_end] != ' ') return Refusal::bad_target;
  const std::string_view version = rest.substr(target_end + 1);
  const int minor = parse_version(version);
  if (minor < 0)
    return looks_like_version(version) ? Refusal::bad_version : Refusal::bad_request_line;
  method_size_ = std::uint32_t(method_end);
  target_size_ = std::uint32_t(target_end);
  minor_ = std::uint8_t(minor);
  return Refusal::none;
}

Refusal HeadGuard::check_status_line(std::string_view line) {
  const int minor = parse_version(line.substr(0, 8));
  if (minor < 0 || line.size() < 12 || line[8] != ' ') return Refusal::bad_status_line;
  if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]))
    return Refusal::bad_status_line;
  // RFC 9112 4: the space before an empty reason must be sent, but many leave it away; nobody reads
  // it otherwise.
  if (line.size() > 12 && line[12] != ' ') return Refusal::bad_status_line;
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (status_ < 100 || status_ > 599) return Refusal::bad_status_line;
  minor_ = std::uint8_t(minor);
  return is_field_value(line.substr(12)) ? Refusal::none : Refusal::bad_status_line;
}

}  // namespace gw::http
