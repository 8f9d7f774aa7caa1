// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <algorithm>
#include <array>

namespace gw::http {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

// RFC 9110 15, by status.
constexpr std::array k_phrases{Phrase{100, "Continue"},
                               Phrase{101, "Switching Protocols"},
                               Phrase{103, "Early Hints"},
                               Phrase{200, "OK"},
                               Phrase{201, "Created"},
                               Phrase{202, "Accepted"},
                               Phrase{203, "Non-Authoritative Information"},
                               Phrase{204, "No Content"},
                               Phrase{205, "Reset Content"},
                               Phrase{206, "Partial Content"},
                               Phrase{300, "Multiple Choices"},
                               Phrase{301, "Moved Permanently"},
                               Phrase{302, "Found"},
                               Phrase{303, "See Other"},
                               Phrase{304, "Not Modified"},
                               Phrase{307, "Temporary Redirect"},
                               Phrase{308, "Permanent Redirect"},
                               Phrase{400, "Bad Request"},
                               Phrase{401, "Unauthorized"},
                               Phrase{402, "Payment Required"},
                               Phrase{403, "Forbidden"},
                               Phrase{404, "Not Found"},
                               Phrase{405, "Method Not Allowed"},
                               Phrase{406, "Not Acceptable"},
                               Phrase{408, "Request Timeout"},
                               Phrase{409, "Conflict"},
                               Phrase{410, "Gone"},
                               Phrase{411, "Length Required"},
                               Phrase{412, "Precondition Failed"},
                               Phrase{413, "Content Too Large"},
                               Phrase{414, "URI Too Long"},
                               Phrase{415, "Unsupported Media Type"},
                               Phrase{416, "Range Not Satisfiable"},
                               Phrase{417, "Expectation Failed"},
                               Phrase{421, "Misdirected Request"},
                               Phrase{422, "Unprocessable Content"},
                               Phrase{425, "Too Early"},
                               Phrase{426, "Upgrade Required"},
                               Phrase{428, "Precondition Required"},
                               Phrase{429, "Too Many Requests"},
                               Phrase{431, "Request Header Fields Too Large"},
                               Phrase{451, "Unavailable For Legal Reasons"},
                               Phrase{500, "Internal Server Error"},
                               Phrase{501, "Not Implemented"},
                               Phrase{502, "Bad Gateway"},
                               Phrase{503, "Service Unavailable"},
                               Phrase{504, "Gateway Timeout"},
                               Phrase{505, "HTTP Version Not Supported"}};

}  // namespace

void RequestHead::clear() {
  fields.clear();
  method = Method::other;
  method_text = target = path = query = host = {};
  minor = 1;
  keep_alive = true;
  expect_continue = false;
  upgrade = {};
  body = BodyKind::none;
  content_length = 0;
}

void ResponseHead::clear() {
  fields.clear();
  status = 0;
  reason = {};
  minor = 1;
  keep_alive = true;
  body = BodyKind::none;
  content_length = 0;
  has_content_length = false;
  upgrade = {};
}

Method parse_method(std::string_view text) {
  switch (text.size()) {
    case 3:
      if (text == "GET") return Method::get;
      if (text == "PUT") return Method::put;
      break;
    case 4:
      if (text == "HEAD") return Method::head;
      if (text == "POST") return Method::post;
      break;
    case 5:
      if (text == "PATCH") return Method::patch;
      if (text == "TRACE") return Method::trace;
      break;
    case 6:
      if (text == "DELETE") return Method::delete_;
      break;
    case 7:
      if (text == "OPTIONS") return Method::options;
      if (text == "CONNECT") return Method::connect;
      break;
    default:
      break;
  }
  return Method::other;
}

std::string_view reason_phrase(int status) {
  const auto found =
      std::lower_bound(k_phrases.begin(), k_phrases.end(), status,
                       [](const Phrase& phrase, int wanted) { return phrase.status < wanted; });
  return found != k_phrases.end() && found->status == status ? found->text : std::string_view{""};
}

}  // namespace gw::http
