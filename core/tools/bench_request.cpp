// SPDX-License-Identifier: Apache-2.0
#include "tools/bench_request.hpp"

#include "base/text.hpp"
#include "plugin/bodies.hpp"
#include "plugin/generation.hpp"

namespace gw::tools {

using plugin::Outcome;
using plugin::Phase;

BenchRequest::BenchRequest(net::Loop& loop, const Bench& wanted)
    : wanted_(wanted),
      path_(wanted.target.substr(0, wanted.target.find('?'))),
      bodies_{std::string(wanted.request_body, 'q'), std::string(wanted.answer_body, 'a')},
      arena_(loop.blocks()),
      request_(arena_),
      response_(arena_),
      seen_(arena_, request_, response_, *this) {
  if (path_.size() < wanted.target.size()) query_ = wanted.target.substr(path_.size() + 1);
  for (const auto& header : wanted.headers) {
    const auto colon = header.find(':');
    const std::string name(trim(header.substr(0, colon)));
    headers_.push_back(
        {http::intern_header(name), name, std::string(trim(header.substr(colon + 1)))});
  }
}

void BenchRequest::begin(plugin::Generation& generation) {
  request_.clear();
  response_.clear();
  seen_.clear();
  arena_.reset();
  request_.method_text = wanted_.method;
  request_.method = http::parse_method(wanted_.method);
  request_.target = wanted_.target;
  request_.path = path_;
  if (path_.size() < wanted_.target.size()) request_.query = query_;
  request_.host = "bench.test";
  request_.fields.add(http::find_header("host"), "Host", request_.host);
  for (const auto& header : headers_) request_.fields.add(header.id, header.name, header.value);
  request_.content_length = bodies_[GW_REQUEST].size();
  request_.body = bodies_[GW_REQUEST].empty() ? http::BodyKind::none : http::BodyKind::length;
  auto& facts = seen_.facts;
  facts.request_id = "00112233445566778899aabbccddeeff";
  facts.raw_target = request_.target;
  facts.path = request_.path;
  facts.query = request_.query;
  facts.client_ip = facts.peer_ip = "203.0.113.7";
  facts.forwarded_scheme = "http";
  facts.forwarded_host = request_.host;
  facts.start_unix_ns = 1'700'000'000'000'000'000;
  seen_.generation = &generation;
  seen_.clocked = runs_++ % plugin::PluginClock::k_every == 0;
  seen_.chain = &generation.chain(config::k_none);
  went_upstream_ = false;
}

Outcome BenchRequest::run(plugin::Generation& generation) {
  begin(generation);
  Outcome outcome = plugin::run_phase(seen_, Phase::rewrite);
  if (outcome == Outcome::next) {
    const auto& entities = generation.snapshot().entities;
    seen_.facts.route = &entities.routes[0];
    seen_.facts.service = &entities.services[0];
    seen_.chain = &generation.chain(0);
    outcome = plugin::run_phase(seen_, Phase::request);
    while (outcome == Outcome::wait_body) {
      seen_.flows[GW_REQUEST]->push(bodies_[GW_REQUEST], true);
      outcome = plugin::resume_phase(seen_);
    }
  }
  if (outcome == Outcome::next) outcome = go_upstream();
  if (outcome == Outcome::next || outcome == Outcome::respond) outcome = answer();
  plugin::finish(seen_);
  return outcome;
}

Outcome BenchRequest::go_upstream() {
  const Outcome outcome = plugin::run_upstream(seen_, 0);
  if (outcome != Outcome::next) return outcome;
  went_upstream_ = true;
  seen_.request_head_sent = true;
  return bodies_[GW_REQUEST].empty()
             ? Outcome::next
             : pass_body(plugin::stream_request_body(seen_), bodies_[GW_REQUEST]);
}

Outcome BenchRequest::answer() {
  status_ = went_upstream_ ? 200 : seen_.reply.status;
  response_.status = status_;
  response_.fields.add(http::find_header("content-type"), "Content-Type", "text/plain");
  Outcome outcome = plugin::run_phase(seen_, Phase::response);
  if (outcome != Outcome::next) return outcome;
  status_ = response_.status;
  if (went_upstream_ && !bodies_[GW_RESPONSE].empty()) {
    auto* flow =
        plugin::begin_response_body(seen_, http::BodyKind::length, bodies_[GW_RESPONSE].size());
    outcome = pass_body(flow, bodies_[GW_RESPONSE]);
  }
  seen_.response_head_sent = true;
  return outcome;
}

// All of it in one piece; null: it passes no plugin.
Outcome BenchRequest::pass_body(plugin::BodyFlow* flow, std::string_view bytes) {
  if (flow == nullptr) return Outcome::next;
  flow->push(bytes, true);
  for (;;) {
    const Outcome outcome = flow->run(seen_);
    if (outcome != Outcome::next) return outcome;
    const bool last = flow->front().last;
    flow->pop(flow->front().bytes.size());
    if (last) return Outcome::next;
  }
}

std::string BenchRequest::summary() const {
  return went_upstream_ ? "went upstream" : cat("was answered with ", status_);
}

}  // namespace gw::tools
