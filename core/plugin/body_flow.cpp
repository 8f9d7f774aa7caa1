// SPDX-License-Identifier: Apache-2.0
#include "plugin/body_flow.hpp"

#include <algorithm>
#include <utility>

#include "plugin/callback.hpp"

namespace gw::plugin {

namespace {

constexpr std::size_t k_kept_capacity = 16 * 1024;  // of each string, for the next request

void empty(std::string& text) {
  if (text.capacity() > k_kept_capacity)
    std::string().swap(text);
  else
    text.clear();
}

void release(BodyFlow::Piece& piece) {
  if (const auto f = std::exchange(piece.release, nullptr); f != nullptr) f(piece.ud);
}

}  // namespace

// --- building ---

void BodyFlow::reset(Stage& s) {
  for (const Emission& e : s.emissions)
    if (e.release != nullptr) e.release(e.ud);
  s.emissions.clear();
  for (; s.has_input(); ++s.in_at) release(s.in[s.in_at]);
  s.in.clear();
  s.in_at = 0;
  s.done = s.ended = s.over = s.emitted_any = false;
  for (std::string* text : {&s.collected, &s.emitted, &s.input}) empty(*text);
}

void BodyFlow::clear() {
  if (!begun_) return;
  for (std::size_t i = 0; i < used_; ++i) reset(stage(i));
  for (; out_at_ < out_.size(); ++out_at_) release(out_[out_at_]);
  release(whole_);
  whole_ = {};
  out_.clear();
  out_at_ = used_ = at_ = 0;
  begun_ = streaming_ = ended_ = in_callback_ = waiting_last_ = false;
  for (std::string* text : {&kept_, &waiting_, &held_}) empty(*text);
}

void BodyFlow::add(const ChainEntry& entry, const BodyMode& mode) {
  begun_ = true;
  if (used_ == stages_.size()) stages_.push_back(std::make_unique<Stage>());
  Stage& s = stage(used_++);
  s.entry = &entry;
  s.mode = mode;
  if (!ended_ && held_.empty()) return;
  if (whole_.bytes.data() == held_.data()) {  // it stays where it is while held_ collects anew
    s.input.swap(held_);
    whole_.bytes = s.input;
  } else if (!ended_) {
    s.input.swap(held_);
    whole_ = {s.input};
  }
  whole_.last = ended_;
  s.in.push_back(std::exchange(whole_, {}));
  ended_ = false;
}

// --- what comes in ---

bool BodyFlow::idle() const {
  if (paused() || pause_.resumed || out_at_ < out_.size()) return false;
  return std::none_of(stages_.begin(), stages_.begin() + std::ptrdiff_t(used_),
                      [](const auto& s) { return s->has_input(); });
}

void BodyFlow::feed(Piece piece) { give(0, piece); }

void BodyFlow::push(std::string_view bytes, bool last) {
  begun_ = true;
  if (bytes.empty() && !last) return;
  if (idle() && waiting_.empty() && !waiting_last_) {
    Piece piece{bytes, last};
    piece.borrowed = true;
    return feed(piece);
  }
  waiting_.append(bytes);
  waiting_last_ |= last;
}

void BodyFlow::keep() {
  // At most one borrowed piece is on its way: the next is fed when it is through.
  const auto keep_in = [this](std::vector<Piece>& pieces, std::size_t from) {
    for (std::size_t i = from; i < pieces.size(); ++i) {
      if (!std::exchange(pieces[i].borrowed, false)) continue;
      kept_.assign(pieces[i].bytes);
      pieces[i].bytes = kept_;
    }
  };
  for (std::size_t i = 0; i < used_; ++i) keep_in(stage(i).in, stage(i).in_at);
  keep_in(out_, out_at_);
}

// --- running ---

Outcome BodyFlow::run(Request& r) {
  for (;;) {
    if (paused()) return Outcome::wait;
    Outcome outcome = Outcome::next;
    if (pause_.resumed) {
      outcome = resume(r);
    } else {
      if (out_at_ < out_.size()) return Outcome::next;
      // The last one with something to do: what one lets out goes on before it is given more.
      std::size_t i = used_;
      while (i > 0 && !stage(i - 1).has_input()) --i;
      if (i > 0) {
        outcome = run_stage(r, i - 1);
      } else if (!waiting_.empty() || waiting_last_) {
        kept_.swap(waiting_);
        waiting_.clear();
        feed({kept_, std::exchange(waiting_last_, false)});
      } else {
        return Outcome::wait_body;
      }
    }
    if (outcome == Outcome::wait) keep();
    if (outcome != Outcome::next) return outcome;
  }
}

Outcome BodyFlow::run_stage(Request& r, std::size_t i) {
  Stage& s = stage(i);
  at_ = i;
  switch (s.mode.mode) {
    case GW_BODY_OBSERVE:
    case GW_BODY_MODIFY: {
      const Piece& piece = s.in[s.in_at];
      return settle(i, call(r, i, piece.bytes, piece.last ? std::uint32_t{GW_LAST} : 0u));
    }
    case GW_BODY_BUFFER:
      if (!s.done) return buffer(r, i);
      [[fallthrough]];
    default:
      give(i + 1, take(s));
      return Outcome::next;
  }
}

Outcome BodyFlow::buffer(Request& r, std::size_t i) {
  Stage& s = stage(i);
  Piece piece = take(s);
  s.collected.append(piece.bytes);
  s.ended = piece.last;
  release(piece);
  s.over = s.collected.size() > s.mode.limit;
  if (s.over && s.mode.overflow == GW_OVERFLOW_REFUSE) return Outcome::too_big;
  if (!s.over && !s.ended) return Outcome::next;
  s.done = true;
  return settle(i, call(r, i, s.collected, s.over ? GW_OVERFLOW : GW_LAST));
}

Outcome BodyFlow::call(Request& r, std::size_t i, std::string_view bytes, std::uint32_t flags) {
  Stage& s = stage(i);
  s.emitted.clear();
  s.emitted_any = false;
  const gw_chunk chunk{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), flags};
  return inside(r, s, [&](gw_req* req, gw_self* self) { return s.entry->body(req, self, &chunk); });
}

// A callback of a plugin in here. Another phase may be waiting meanwhile: its place is kept.
template <class F>
Outcome BodyFlow::inside(Request& r, Stage& s, const F& callback) {
  const bool whole = s.mode.mode == GW_BODY_BUFFER;
  const Phase around = phase_ == Phase::request_body ? Phase::request : Phase::response;
  const Phase outer = std::exchange(r.phase, whole ? around : phase_);
  const Phase outer_shown = r.shown;
  const Instance* outer_current = r.current;
  BodyFlow* outer_flow = std::exchange(r.in_flow, this);
  in_callback_ = true;
  const Outcome outcome =
      judge_others(r, gw::plugin::call(r, *s.entry->instance, phase_, callback));
  in_callback_ = false;
  r.in_flow = outer_flow;
  r.phase = outer;
  r.shown = outer_shown;
  r.current = outer_current;
  return outcome;
}

Outcome BodyFlow::resume(Request& r) {
  Stage& s = stage(at_);
  pause_.resumed = false;
  const Plugin& plugin = *s.entry->instance->plugin;
  if (std::exchange(pause_.cancelled, false)) {
    cancel(r);
    const Instance* outer = std::exchange(r.current, s.entry->instance);
    const Phase outer_shown = std::exchange(r.shown, phase_);
    BodyFlow* outer_flow = std::exchange(r.in_flow, this);
    const auto outcome = failed(r, "it did not resume the request in time", Outcome::timeout);
    r.current = outer;
    r.shown = outer_shown;
    r.in_flow = outer_flow;
    return settle(at_, outcome);
  }
  if (plugin.desc.on_resume == nullptr) return settle(at_, Outcome::next);
  return settle(at_, inside(r, s, [&](gw_req* req, gw_self* self) {
                  return plugin.desc.on_resume(req, self, pause_.value);
                }));
}

void BodyFlow::cancel(Request& r) {
  const Instance& instance = *stage(at_).entry->instance;
  const auto on_cancel = instance.plugin->desc.on_cancel;
  if (on_cancel == nullptr) return;
  const Phase outer = std::exchange(r.phase, Phase::log);  // it may look, and no more
  const Phase outer_shown = r.shown;
  const Instance* outer_current = r.current;
  gw::plugin::call(r, instance, phase_, on_cancel);
  r.phase = outer;
  r.shown = outer_shown;
  r.current = outer_current;
}

// --- what goes on ---

// A callback is over.
Outcome BodyFlow::settle(std::size_t i, Outcome outcome) {
  if (outcome != Outcome::next) return outcome;
  Stage& s = stage(i);
  if (s.mode.mode == GW_BODY_OBSERVE) {
    give(i + 1, take(s));
  } else if (s.mode.mode == GW_BODY_MODIFY) {
    Piece piece = take(s);
    give_emitted(i, piece.last);
    release(piece);
  } else if (s.emitted_any) {
    give_emitted(i, true);
  } else {
    give(i + 1, {s.collected, s.ended});
  }
  return Outcome::next;
}

void BodyFlow::give_emitted(std::size_t i, bool last) {
  Stage& s = stage(i);
  std::size_t left = s.emissions.size();
  if (left == 0 && last) give(i + 1, {{}, true});
  for (const Emission& e : s.emissions) {
    const char* at = e.lent != nullptr ? e.lent : s.emitted.data() + e.offset;
    give(i + 1, {{at, e.size}, last && --left == 0, false, e.release, e.ud});
  }
  s.emissions.clear();
}

void BodyFlow::give(std::size_t to, Piece piece) {
  std::vector<Piece>& queue = to < used_ ? stage(to).in : out_;
  queue.push_back(piece);
}

BodyFlow::Piece BodyFlow::take(Stage& s) {
  const Piece piece = s.in[s.in_at++];
  if (!s.has_input()) {
    s.in.clear();
    s.in_at = 0;
  }
  return piece;
}

void BodyFlow::pop(std::size_t n) {
  Piece& piece = out_[out_at_];
  piece.bytes.remove_prefix(n);
  if (!piece.bytes.empty()) return;
  if (piece.last) ended_ = true;
  release(out_[out_at_++]);
  if (out_at_ < out_.size()) return;
  out_.clear();
  out_at_ = 0;
}

Outcome BodyFlow::collect(Request& r) {
  Outcome outcome;
  while ((outcome = run(r)) == Outcome::next) {
    const Piece& piece = front();
    if (held_.empty() && piece.last && !piece.borrowed) {
      whole_ = std::exchange(out_[out_at_], Piece{{}, true});
      if (whole_.bytes.data() == nullptr) whole_.bytes = std::string_view("", 0);
    } else {
      held_.append(piece.bytes);
      if (piece.last) whole_ = {held_, true};
    }
    pop(front().bytes.size());
  }
  return outcome == Outcome::wait_body && !holds() ? Outcome::next : outcome;
}

void BodyFlow::stream() {
  if (std::exchange(streaming_, true) || ended_ || held_.empty()) return;
  out_.insert(out_.begin() + std::ptrdiff_t(out_at_), Piece{held_});
}

// --- for the head ---

bool BodyFlow::holds() const {
  return std::any_of(stages_.begin(), stages_.begin() + std::ptrdiff_t(used_),
                     [](const auto& s) { return s->mode.mode == GW_BODY_BUFFER && !s->done; });
}

bool BodyFlow::changes() const {
  return std::any_of(stages_.begin(), stages_.begin() + std::ptrdiff_t(used_), [](const auto& s) {
    return s->mode.mode == GW_BODY_MODIFY || (s->mode.mode == GW_BODY_BUFFER && s->emitted_any);
  });
}

std::int64_t BodyFlow::rest() const {
  if (out_at_ == out_.size() || !out_.back().last) return -1;
  std::int64_t n = 0;
  for (std::size_t i = out_at_; i < out_.size(); ++i) n += std::int64_t(out_[i].bytes.size());
  return n;
}

std::size_t BodyFlow::held() const {
  std::size_t n = kept_.size() + waiting_.size() + held_.size();
  for (std::size_t i = 0; i < used_; ++i)
    n += stages_[i]->collected.size() + stages_[i]->emitted.size() + stages_[i]->input.size();
  return n;
}

// --- for the callback that runs ---

bool BodyFlow::emits() const {
  const Stage& s = *stages_[at_];
  return in_callback_ &&
         (s.mode.mode == GW_BODY_MODIFY || (s.mode.mode == GW_BODY_BUFFER && !s.over));
}

bool BodyFlow::drop_emitted() {
  Stage& s = stage(at_);
  if (s.mode.mode != GW_BODY_BUFFER) return false;
  for (const Emission& e : s.emissions)
    if (e.release != nullptr) e.release(e.ud);
  s.emissions.clear();
  s.emitted_any = false;
  return true;
}

void BodyFlow::emit(std::string_view bytes, void (*release)(void*), void* ud) {
  Stage& s = stage(at_);
  s.emitted_any = true;
  if (bytes.empty()) {
    if (release != nullptr) release(ud);
    return;
  }
  if (release != nullptr) {
    s.emissions.push_back({0, bytes.size(), bytes.data(), release, ud});
    return;
  }
  const std::size_t offset = s.emitted.size();
  s.emitted.append(bytes);
  if (!s.emissions.empty() && s.emissions.back().lent == nullptr)  // they follow one another
    s.emissions.back().size += bytes.size();
  else
    s.emissions.push_back({offset, bytes.size(), nullptr, nullptr, nullptr});
}

}  // namespace gw::plugin
