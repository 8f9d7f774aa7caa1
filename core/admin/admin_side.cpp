// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_side.hpp"

#include "admin/upstream_health.hpp"
#include "base/text.hpp"
#include "http/date.hpp"

namespace gw::admin {

class AdminSide::Exchange final : public http::ServerExchange {
 public:
  Exchange(net::Loop& loop, AdminSide& side) : ServerExchange(loop.blocks()), side_(side) {}

  void on_request() override {
    if (side_.side_ == Side::admin && plugin::is_plugin_request(request.path)) {
      if (request.body == http::BodyKind::none) return answer_plugin();
      return stream->start_body();
    }
    const bool writes = request.method == http::Method::put || request.method == http::Method::post;
    if (side_.side_ == Side::admin && writes && is_health_change(request.path))
      return answer(change_health(request.path, side_.source_()));
    if (is_readable())
      return answer(make_page(side_.side_, request.path, request.query, side_.source_()));
    response.fields.add(http::HeaderId::allow, "GET, HEAD");
    answer(message(405, "Method not allowed"));
  }
  void on_body(std::string_view bytes, bool last) override {
    body_ += bytes;
    if (last) answer_plugin();
  }
  void on_body_refused(int status, std::string_view code) override {
    answer(message(status, code));
  }
  void on_writable() override { end(); }
  void on_client_gone(std::string_view) override { side_.give(*this); }

  void clear() {
    request.clear();
    response.clear();
    arena.reset();
    page_ = {};
    body_.clear();
  }

 private:
  static Page message(int status, std::string_view text) {
    return {status, "application/json; charset=utf-8", cat(R"({"message":")", text, R"("})"), {}};
  }
  bool is_readable() const {
    return request.method == http::Method::get || request.method == http::Method::head;
  }
  void answer_plugin() {
    answer(plugin_page({request.method_text, request.path, request.query, request.fields, body_},
                       side_.source_()));
  }
  void answer(Page page) {
    page_ = std::move(page);
    response.status = page_.status;
    response.reason = http::reason_phrase(page_.status);
    response.fields.add(http::HeaderId::server, "gatewright");
    response.fields.add(http::HeaderId::content_type, page_.type);
    for (const auto& [name, value] : page_.headers)
      response.fields.add(http::find_header(name), name, value);
    const bool head = request.method == http::Method::head;
    const auto kind = head || page_.body.empty() ? http::BodyKind::none : http::BodyKind::length;
    stream->send_head(response, {kind, page_.body.size(), true}, page_.body, true);
    if (stream->flushed()) end();
  }
  void end() {
    http::ServerStream* client = stream;
    side_.give(*this);
    client->done();
  }

  AdminSide& side_;
  Page page_;
  std::string body_;  // of a request to a plugin
};

AdminSide::AdminSide(net::Loop& loop, Side side, StateSource source)
    : loop_(loop), side_(side), source_(std::move(source)) {}

AdminSide::~AdminSide() = default;

http::ServerExchange& AdminSide::take() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Exchange>(loop_, *this));
    free_.push_back(all_.back().get());
  }
  Exchange& exchange = *free_.back();
  free_.pop_back();
  return exchange;
}

void AdminSide::give(http::ServerExchange& exchange) {
  auto& mine = static_cast<Exchange&>(exchange);
  mine.clear();
  free_.push_back(&mine);
}

void AdminSide::refuse(http::ServerConnection& connection, http::Refusal refusal) {
  const int status = http::refusal_status(refusal);
  const std::string body = cat(R"({"message":")", http::reason_code(refusal), R"("})");
  connection.answer_and_close(
      cat("HTTP/1.1 ", status, " ", http::reason_phrase(status),
          "\r\nDate: ", http::http_date(loop_.unix_ns() / 1000000000u),
          "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ", body.size(),
          "\r\nConnection: close\r\n\r\n", body));
}

http::ServerLimits AdminSide::limits() {
  http::ServerLimits limits;
  limits.header_timeout = limits.body_timeout = limits.send_timeout = 10000;
  limits.max_body = GW_ADMIN_BODY_MAX;
  return limits;
}

}  // namespace gw::admin
