// SPDX-License-Identifier: Apache-2.0
// gw.http/1: calls of plugins, through the HttpCaller that the proxy is.
#include "plugin/breadcrumb.hpp"
#include "plugin/host.hpp"
#include "plugin/http_caller.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

namespace {

HttpCall to_call(const gw_http_request& request) {
  HttpCall call;
  call.url = from_abi(request.url);
  call.method = request.method.p != nullptr ? std::string(from_abi(request.method)) : "GET";
  for (std::uint32_t i = 0; i < request.nheaders; ++i)
    call.headers.emplace_back(from_abi(request.headers[i].name),
                              from_abi(request.headers[i].value));
  call.body = from_abi(request.body);
  if (request.timeout_ms > 0) call.timeout_ms = request.timeout_ms;
  if (request.max_body > 0) call.max_body = request.max_body;
  return call;
}

void deliver(gw_worker& worker, gw_http_cb callback, void* ud, const HttpAnswer& answer) {
  std::vector<gw_field> headers;
  for (const auto& [name, value] : answer.headers)
    headers.push_back({to_abi(name), to_abi(value), 0, 0});
  gw_http_result result{};
  result.size = sizeof result;
  result.err = answer.error;
  result.http_status = answer.status;
  result.nheaders = std::uint32_t(headers.size());
  result.headers = headers.data();
  result.body = to_abi(answer.body);
  result.ns_total = answer.ns_total;
  const Breadcrumb crumb(worker.host, worker.plugin, shared::Where::callback);
  callback(&worker, &result, ud);
}

gw_handle start_call(gw_worker* worker, const gw_http_request* request, gw_http_cb callback,
                     void* ud, gw_error* error) noexcept {
  HttpCaller* http = worker->host.environment().http;
  if (http == nullptr)
    return set_error(error, GW_E_UNSUPPORTED, "HTTP calls are not possible here"), 0;
  auto id = std::make_shared<std::uint64_t>(0);
  auto started =
      http->start(to_call(*request), [worker, callback, ud, id](const HttpAnswer& answer) {
        worker->calls.erase(*id);
        deliver(*worker, callback, ud, answer);
      });
  if (!started.ok()) return set_error(error, GW_E_INVALID, started.error().text), 0;
  *id = started.value();
  worker->calls.emplace(*id, true);
  return *id;
}

gw_status cancel_call(gw_worker* worker, gw_handle call) noexcept {
  if (worker->calls.erase(call) == 0) return GW_E_NOTFOUND;
  worker->host.environment().http->cancel(call);
  return GW_OK;
}

}  // namespace

const gw_http_api k_http_api{sizeof(gw_http_api), 0, start_call, cancel_call};

}  // namespace gw::plugin
