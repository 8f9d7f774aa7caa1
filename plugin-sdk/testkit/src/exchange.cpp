// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <utility>

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
    if (!body_turn_) {
      if (!settle(call(l))) break;
      body_turn_ = phase_ == GW_PHASE_REQUEST && std::exchange(l.has_body_turn, false);
      if (body_turn_) place_up_to(l);
    }
    if (body_turn_) run_body(GW_REQUEST);
    if (paused() || stopped_) break;
    body_turn_ = false;
    ++at_;
  }
  if (paused() || stopped_) return;
  if (phase_ == GW_PHASE_REWRITE)
    enter(GW_PHASE_REQUEST);
  else if (phase_ == GW_PHASE_REQUEST)
    after_request();
  else if (phase_ == GW_PHASE_RESPONSE)
    stream_response();
}

gw_action exchange::call(link& l) {
  const gw_plugin_desc& d = l.plugin->desc();
  l.self.phase = allowed_ = phase_;
  const auto fn = phase_ == GW_PHASE_REWRITE   ? d.on_rewrite
                  : phase_ == GW_PHASE_REQUEST ? d.on_request
                                               : d.on_response;
  if (fn == nullptr) return GW_CONTINUE;
  l.ran = true;
  return fn(&handle_, &l.self);
}

bool exchange::settle(gw_action action) {
  if (action != GW_PAUSE && token_ != 0) {
    host_.internals().paused.erase(token_);
    token_ = 0;
  }
  switch (action) {
    case GW_CONTINUE:
      return true;
    case GW_PAUSE:
      if (token_ != 0) return false;
      break;  // without a token: a failure
    case GW_RESPOND:
      if (reply_) return begin_local_answer(reply_->status), false;
      break;
    case GW_REDISPATCH:
      if (!redispatch_) break;
      stopped_ = true;
      redispatched_.push_back(*std::exchange(redispatch_, std::nullopt));
      return false;
    default:
      break;
  }
  reply_.reset();
  begin_local_answer(500);
  return false;
}

void exchange::begin_local_answer(int status) {
  const bool early = phase_ != GW_PHASE_RESPONSE;
  stopped_ = local_ = true;
  numbers_[GW_STATUS] = status;
  numbers_[GW_FLAGS] |= GW_F_LOCAL_REPLY;
  if (!early) fields_[GW_RESPONSE].clear();
  if (reply_) add_fields(fields_[GW_RESPONSE], reply_->headers);
  if (early) return;
  answer_body_ = reply_ && reply_->body ? *reply_->body : "";
  if (in_body_ != uint32_t{GW_RESPONSE}) return stream_response();
  flows_[GW_RESPONSE] = {};  // what comes of a body is shown to nobody
  flows_[GW_RESPONSE].out = answer_body_;
}

void exchange::after_request() {
  for (auto& l : chain_) place(GW_REQUEST, *l);
  begin_body(GW_REQUEST, spec_.body);
  run_body(GW_REQUEST);
  if (!paused() && !stopped_) run_upstream();
}

void exchange::run_upstream() {
  phase_ = GW_PHASE_UPSTREAM;
  const auto attempt = static_cast<uint32_t>(redispatched_.size());
  for (auto& l : chain_) {
    if (stopped_ || l->plugin->desc().on_upstream == nullptr) continue;
    l->self.phase = allowed_ = phase_;
    l->ran = true;
    settle(l->plugin->desc().on_upstream(&handle_, &l->self, attempt));
  }
}

void exchange::start() {
  if (phase_ != GW_PHASE_NONE) throw std::logic_error("the exchange was started already");
  enter(GW_PHASE_REWRITE);
}

void exchange::answer(int status, const field_list& headers, const std::string& body) {
  if (paused()) throw std::logic_error("the exchange is paused");
  const size_t sent = redispatched_.size();
  fields_[GW_RESPONSE].clear();
  if (local_) {
    if (reply_) add_fields(fields_[GW_RESPONSE], reply_->headers);
  } else {
    add_fields(fields_[GW_RESPONSE], headers);
    numbers_[GW_STATUS] = numbers_[GW_UPSTREAM_STATUS] = status;
  }
  answer_body_ = !local_ ? body : reply_ && reply_->body ? *reply_->body : "";
  flows_[GW_RESPONSE] = {};
  for (auto& l : chain_) l->body[GW_RESPONSE].placed = false;
  enter(GW_PHASE_RESPONSE);
  if (redispatched_.size() == sent) return;
  stopped_ = false;
  run_upstream();
}

void exchange::finish() {
  if (finished_) return;
  finished_ = true;
  if (paused()) check_pause();
  host_.internals().paused.erase(token_);
  phase_ = allowed_ = GW_PHASE_LOG;
  for (auto& l : chain_) {
    if (l->plugin->desc().on_log == nullptr || l->plugin->raw() == nullptr) continue;
    l->self.phase = GW_PHASE_LOG;
    l->ran = true;
    l->plugin->desc().on_log(&handle_, &l->self);
  }
  release_lent();
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
  link& l = paused_link();
  token_ = 0;
  const gw_action action = l.plugin->desc().on_resume == nullptr
                               ? gw_action{GW_CONTINUE}
                               : l.plugin->desc().on_resume(&handle_, &l.self, value);
  if (in_body_) {
    settle_body(*in_body_, action);
    if (!paused() && !stopped_) go_on();
    return;
  }
  if (!settle(action)) return;
  body_turn_ = phase_ == GW_PHASE_REQUEST && std::exchange(l.has_body_turn, false);
  if (body_turn_)
    place_up_to(l);
  else
    ++at_;
  drive();
}

void exchange::cancel() {
  link& l = paused_link();
  token_ = 0;
  if (l.plugin->desc().on_cancel != nullptr) l.plugin->desc().on_cancel(&handle_, &l.self);
  reply_.reset();
  begin_local_answer(504);
  in_body_.reset();
}

exchange::link& exchange::paused_link() const {
  if (!in_body_) return *chain_.at(at_);
  const auto& flow = flows_[*in_body_];
  return *flow.stages[flow.given->stage].l;
}

void exchange::check_pause() const {
  const instance& plugin = *paused_link().plugin;
  if (host_.internals().has_pending(plugin)) return;
  host_.internals().broke(plugin.desc().name, "pause", checking::phase_name(phase_),
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
