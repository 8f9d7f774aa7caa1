// SPDX-License-Identifier: Apache-2.0
// gw.http/1: calls of plugins, through the HttpCaller that the proxy is.
#include "http/writer.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/host.hpp"
#include "plugin/http_caller.hpp"
#include "plugin/worker_handle.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint32_t k_request_1_0 =
    offsetof(gw_http_request, max_body) + sizeof(gw_http_request::max_body);
constexpr std::uint32_t k_max_headers = 256;

std::string_view name_of(const gw_field& field) {
  const bool by_id = field.name.p == nullptr && field.id != 0 && field.id < http::header_count();
  return by_id ? http::header_name(http::HeaderId(field.id)) : from_abi(field.name);
}

// Why it cannot be started; empty: nothing is wrong with its form.
std::string_view fault_of(const gw_http_request* request, gw_http_cb callback) {
  if (request == nullptr || request->size < k_request_1_0) return "the request is not filled";
  if (callback == nullptr) return "there is no callback";
  if (request->flags != 0) return "flags is not 0";
  if (request->nheaders > k_max_headers) return "more than 256 headers";
  if (request->nheaders > 0 && request->headers == nullptr) return "headers is NULL";
  for (std::uint32_t i = 0; i < request->nheaders; ++i)
    if (http::is_connection_field(http::find_header(name_of(request->headers[i]))))
      return "Host, Content-Length and what belongs to a connection are the host's";
  return {};
}

HttpCall to_call(const gw_http_request& request) {
  HttpCall call;
  call.url = from_abi(request.url);
  call.method = request.method.p != nullptr ? std::string(from_abi(request.method)) : "GET";
  for (std::uint32_t i = 0; i < request.nheaders; ++i)
    call.headers.emplace_back(name_of(request.headers[i]), from_abi(request.headers[i].value));
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
  if (const auto fault = fault_of(request, callback); !fault.empty())
    return set_error(error, GW_E_INVALID, fault), 0;
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
