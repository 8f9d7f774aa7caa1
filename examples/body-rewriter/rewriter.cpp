// SPDX-License-Identifier: Apache-2.0
// body-rewriter: replaces one text by another in answers as they pass, wherever their pieces are
// cut. It never holds more of a body than one byte less than the text that it looks for.
#include <gatewright/plugin.hpp>

#include "body-rewriter_schema.h"

namespace {

struct rewriter {
  static constexpr auto name = "body-rewriter";
  static constexpr int priority = 500;
  static constexpr auto schema = gw_schema;
  static constexpr uint32_t flags = GW_P_BODY_ASKED;

  struct request_state {
    std::string rest;  // the end of what came, where the text may have begun
  };

  explicit rewriter(gw::config c)
      : find(c.str("find")),
        replace(c.str("replace")),
        content_type(c.header_id("Content-Type")),
        encoding(c.header_id("Content-Encoding")),
        stale{c.header_id("ETag"), c.header_id("Content-MD5"), c.header_id("Digest"),
              c.header_id("Repr-Digest"), c.header_id("Accept-Ranges")} {}

  // Only text, and only as its author wrote it: what is compressed, or a part, stays as it is.
  gw::action on_response(gw::request r) const {
    const gw::headers head = r.response();
    if (head.header(content_type).substr(0, 5) != "text/") return gw::next;
    if (gw::present(head.header(encoding)) || r.status() == 206) return gw::next;
    if (r.body_mode(GW_RESPONSE, GW_BODY_MODIFY) != GW_OK) return gw::fail;
    for (const gw::hid each : stale) head.remove_header(each);  // they speak of other bytes
    r.state<request_state>().rest.clear();                      // of an answer that was dropped
    return gw::next;
  }

  gw::action on_response_body(gw::request r, gw::chunk c) const {
    std::string& rest = r.state<request_state>().rest;
    rest.append(c.bytes);
    size_t at = 0;
    for (size_t found; (found = rest.find(find, at)) != std::string::npos;) {
      r.emit(gw::view(rest).substr(at, found - at));
      r.emit(replace);
      at = found + find.size();
    }
    const size_t kept = c.last ? 0 : begun(gw::view(rest).substr(at));
    r.emit(gw::view(rest).substr(at, rest.size() - at - kept));
    rest.erase(0, rest.size() - kept);
    return gw::next;
  }

 private:
  // How many bytes at the end of `text` the wanted text may begin with.
  size_t begun(gw::view text) const {
    size_t n = text.size() < find.size() ? text.size() : find.size() - 1;
    while (n > 0 && text.substr(text.size() - n) != gw::view(find).substr(0, n)) --n;
    return n;
  }

  std::string find, replace;
  gw::hid content_type, encoding;
  gw::hid stale[5];
};

}  // namespace

GW_PLUGIN(rewriter)
