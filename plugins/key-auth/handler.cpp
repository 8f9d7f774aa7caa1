// SPDX-License-Identifier: Apache-2.0
// key-auth: API keys in a header, the query or the body. The first of the enabled places that holds
// a name decides, in the order of the names, even if what it holds is no key.
#include "arguments.hpp"
#include "config.hpp"
#include "gatewright/auth.hpp"
#include "json_object.hpp"
#include "key-auth_schema.h"
#include "request_body.hpp"

namespace key_auth {
namespace {

constexpr gw_collection_desc k_credentials = {sizeof(gw_collection_desc), 0, "keyauth_credentials",
                                              gw_schema_keyauth_credentials, "key"};

// A larger body is not looked into.
constexpr int64_t k_body_limit = 1 << 20;
constexpr RequestBody k_no_body;

// How the search ended: at which name, with what.
struct Search {
  const KeyName* name = nullptr;
  Finding found;
  gw::view header;            // the key, when it was there: borrowed, not in found.text
  bool body_decides = false;  // and it was not read yet

  gw::view key() const { return gw::present(header) ? header : gw::view(found.text); }
};

struct Handler {
  static constexpr auto name = "key-auth";
  static constexpr int priority = 1250;
  static constexpr auto version = "1.0.0";
  static constexpr uint32_t flags = GW_P_SECURITY | GW_P_AUTH | GW_P_NO_CONSUMER | GW_P_BODY_ASKED;
  static constexpr auto schema = gw_schema;
  static constexpr const gw_collection_desc* collections[] = {&k_credentials};

  explicit Handler(gw::config c)
      : config_(c),
        auth_(c),
        credentials_(c.collection(k_credentials.name)),
        content_type_(c.header_id("content-type")) {
    const gw_credential* entry = nullptr;
    for (uint32_t i = 0; (entry = credentials_.at(i)) != nullptr; ++i)
      if (find_member(gw::to_view(entry->json), "ttl").kind != Finding::Kind::none)
        throw gw::config_error(gw::join("keyauth_credentials ", gw::to_view(entry->id),
                                        ": \"ttl\" needs a database, which Gatewright has not"));
  }

  gw::action on_request(gw::request r) const {
    if (!config_.run_on_preflight && r.method() == "OPTIONS") return gw::next;
    if (auth_.settled(r)) return gw::next;
    const int64_t length = r.number(GW_CONTENT_LENGTH);  // -1: not known
    const bool readable =
        config_.in_body && length != 0 && length <= k_body_limit &&
        RequestBody::format_of(r.header(content_type_)) != RequestBody::Format::unknown;
    const Search s = search(r, k_no_body, readable);
    // A key that was in the head is hidden in the body too, but no request fails for that: a body
    // of unknown length, which may turn out too large, is left as it is.
    const bool hides =
        readable && length > 0 && config_.hide_credentials && s.found.kind == Finding::Kind::text;
    if (!s.body_decides && !hides) return settle(r, s, k_no_body);
    return r.body_mode(GW_REQUEST, GW_BODY_BUFFER, k_body_limit) == GW_OK ? gw::next : gw::fail;
  }

  gw::action on_request_body(gw::request r, gw::chunk whole) const {
    const RequestBody body(r.header(content_type_), whole.bytes);
    return settle(r, search(r, body, false), body);
  }

 private:
  // unread: there is a body besides that `body` doesn't hold.
  Search search(gw::request r, const RequestBody& body, bool unread) const {
    Search s;
    for (const KeyName& key : config_.key_names) {
      s.name = &key;
      find(r, s);
      if (s.found.kind == Finding::Kind::none) {
        s.body_decides = unread;
        if (unread) return s;
        s.found = body.find(key.name);
      }
      if (s.found.kind == Finding::Kind::text || s.found.kind == Finding::Kind::duplicate) return s;
    }
    return s;
  }

  void find(gw::request r, Search& s) const {
    s.found = {};
    if (config_.in_header) {
      gw_str values[2];
      const uint32_t n = r.request_headers().all(s.name->header, values, 2);
      if (n > 1) s.found.kind = Finding::Kind::duplicate;
      if (n == 1) s.found.kind = Finding::Kind::text;
      if (n == 1) s.header = gw::to_view(values[0]);
    }
    if (config_.in_query && s.found.kind == Finding::Kind::none && gw::present(r.query()))
      s.found = find_argument(r.query(), s.name->name);
  }

  gw::action settle(gw::request r, const Search& s, const RequestBody& body) const {
    if (s.found.kind == Finding::Kind::duplicate)
      return refuse(r, "duplicate_key", "Duplicate API key found");
    const bool has_text = s.found.kind == Finding::Kind::text;
    const bool has_key = has_text && !s.key().empty();
    const gw_credential* credential = has_key ? credentials_.lookup(s.key()) : nullptr;
    if (has_text && config_.hide_credentials) hide(r, *s.name, body);  // s.key() ends here
    if (!has_key) return refuse(r, "missing_key", "No API key found in request");
    if (credential == nullptr) return refuse(r, "unknown_key", "Unauthorized");
    auth_.authenticate(r, credential->consumer, *credential);
    return gw::next;
  }

  void hide(gw::request r, const KeyName& name, const RequestBody& body) const {
    r.remove_header(name.header);
    const gw::view query = r.query();
    if (gw::present(query) && find_argument(query, name.name).kind != Finding::Kind::none) {
      const std::string rest = without_argument(query, name.name);
      r.set(GW_QUERY, rest.empty() ? gw::view() : gw::view(rest));
    }
    if (body.find(name.name).kind != Finding::Kind::none) r.emit(body.without(name.name));
  }

  gw::action refuse(gw::request r, gw::view code, gw::view message) const {
    return auth_.refuse(r, gw::reply(401).code(code).message(message).header("WWW-Authenticate",
                                                                             config_.challenge));
  }

  Config config_;
  gw::authenticator auth_;
  gw::collection credentials_;
  gw::hid content_type_;
};

}  // namespace
}  // namespace key_auth

GW_PLUGIN(key_auth::Handler)
