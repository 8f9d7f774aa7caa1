// SPDX-License-Identifier: Apache-2.0
// HttpCaller: HTTP calls of plugins (gw.http/1), as the plugin layer asks for them; the proxy
// implements it with its own connections and pool.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace gw::plugin {

struct HttpCall {
  std::string url;
  std::string method;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::uint32_t timeout_ms = 60000;
  std::uint64_t max_body = 1 << 20;
};

// Borrowed until the callback returns.
struct HttpAnswer {
  std::int32_t error = 0;  // GW_OK or GW_E_*
  int status = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  std::uint64_t ns_total = 0;
};

class HttpCaller {
 public:
  using Callback = std::function<void(const HttpAnswer&)>;
  // The id of the call, not 0. The callback comes once, never within this call. An error: the URL
  // is not usable.
  virtual Result<std::uint64_t> start(HttpCall call, Callback callback) = 0;
  // No callback afterwards. false: it has ended.
  virtual bool cancel(std::uint64_t id) = 0;
  // It runs to its end, and nobody is called back.
  virtual void abandon(std::uint64_t id) = 0;

 protected:
  ~HttpCaller() = default;
};

}  // namespace gw::plugin
