// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "gatewright/checking.hpp"
#include "world.hpp"

namespace gw::test {

exchange::exchange(host& h, std::vector<instance*> chain, request_spec spec)
    : host_(h), spec_(std::move(spec)), handle_(h.internals().handles.emplace_back()) {
  handle_.v = static_cast<const gw_req_api*>(h.internals().offered("the gw_req_api", &k_req_api));
  handle_.owner = this;
  for (instance* plugin : chain) {
    auto l = std::make_unique<link>();
    l->plugin = plugin;
    l->self.inst = plugin->raw();
    l->self.worker = plugin->worker(spec_.worker);
    l->self.worker_state = plugin->worker_state(spec_.worker);
    if (plugin->desc().req_state_size != 0) {
      l->state = std::make_unique<char[]>(plugin->desc().req_state_size);
      l->self.req_state = l->state.get();
    }
    chain_.push_back(std::move(l));
  }
  add_fields(fields_[GW_REQUEST], spec_.headers);
  const size_t mark = spec_.target.find('?');
  texts_[GW_METHOD] = spec_.method;
  texts_[GW_SCHEME] = texts_[GW_FORWARDED_SCHEME] = "http";
  texts_[GW_PATH] = texts_[GW_UPSTREAM_PATH] = spec_.target.substr(0, mark);
  if (mark != std::string::npos) texts_[GW_QUERY] = spec_.target.substr(mark + 1);
  texts_[GW_RAW_TARGET] = spec_.target;
  texts_[GW_HOST] = request_header("host").value_or("test.local");
  texts_[GW_CLIENT_IP] = texts_[GW_PEER_IP] = texts_[GW_SERVER_IP] = "127.0.0.1";
  texts_[GW_REQUEST_ID] = "0123456789abcdef0123456789abcdef";
  numbers_[GW_FLAGS] = 0;
  numbers_[GW_HTTP_MINOR] = 1;
  numbers_[GW_START_UNIX_NS] = static_cast<int64_t>(h.unix_ns());
  numbers_[GW_CONTENT_LENGTH] = static_cast<int64_t>(spec_.body.size());
  numbers_[GW_SERVER_PORT] = numbers_[GW_FORWARDED_PORT] = 8000;
  numbers_[GW_CONNECTION_SERIAL] = numbers_[GW_CONNECTION_REQUESTS] = 1;
}

exchange::~exchange() {
  finish();
  checking::end_request(&handle_);
}

void exchange::add_fields(std::list<field>& to, const field_list& from) {
  for (const auto& [name, value] : from)
    to.push_back({name, lower_case(name), value, host_.internals().header_id(name)});
}

void exchange::enter(uint32_t phase) {
  phase_ = phase;
  at_ = 0;
  body_turn_ = stopped_ = false;
  drive();
}

// Calls the links one after the other from at_ on, until one of them pauses or ends the phase.
void exchange::drive() {
  while (at_ < chain_.size() && !stopped_) {
    link& l = *chain_[at_];
    settle(l, body_turn_ ? call_body(l, GW_PHASE_REQUEST_BODY, spec_.body, true) : call(l));
    if (paused()) return;
  }
  const bool request_over = phase_ == GW_PHASE_REQUEST;
  if (phase_ == GW_PHASE_REWRITE && !stopped_)
    enter(GW_PHASE_REQUEST);
  else if (request_over && !stopped_)
    after_request();
}

gw_action exchange::call(link& l) {
  const gw_plugin_desc& d = l.plugin->desc();
  l.self.phase = phase_;
  const auto fn = phase_ == GW_PHASE_REWRITE   ? d.on_rewrite
                  : phase_ == GW_PHASE_REQUEST ? d.on_request
                                               : d.on_response;
  if (fn == nullptr) return GW_CONTINUE;
  l.ran = true;
  return fn(&handle_, &l.self);
}

gw_action exchange::call_body(link& l, uint32_t phase, const std::string& bytes, bool last) {
  const gw_plugin_desc& d = l.plugin->desc();
  const auto fn = phase == GW_PHASE_REQUEST_BODY ? d.on_request_body : d.on_response_body;
  if (fn == nullptr) return GW_CONTINUE;
  l.self.phase = phase;
  l.ran = true;
  const std::string copy = bytes;  // what the plugin keeps of it too long is seen by a sanitizer
  const gw_chunk c{reinterpret_cast<const uint8_t*>(copy.data()), copy.size(),
                   last ? uint32_t{GW_LAST} : 0};
  return fn(&handle_, &l.self, &c);
}

void exchange::settle(link& l, gw_action action) {
  if (action != GW_PAUSE && token_ != 0) {
    host_.internals().paused.erase(token_);
    token_ = 0;
  }
  switch (action) {
    case GW_CONTINUE:
      body_turn_ = !body_turn_ && l.wants_body && phase_ == GW_PHASE_REQUEST;
      if (!body_turn_) ++at_;
      return;
    case GW_PAUSE:
      if (token_ != 0) return;
      break;  // without a token: a failure
    case GW_RESPOND:
      if (reply_) return begin_local_answer(reply_->status);
      break;
    default:
      break;
  }
  reply_.reset();
  begin_local_answer(500);
}

void exchange::begin_local_answer(int status) {
  stopped_ = local_ = true;
  body_turn_ = false;
  numbers_[GW_STATUS] = status;
  numbers_[GW_FLAGS] |= GW_F_LOCAL_REPLY;
  if (phase_ == GW_PHASE_RESPONSE) fields_[GW_RESPONSE].clear();
  if (reply_) add_fields(fields_[GW_RESPONSE], reply_->headers);
}

void exchange::after_request() {
  stream(GW_PHASE_REQUEST_BODY, spec_.body);
  phase_ = GW_PHASE_UPSTREAM;
  for (auto& l : chain_) {
    if (stopped_ || l->plugin->desc().on_upstream == nullptr) continue;
    l->self.phase = phase_;
    l->ran = true;
    const gw_action action = l->plugin->desc().on_upstream(&handle_, &l->self, 0);
    if (action != GW_CONTINUE) settle(*l, action);
  }
}

void exchange::stream(uint32_t phase, const std::string& body) {
  phase_ = phase;
  const size_t step = host_.internals().piece_size(spec_.chunk_size, body.size());
  size_t at = 0;
  do {
    const std::string piece = body.substr(at, step);
    at += piece.size();
    for (auto& l : chain_) {
      if (phase == GW_PHASE_REQUEST_BODY && l->wants_body) continue;
      const gw_action action = call_body(*l, phase, piece, at == body.size());
      if (action != GW_CONTINUE && !stopped_) settle(*l, action);
    }
  } while (at < body.size());
}

void exchange::start() {
  if (phase_ != GW_PHASE_NONE) throw std::logic_error("the exchange was started already");
  enter(GW_PHASE_REWRITE);
}

void exchange::answer(int status, const field_list& headers, const std::string& body) {
  if (paused()) throw std::logic_error("the exchange is paused");
  if (!local_) {
    add_fields(fields_[GW_RESPONSE], headers);
    numbers_[GW_STATUS] = numbers_[GW_UPSTREAM_STATUS] = status;
  }
  enter(GW_PHASE_RESPONSE);
  if (paused()) return;
  const std::string local = reply_ && reply_->body ? *reply_->body : "";
  stream(GW_PHASE_RESPONSE_BODY, local_ ? local : body);
}

void exchange::finish() {
  if (finished_) return;
  finished_ = true;
  if (paused()) check_pause();
  host_.internals().paused.erase(token_);
  phase_ = GW_PHASE_LOG;
  for (auto& l : chain_) {
    if (l->plugin->desc().on_log == nullptr || l->plugin->raw() == nullptr) continue;
    l->self.phase = GW_PHASE_LOG;
    l->ran = true;
    l->plugin->desc().on_log(&handle_, &l->self);
  }
  // Slots first: what stands in them may be part of a plugin's state.
  for (auto& [id, cell] : slots_)
    if (cell.drop != nullptr) cell.drop(cell.value);
  for (auto& l : chain_)
    if (l->ran && l->plugin->desc().req_free != nullptr) l->plugin->desc().req_free(&l->self);
}

exchange& exchange::run(int status, const field_list& headers, const std::string& body) {
  start();
  host_.turn();
  answer(status, headers, body);
  host_.turn();
  finish();
  return *this;
}

void exchange::resume(int64_t value) {
  link& l = *chain_.at(at_);
  token_ = 0;
  settle(l, l.plugin->desc().on_resume == nullptr
                ? gw_action{GW_CONTINUE}
                : l.plugin->desc().on_resume(&handle_, &l.self, value));
  if (!paused()) drive();
}

void exchange::cancel() {
  link& l = *chain_.at(at_);
  token_ = 0;
  if (l.plugin->desc().on_cancel != nullptr) l.plugin->desc().on_cancel(&handle_, &l.self);
  reply_.reset();
  begin_local_answer(504);
}

void exchange::check_pause() const {
  const instance& plugin = *chain_.at(at_)->plugin;
  if (host_.internals().has_pending(plugin)) return;
  host_.internals().broke(plugin.desc(), "pause", checking::phase_name(phase_),
                          "nobody can end this pause: no timer or call of the plugin is under way");
}

void exchange::drop_client() {
  if (paused()) {
    host_.internals().paused.erase(token_);
    texts_[GW_ABORT_REASON] = "client_gone";
    cancel();
  }
  finish();
}

int exchange::status() const {
  const auto it = numbers_.find(GW_STATUS);
  return it == numbers_.end() ? 0 : static_cast<int>(it->second);
}

std::optional<std::string> exchange::query() const {
  const auto it = texts_.find(GW_QUERY);
  return it == texts_.end() ? std::nullopt : std::make_optional(it->second);
}

std::string exchange::text_or_empty(uint32_t what) const {
  const auto it = texts_.find(what);
  return it == texts_.end() ? "" : it->second;
}

std::optional<std::string> exchange::request_header(const std::string& name) const {
  return joined(fields_[GW_REQUEST], name);
}

std::optional<std::string> exchange::response_header(const std::string& name) const {
  return joined(fields_[GW_RESPONSE], name);
}

std::optional<std::string> exchange::joined(const std::list<field>& fields,
                                            const std::string& name) const {
  std::optional<std::string> out;
  for (const field& f : fields)
    if (f.lower == lower_case(name)) out = out ? *out + ", " + f.value : f.value;
  return out;
}

const void* exchange::slot_value(const std::string& name) const {
  const auto& shapes = host_.internals().slots;
  const auto shape = shapes.find(name);
  if (shape == shapes.end()) return nullptr;
  const auto cell = slots_.find(shape->second.id);
  return cell == slots_.end() ? nullptr : cell->second.value;
}

}  // namespace gw::test
