// SPDX-License-Identifier: Apache-2.0
#include "http/parser.hpp"

#include <llhttp.h>

#include <algorithm>
#include <iterator>

#include "base/check.hpp"
#include "base/text.hpp"
#include "http/target.hpp"

namespace gw::http {

namespace {

struct Sink {
  Fields* fields;
  Underscores underscores;
  std::string_view name;
};

bool shadows_known(std::string_view name) {
  char plain[64];  // longer names are interned by nobody who means a header of CGI
  if (name.size() > sizeof plain) return false;
  std::replace_copy(name.begin(), name.end(), plain, '_', '-');
  return find_header({plain, name.size()}) != HeaderId::none;
}

bool to_be_dropped(const Sink& sink, HeaderId id) {
  if (sink.underscores == Underscores::keep) return false;
  if (sink.underscores == Underscores::drop_known && id != HeaderId::none) return false;
  if (sink.name.find('_') == std::string_view::npos) return false;
  return sink.underscores == Underscores::drop || shadows_known(sink.name);
}

int on_name(llhttp_t* parser, const char* at, std::size_t n) noexcept {
  static_cast<Sink*>(parser->data)->name = {at, n};
  return 0;
}

int on_value(llhttp_t* parser, const char* at, std::size_t n) noexcept {
  auto& sink = *static_cast<Sink*>(parser->data);
  const HeaderId id = find_header(sink.name);
  if (!to_be_dropped(sink, id)) sink.fields->add(id, sink.name, trim({at, n}));
  return 0;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t the_settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = on_name;
    s.on_header_value = on_value;
    return s;
  }();
  return the_settings;
}

// A parser that has read a plain first line already. The guard has read the real one: llhttp knows
// a fixed list of methods and takes odd versions, so it only gets to see the fields.
llhttp_t after_first_line(llhttp_type_t type, std::string_view line) {
  llhttp_t parser;
  llhttp_init(&parser, type, &settings());
  check(llhttp_execute(&parser, line.data(), line.size()) == HPE_OK);
  return parser;
}

// Feeds the fields. What llhttp refuses has its name where it has one.
Refusal run_llhttp(llhttp_type_t type, std::uint8_t minor, std::string_view bytes, Fields& fields,
                   Underscores underscores = Underscores::keep) {
  static const llhttp_t prototypes[2][2] = {
      {after_first_line(HTTP_REQUEST, "POST / HTTP/1.0\r\n"),
       after_first_line(HTTP_REQUEST, "POST / HTTP/1.1\r\n")},
      {after_first_line(HTTP_RESPONSE, "HTTP/1.0 200 OK\r\n"),
       after_first_line(HTTP_RESPONSE, "HTTP/1.1 200 OK\r\n")},
  };
  llhttp_t parser = prototypes[type == HTTP_RESPONSE][minor];
  Sink sink{&fields, underscores, {}};
  parser.data = &sink;
  const llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  switch (error) {
    case HPE_OK:
    case HPE_PAUSED_UPGRADE:
      return Refusal::none;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      // llhttp 9 stops at a length behind a coding, 8 leaves it to us: it is the coding's fault.
      return fields.find(HeaderId::transfer_encoding) != nullptr ? Refusal::bad_transfer_encoding
                                                                 : Refusal::bad_content_length;
    case HPE_INVALID_TRANSFER_ENCODING:
      return Refusal::bad_transfer_encoding;
    default:
      return Refusal::parser;
  }
}

// The elements of a comma-separated field, until f answers false.
template <class F>
void each_element(const Fields& fields, HeaderId id, F&& f) {
  for (const Field* field = fields.find(id); field != nullptr && field != fields.end(); ++field) {
    if (field->id != id || field->removed()) continue;
    std::string_view rest = field->value();
    for (;;) {
      const auto comma = rest.find(',');
      if (!f(trim(rest.substr(0, comma)))) return;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

bool connection_lives(const Fields& fields, std::uint8_t minor) {
  if (!fields.has(HeaderId::connection)) return minor == 1;
  if (list_has(fields, HeaderId::connection, "close")) return false;
  return minor == 1 || list_has(fields, HeaderId::connection, "keep-alive");
}

// llhttp 8 takes no HTAB behind the values that frame a body, later versions do: nobody shall.
bool tab_behind(const Field& field) {
  const char* at = field.value_data + field.value_size;  // a CR comes, the head's own
  while (*at == ' ') ++at;
  return *at == '\t';
}

// RFC 9112 6.1, 6.2: exactly one way to tell where the body ends.
struct Framing {
  Refusal refusal = Refusal::none;
  bool chunked = false;
  bool has_length = false;
  std::uint64_t length = 0;
};

Framing read_framing(const Fields& fields, std::uint8_t minor) {
  Framing out;
  const Field* coding = fields.find(HeaderId::transfer_encoding);
  const Field* length = fields.find(HeaderId::content_length);
  if (coding != nullptr) {
    out.chunked = true;
    if (minor == 0 || length != nullptr || fields.repeated(HeaderId::transfer_encoding) ||
        !iequals(coding->value(), "chunked") || tab_behind(*coding))
      out.refusal = Refusal::bad_transfer_encoding;
  } else if (length != nullptr) {
    const auto value = to_u64(length->value());
    out.has_length = true;
    out.length = value.value_or(0);
    if (!value || *value > 0x7FFFFFFFFFFFFFFF || fields.repeated(HeaderId::content_length) ||
        tab_behind(*length))
      out.refusal = Refusal::bad_content_length;
  }
  return out;
}

Refusal check_host(RequestHead& head) {
  const Field* host = head.fields.find(HeaderId::host);
  if (host == nullptr) return head.minor == 0 ? Refusal::none : Refusal::bad_host;
  if (head.fields.repeated(HeaderId::host) || !is_authority(host->value()))
    return Refusal::bad_host;
  // RFC 9112 3.2.2: the absolute form's authority counts; one that differs from Host is a trick or
  // a mistake.
  if (!head.host.empty() && !iequals(head.host, host->value())) return Refusal::bad_host;
  head.host = host->value();
  return Refusal::none;
}

// RFC 9110 7.8: counts only where Connection names it. A list of several is an offer to choose
// from, which this gateway does not make for others.
std::string_view named_upgrade(const Fields& fields) {
  const Field* upgrade = fields.find(HeaderId::upgrade);
  if (upgrade == nullptr || fields.repeated(HeaderId::upgrade) ||
      !list_has(fields, HeaderId::connection, "upgrade"))
    return {};
  const auto slash = upgrade->value().find('/');
  const bool one =
      is_token(upgrade->value().substr(0, slash)) &&
      (slash == std::string_view::npos || is_token(upgrade->value().substr(slash + 1)));
  return one ? upgrade->value() : std::string_view{};
}

Refusal check_expectation(RequestHead& head) {
  if (!head.fields.has(HeaderId::expect)) return Refusal::none;
  for (const Field& field : head.fields)
    if (field.id == HeaderId::expect && !iequals(field.value(), "100-continue"))
      return Refusal::bad_expectation;
  head.expect_continue = head.minor == 1 && head.body != BodyKind::none;
  return Refusal::none;
}

// RFC 9110 6.5.1: what frames, routes, authenticates, or tells how to take the content is not for
// trailers, and whoever merges them into the header must find nothing there that was decided
// already. All well-known names but ETag are of that kind.
bool forbidden_in_trailers(HeaderId id, std::string_view name) {
  if (id != HeaderId::none && id < HeaderId::known_count) return id != HeaderId::etag;
  constexpr std::string_view k_names[] = {"age",
                                          "content-disposition",
                                          "content-language",
                                          "content-location",
                                          "content-range",
                                          "expires",
                                          "forwarded",
                                          "pragma",
                                          "proxy-authorization",
                                          "range",
                                          "www-authenticate"};
  constexpr std::string_view k_prefixes[] = {"if-",           "x-forwarded-",    "x-consumer-",
                                             "x-credential-", "access-control-", "sec-"};
  return std::any_of(std::begin(k_names), std::end(k_names),
                     [&](std::string_view each) { return iequals(each, name); }) ||
         std::any_of(std::begin(k_prefixes), std::end(k_prefixes), [&](std::string_view each) {
           return iequals(each, name.substr(0, each.size()));
         });
}

}  // namespace

bool list_has(const Fields& fields, HeaderId id, std::string_view token) {
  bool found = false;
  each_element(fields, id,
               [&](std::string_view element) { return !(found = iequals(element, token)); });
  return found;
}

Refusal parse_request(std::string_view bytes, const HeadGuard& guard, RequestHead& head,
                      Underscores underscores) {
  head.method_text = bytes.substr(guard.start(), guard.method_size());
  head.method = parse_method(head.method_text);
  head.target = bytes.substr(guard.start() + guard.method_size() + 1, guard.target_size());
  head.minor = guard.minor();
  head.fields.reserve(guard.field_count() + 12);
  const Refusal parsed = run_llhttp(HTTP_REQUEST, head.minor, bytes.substr(guard.fields_start()),
                                    head.fields, underscores);

  const Framing framing = read_framing(head.fields, head.minor);
  if (framing.refusal != Refusal::none) return framing.refusal;
  if (parsed != Refusal::none) return parsed;
  if (head.method == Method::connect || head.method == Method::trace)
    return Refusal::method_not_allowed;
  if (head.method_text == "PRI") return Refusal::bad_method;
  if (!split_target(head)) return Refusal::bad_target;
  const Refusal host = check_host(head);
  if (host != Refusal::none) return host;
  if (framing.chunked) head.body = BodyKind::chunked;
  if (framing.has_length && framing.length > 0) head.body = BodyKind::length;
  head.content_length = framing.length;
  head.keep_alive = connection_lives(head.fields, head.minor);
  if (head.minor == 1 && head.method == Method::get && head.body == BodyKind::none)
    head.upgrade = named_upgrade(head.fields);
  return check_expectation(head);
}

Refusal parse_response(std::string_view bytes, const HeadGuard& guard, Method asked,
                       ResponseHead& head) {
  head.status = guard.status();
  head.minor = guard.minor();
  const auto line = bytes.substr(guard.start(), guard.fields_start() - 2 - guard.start());
  head.reason = line.size() > 13 ? line.substr(13) : std::string_view{};
  head.fields.reserve(guard.field_count() + 12);
  const Refusal parsed =
      run_llhttp(HTTP_RESPONSE, head.minor, bytes.substr(guard.fields_start()), head.fields);
  const Framing framing = read_framing(head.fields, head.minor);
  if (framing.refusal != Refusal::none) return framing.refusal;
  if (parsed != Refusal::none) return parsed;
  head.keep_alive = connection_lives(head.fields, head.minor);
  head.has_content_length = framing.has_length;
  head.content_length = framing.length;
  if (head.status == 101) head.upgrade = named_upgrade(head.fields);
  // RFC 9112 6.3, 1.: whatever the fields say.
  if (asked == Method::head || head.status < 200 || head.status == 204 || head.status == 304) {
    head.body = BodyKind::none;
  } else if (framing.chunked) {
    head.body = BodyKind::chunked;
  } else if (framing.has_length) {
    head.body = framing.length > 0 ? BodyKind::length : BodyKind::none;
  } else {
    head.body = BodyKind::until_close;
    head.keep_alive = false;
  }
  return Refusal::none;
}

Refusal parse_trailers(std::string_view bytes, const HeadGuard& guard, Fields& fields) {
  fields.reserve(guard.field_count());
  std::string_view rest = bytes.substr(0, guard.end());
  while (rest.size() > 2) {
    const auto line = rest.substr(0, rest.find('\r'));
    rest.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const HeaderId id = find_header(name);
    if (!forbidden_in_trailers(id, name)) fields.add(id, name, trim(line.substr(colon + 1)));
  }
  return Refusal::none;
}

Fields* trailers_of(const BodyReader& body, Arena& arena) {
  if (body.trailers().empty()) return nullptr;
  auto* fields = new (arena.allocate(sizeof(Fields))) Fields(arena);
  parse_trailers(arena.copy(body.trailers()), body.trailer_guard(), *fields);
  return fields;
}

}  // namespace gw::http
