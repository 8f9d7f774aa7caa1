// SPDX-License-Identifier: Apache-2.0
// Answers of our own: what plugins gave to respond(), and error pages. They join the exchange at
// header_filter.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace gw::proxy {

using http::HeaderId;

namespace {

// RFC 9110 6.4.1: these never have a body.
bool bodyless(int status) { return status == 204 || status == 304; }

}  // namespace

void Exchange::forget_answer() {
  if (answer_flow != nullptr) plugin::forget_response_body(seen);
  answer_flow = nullptr;
  response.clear();
  framing = {};
  first = {};
  held.clear();
  trailers = nullptr;
  sending = unfiltered = local = tunnel = last = head_pending = held_last = false;
  note_held();
}

void Exchange::make_page(int status, std::string_view type, http::ServerStream::Body body) {
  forget_answer();
  local = true;
  seen.facts.flags |= GW_F_LOCAL_REPLY;
  response.status = status;
  response.reason = http::reason_phrase(status);
  if (!type.empty()) response.fields.add(HeaderId::content_type, type);
  framing = body;
  first = page;
  last = head_pending = true;
}

void Exchange::make_error(const Failure& failure) {
  page.clear();
  // A redirect to https has its Location only.
  const bool redirect = failure.status >= 300 && failure.status < 400;
  std::string_view type;
  if (!redirect) {
    const auto format =
        http::choose_format(request.fields.get(HeaderId::accept),
                            failure.json ? http::ErrorFormat::json : runtime->error_format());
    type = http::content_type(format);
    const auto message =
        failure.message.data() != nullptr ? failure.message : http::default_message(failure.status);
    http::append_page(page, format, {failure.status, message, failure.code, seen.facts.request_id});
  }
  const auto kind = page.empty() ? http::BodyKind::none : http::BodyKind::length;
  make_page(failure.status, type, {kind, page.size(), true});
}

void Exchange::make_reply(const plugin::Reply& reply) {
  page.clear();
  std::string_view type = reply.content_type;
  if ((reply.flags & GW_NO_BODY) != 0 || bodyless(reply.status)) {
    type = {};
  } else if (reply.body.data() != nullptr) {
    page = reply.body;
    if (type.data() == nullptr) type = http::content_type(http::ErrorFormat::json);
  } else {
    const auto message =
        reply.message.data() != nullptr ? reply.message : http::default_message(reply.status);
    auto format =
        http::choose_format(request.fields.get(HeaderId::accept), http::ErrorFormat::json);
    if ((reply.flags & GW_PLAIN_JSON) != 0) {
      format = http::ErrorFormat::json;
      http::append_plain_message(page, message);
    } else {
      http::append_page(page, format, {reply.status, message, reply.code, seen.facts.request_id});
    }
    type = http::content_type(format);
  }
  const auto kind = page.empty() ? http::BodyKind::none : http::BodyKind::length;
  make_page(reply.status, type, {kind, page.size(), !bodyless(reply.status)});
  for (std::uint32_t i = 0; i < reply.header_count; ++i) {
    const auto& header = reply.headers[i];
    if (header.id == HeaderId::content_type)  // there is one
      response.fields.remove(HeaderId::content_type);
    response.fields.add(header.id, header.name, header.value);
  }
}

}  // namespace gw::proxy
