// SPDX-License-Identifier: Apache-2.0
// HttpCalls: HTTP calls of plugins, over the worker's pool and resolver. Owned by the worker; one
// loop's.
#pragma once

#include <map>
#include <memory>

#include "config/snapshot.hpp"
#include "plugin/http_caller.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

class HttpCalls final : public plugin::HttpCaller {
 public:
  explicit HttpCalls(Worker& worker);
  ~HttpCalls();
  HttpCalls(const HttpCalls&) = delete;
  HttpCalls& operator=(const HttpCalls&) = delete;

  // url: http[s]://host[:port][/path][?query]; the host may be the name of an upstream.
  Result<std::uint64_t> start(plugin::HttpCall call, Callback callback) override;
  bool cancel(std::uint64_t id) override;
  void abandon(std::uint64_t id) override;
  std::size_t running() const { return calls_.size(); }
  // Told when the last of them has ended; null: nobody.
  void (*on_idle)(void* context) = nullptr;
  void* on_idle_context = nullptr;

 private:
  class Call;
  Worker& worker_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
  std::unique_ptr<Call> ended_;  // the last one: it may still be on the stack
};

}  // namespace gw::proxy
