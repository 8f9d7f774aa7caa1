// SPDX-License-Identifier: Apache-2.0
// Text on its way from a request into an attribute of a span. Protobuf strings are UTF-8, and most
// collectors refuse a whole batch for one byte that is not, while a path, a query or a header may
// hold any bytes; so all that came from outside passes clean_text(). Lengths are bounded here too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace otel {

// Longer values are cut: what a client sends must not decide how much memory a span takes.
inline constexpr std::size_t k_attribute_limit = 1024;

// The text, cut at k_attribute_limit on a character's edge, with U+FFFD for each byte that is not
// valid UTF-8. The result is the argument's memory or, if it had to be changed, scratch's.
[[nodiscard]] std::string_view clean_text(std::string_view text, std::string& scratch);

// Appends a query with the values of keys that carry signatures replaced by REDACTED: the list of
// the semantic conventions (AWSAccessKeyId, Signature, sig, X-Goog-Signature).
void append_redacted_query(std::string& out, std::string_view query);

struct HostPort {
  std::string_view host;  // without brackets
  std::int64_t port = -1;
};
// Takes "example.com:8080", "[::1]:80", "example.com" apart.
[[nodiscard]] HostPort split_host(std::string_view authority);

}  // namespace otel
