// SPDX-License-Identifier: Apache-2.0
#include "http/error_page.hpp"

#include <cstdlib>

#include "base/text.hpp"
#include "http/message.hpp"

namespace gw::http {

namespace {

void append_markup(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

void append_json(std::string& out, const ErrorPage& page) {
  out += "{\n  \"message\":";
  append_json_string(out, page.message);
  out += ",\n  \"request_id\":";
  append_json_string(out, page.request_id);
  out += "\n}";
}

void append_problem(std::string& out, const ErrorPage& page) {
  out += "{\"type\":\"about:blank\",\"title\":";
  append_json_string(out, reason_phrase(page.status));
  append(out, ",\"status\":");
  append(out, page.status);
  out += ",\"detail\":";
  append_json_string(out, page.message);
  out += ",\"code\":";
  append_json_string(out, page.code);
  out += ",\"request_id\":";
  append_json_string(out, page.request_id);
  out += "}";
}

void append_html(std::string& out, const ErrorPage& page) {
  out +=
      "<!doctype html>\n<html>\n  <head>\n    <meta charset=\"utf-8\">\n    <title>Error</title>\n "
      " </head>\n";
  out += "  <body>\n    <h1>Error</h1>\n    <p>";
  append_markup(out, page.message);
  out += ".</p>\n    <p>request_id: ";
  append_markup(out, page.request_id);
  out += "</p>\n  </body>\n</html>\n";
}

void append_xml(std::string& out, const ErrorPage& page) {
  out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>\n  <message>";
  append_markup(out, page.message);
  out += "</message>\n  <requestid>";
  append_markup(out, page.request_id);
  out += "</requestid>\n</error>";
}

// The format that one element of Accept asks for; false: none of ours.
bool format_of(std::string_view type, ErrorFormat fallback, ErrorFormat& out) {
  if (iequals(type, "application/json")) return out = ErrorFormat::json, true;
  if (iequals(type, "application/problem+json")) return out = ErrorFormat::problem_json, true;
  if (iequals(type, "text/html") || iequals(type, "application/xhtml+xml"))
    return out = ErrorFormat::html, true;
  if (iequals(type, "text/plain")) return out = ErrorFormat::plain, true;
  if (iequals(type, "application/xml") || iequals(type, "text/xml"))
    return out = ErrorFormat::xml, true;
  if (iequals(type, "application/*")) return out = ErrorFormat::json, true;
  if (iequals(type, "text/*")) return out = ErrorFormat::plain, true;
  return type == "*/*" ? (out = fallback, true) : false;
}

// q of a media range with parameters; 1 when there is none.
double quality(std::string_view element) {
  for (const auto parameter : split(element, ';')) {
    if (parameter.size() > 2 && to_lower(parameter[0]) == 'q' && parameter[1] == '=')
      return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
  }
  return 1;
}

}  // namespace

ErrorFormat choose_format(std::string_view accept, ErrorFormat fallback) {
  ErrorFormat best = fallback;
  double best_quality = 0;
  if (accept.empty()) return fallback;
  for (const auto element : split(accept, ',')) {
    ErrorFormat format;
    if (!format_of(trim(element.substr(0, element.find(';'))), fallback, format)) continue;
    const double q = quality(element);
    if (q > best_quality) {
      best = format;
      best_quality = q;
    }
  }
  return best;
}

std::string_view content_type(ErrorFormat format) {
  switch (format) {
    case ErrorFormat::json:
      return "application/json; charset=utf-8";
    case ErrorFormat::html:
      return "text/html; charset=utf-8";
    case ErrorFormat::xml:
      return "application/xml; charset=utf-8";
    case ErrorFormat::problem_json:
      return "application/problem+json";
    case ErrorFormat::plain:
      break;
  }
  return "text/plain; charset=utf-8";
}

void append_page(std::string& out, ErrorFormat format, const ErrorPage& page) {
  switch (format) {
    case ErrorFormat::json:
      return append_json(out, page);
    case ErrorFormat::html:
      return append_html(out, page);
    case ErrorFormat::xml:
      return append_xml(out, page);
    case ErrorFormat::problem_json:
      return append_problem(out, page);
    case ErrorFormat::plain:
      break;
  }
  out += page.message;
  out += "\nrequest_id: ";
  out += page.request_id;
}

void append_plain_message(std::string& out, std::string_view message) {
  out += "{\"message\":";
  append_json_string(out, message);
  out += '}';
}

std::string_view default_message(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 408:
      return "Request timeout";
    case 411:
      return "Length required";
    case 413:
      return "Payload too large";
    case 414:
      return "URI too long";
    case 417:
      return "Expectation failed";
    case 426:
      return "Please use HTTPS protocol";
    case 429:
      return "Too many requests";
    case 431:
      return "Request header or cookie too large";
    case 500:
      return "An unexpected error occurred";
    case 502:
      return "An invalid response was received from the upstream server";
    case 503:
      return "The upstream server is currently unavailable";
    case 504:
      return "The upstream server is timing out";
    default: {
      const auto phrase = reason_phrase(status);
      return phrase.empty() ? "An unexpected error occurred" : phrase;
    }
  }
}

}  // namespace gw::http
