// SPDX-License-Identifier: Apache-2.0
// A request to what the plugin mounts below /plugin-api/NAME/ on the admin side, and its answer.
// Both live as long as the call.
#pragma once

#include "gatewright/cpp/value.hpp"

namespace gw {

class admin_request {
 public:
  explicit admin_request(const gw_admin_request* raw) : raw_(raw) {}
  view method() const { return to_view(raw_->method); }
  view path() const { return to_view(raw_->path); }    // below the mount: "/", "/keys/1"
  view query() const { return to_view(raw_->query); }  // raw
  view body() const { return to_view(raw_->body); }
  // First value of a field; name in lower case.
  view header(view name) const {
    for (uint32_t i = 0; i < raw_->nheaders; ++i)
      if (same_name(to_view(raw_->headers[i].name), name)) return to_view(raw_->headers[i].value);
    return {};
  }

 private:
  const gw_admin_request* raw_;
};

class page {
 public:
  page(gw_page* raw, const gw_page_api* api) : raw_(raw), api_(api) {}
  page& status(int32_t status) { return api_->status(raw_, status), *this; }
  page& content_type(view type) { return api_->content_type(raw_, to_str(type)), *this; }
  page& write(view bytes) { return api_->write(raw_, to_str(bytes)), *this; }
  gw_status header(view name, view value) {
    return api_->header(raw_, to_str(name), to_str(value));
  }

 private:
  gw_page* raw_;
  const gw_page_api* api_;
};

}  // namespace gw
