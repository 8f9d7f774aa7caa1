// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <algorithm>
#include <cctype>

namespace reference {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == text.npos;
}

constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_hex = "0123456789abcdefABCDEF";
constexpr std::string_view k_token =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view k_name =
    "-._~!$&'()*+;=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_token(std::string_view text) { return !text.empty() && all_of(text, k_token); }

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && c != '\t') || byte == 127;
  });
}

std::string trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// Lines up to the empty one; false when a CR or LF stands alone, or the empty line is not there.
bool split_lines(std::string_view bytes, std::vector<std::string_view>& lines, std::size_t& end) {
  for (std::size_t at = 0;;) {
    const auto stop = bytes.find_first_of("\r\n", at);
    if (stop == bytes.npos || bytes.substr(stop, 2) != "\r\n") return false;
    const auto line = bytes.substr(at, stop - at);
    at = stop + 2;
    if (line.empty()) return end = at, true;
    lines.push_back(line);
  }
}

bool read_fields(const std::vector<std::string_view>& lines, Head& head) {
  for (const auto line : lines) {
    const auto colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) return false;
    if (!is_clean(line.substr(colon + 1))) return false;
    head.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return true;
}

bool tab_at_end(const std::vector<std::string_view>& lines, std::string_view name) {
  for (const auto line : lines) {
    const auto colon = line.find(':');
    if (lower(line.substr(0, colon)) != name) continue;
    const auto last = line.find_last_not_of(" \t");
    if (last > colon && line.find('\t', last) != line.npos) return true;
  }
  return false;
}

bool read_framing(const std::vector<std::string_view>& lines, Head& head) {
  const auto codings = head.all("transfer-encoding");
  const auto lengths = head.all("content-length");
  if (tab_at_end(lines, "transfer-encoding") || tab_at_end(lines, "content-length")) return false;
  if (!codings.empty()) {
    head.body = Body::chunked;
    return codings.size() == 1 && lower(codings[0]) == "chunked" && lengths.empty() &&
           head.minor == 1;
  }
  if (lengths.empty()) return true;
  if (lengths.size() > 1 || lengths[0].empty() || !all_of(lengths[0], k_digits)) return false;
  for (const char c : lengths[0]) {
    if (head.length > (INT64_MAX - std::uint64_t(c - '0')) / 10) return false;
    head.length = head.length * 10 + std::uint64_t(c - '0');
  }
  head.body = Body::length;
  return true;
}

bool is_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (k_name.find(text[i]) != k_name.npos) continue;
    if (text[i] != '%' || text.size() - i < 3 || !all_of(text.substr(i + 1, 2), k_hex))
      return false;
    if (all_of(text.substr(i + 1, 1), "01234567")) return false;
    i += 2;
  }
  return !text.empty();
}

bool is_port(std::string_view text) {
  if (!all_of(text, k_digits)) return false;
  while (text.starts_with('0')) text.remove_prefix(1);
  return text.empty() || text.size() < 5 || (text.size() == 5 && text <= "65535");
}

bool is_authority(std::string_view text) {
  std::string_view host = text, port;
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  if (colon != text.npos && (bracket == text.npos || colon > bracket)) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (!is_port(port)) return false;
  if (!host.starts_with('[')) return is_name(host);
  if (host.size() < 4 || !host.ends_with(']')) return false;
  const auto inner = host.substr(1, host.size() - 2);
  return all_of(inner, "0123456789abcdefABCDEF:.") && inner.find(':') != inner.npos;
}

bool path_fits(std::string_view target) {
  return target.substr(0, target.find('?')).find_first_of("^`{|}") == target.npos;
}

// The target's form, and Host with it.
bool read_target(Head& head) {
  const auto hosts = head.all("host");
  if (hosts.size() > 1 || (hosts.empty() && head.minor == 1)) return false;
  if (!hosts.empty() && !is_authority(hosts[0])) return false;
  const std::string_view target = head.target;
  if (target == "*") return head.method == "OPTIONS";
  if (target.starts_with('/')) return path_fits(target);
  const auto scheme_end = target.find("://");
  if (scheme_end == target.npos) return false;
  const auto scheme = lower(target.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return false;
  const auto rest = target.substr(scheme_end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (!is_authority(authority) || (!hosts.empty() && lower(authority) != lower(hosts[0])))
    return false;
  return path_fits(rest.substr(authority.size()));
}

bool read_request_line(std::string_view line, Head& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  head.minor = version == "HTTP/1.0" ? 0 : 1;
  if (!is_token(head.method) || (version != "HTTP/1.0" && version != "HTTP/1.1")) return false;
  return !head.target.empty() && std::all_of(head.target.begin(), head.target.end(), [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("\"<>#").find(c) == std::string_view::npos;
  });
}

bool read_status_line(std::string_view line, Head& head) {
  if (line.size() < 12 || (!line.starts_with("HTTP/1.0 ") && !line.starts_with("HTTP/1.1 ")))
    return false;
  head.minor = line[7] - '0';
  if (!all_of(line.substr(9, 3), k_digits)) return false;
  head.status = std::stoi(std::string(line.substr(9, 3)));
  if (head.status < 100 || head.status > 599) return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  if (line.size() > 13) head.reason = line.substr(13);
  return is_clean(line.substr(12));
}

bool expectations_hold(const Head& head) {
  const auto all = head.all("expect");
  return std::all_of(all.begin(), all.end(),
                     [](const std::string& value) { return lower(value) == "100-continue"; });
}

bool fill_request(std::vector<std::string_view> lines, Head& head) {
  if (lines.empty() || !read_request_line(lines[0], head)) return false;
  lines.erase(lines.begin());
  if (head.method == "CONNECT" || head.method == "TRACE" || head.method == "PRI") return false;
  if (!read_fields(lines, head) || !read_framing(lines, head)) return false;
  if (head.length == 0 && head.body == Body::length) head.body = Body::none;
  return read_target(head) && expectations_hold(head);
}

}  // namespace

std::vector<std::string> Head::all(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [field, value] : fields)
    if (lower(field) == name) out.push_back(value);
  return out;
}

Head read_request(std::string_view bytes) {
  Head head;
  const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
  std::vector<std::string_view> lines;
  head.ended = split_lines(bytes.substr(skipped), lines, head.end);
  head.end += skipped;
  head.valid = head.ended && fill_request(lines, head);
  return head;
}

Head read_response(std::string_view bytes, std::string_view asked) {
  Head head;
  std::vector<std::string_view> lines;
  head.ended = split_lines(bytes, lines, head.end);
  if (!head.ended || lines.empty() || !read_status_line(lines[0], head)) return head;
  lines.erase(lines.begin());
  head.body = Body::until_close;
  if (!read_fields(lines, head) || !read_framing(lines, head)) return head;
  head.valid = true;
  if (asked == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304 ||
      (head.body == Body::length && head.length == 0))
    head.body = Body::none;
  return head;
}

Chunks read_chunks(std::string_view bytes) {
  Chunks out;
  for (std::size_t at = 0;;) {
    const auto stop = bytes.find_first_of("\r\n", at);
    if (stop == bytes.npos || bytes.substr(stop, 2) == "\r") return out;  // more, if it is sound
    out.end = Chunks::End::bad;
    if (bytes.substr(stop, 2) != "\r\n") return out;
    const auto line = bytes.substr(at, stop - at);
    const auto size_text = line.substr(0, line.find(';'));
    const auto extension = line.substr(std::min(size_text.size() + 1, line.size()));
    if (size_text.empty() || size_text.size() > 16 || !all_of(size_text, k_hex)) return out;
    if (!is_clean(extension) || extension.size() > 256) return out;
    const std::uint64_t size = std::stoull(std::string(size_text), nullptr, 16);
    if (size > INT64_MAX) return out;
    at = stop + 2;
    if (size == 0) {
      Head trailer;
      std::vector<std::string_view> lines;
      std::size_t end = 0;
      if (!split_lines(bytes.substr(at), lines, end) || !read_fields(lines, trailer)) return out;
      out.end = Chunks::End::done;
      out.used = at + end;
      return out;
    }
    out.end = Chunks::End::more;
    out.body += bytes.substr(at, std::min<std::uint64_t>(size, bytes.size() - at));
    if (bytes.size() - at < size + 2) return out;
    at += size;
    if (bytes.substr(at, 2) != "\r\n") return out.end = Chunks::End::bad, out;
    at += 2;
  }
}

}  // namespace reference
