// SPDX-License-Identifier: Apache-2.0
// Parsing of heads: llhttp takes the fields apart, the guard has looked at the bytes before, and
// the rules of RFC 9110 and 9112 that need the whole head (Host, framing, target, expectation) are
// held here. The only place with llhttp.
#pragma once

#include <string_view>

#include "http/body_reader.hpp"
#include "http/head_guard.hpp"
#include "http/message.hpp"

namespace gw::http {

// What becomes of fields with `_` in their names. CGI, WSGI and others take it for `-`: such a
// field would be another one there. drop_known: those that would be a name that is interned go.
enum class Underscores : std::uint8_t { drop_known, drop, keep };

// `bytes` are the head as the guard completed it, in the message's arena; the head's slices point
// into them.
Refusal parse_request(std::string_view bytes, const HeadGuard& guard, RequestHead& head,
                      Underscores underscores = Underscores::drop_known);

// What was asked decides whether an answer has a body.
Refusal parse_response(std::string_view bytes, const HeadGuard& guard, Method asked,
                       ResponseHead& head);

// Fields of a trailer section that the guard completed; those that may not stand there (RFC
// 9110 6.5.1) are left out.
Refusal parse_trailers(std::string_view bytes, const HeadGuard& guard, Fields& fields);
// Those of a body that is complete, in the arena; null when it has none.
Fields* trailers_of(const BodyReader& body, Arena& arena);

// Whether a comma-separated list in any of the fields of this name holds the token.
bool list_has(const Fields& fields, HeaderId id, std::string_view token);

}  // namespace gw::http
