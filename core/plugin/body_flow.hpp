// SPDX-License-Identifier: Apache-2.0
// BodyFlow: one body on its way through the plugins of its phase, each with its own mode
// (gatewright/body.h). Who has the body pushes what comes, runs the plugins and takes what is
// through; nothing is called from in here but plugins. Bytes that nobody changes or waits for are
// passed on where they lie. Part of a request, kept with its memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/chain.hpp"

namespace gw::plugin {

class BodyFlow {
 public:
  struct Piece {
    std::string_view bytes;
    bool last = false;
    bool borrowed = false;             // from who pushed it: ends when that call does
    void (*release)(void*) = nullptr;  // of a plugin's own memory; null: nobody is to be told
    void* ud = nullptr;
  };

  explicit BodyFlow(Phase phase) : phase_(phase) {}
  ~BodyFlow() { clear(); }
  BodyFlow(const BodyFlow&) = delete;
  BodyFlow& operator=(const BodyFlow&) = delete;

  // --- building ---

  // Ready for another body; what plugins have lent is released.
  void clear();
  // The next one in the order. What is through already is its input.
  void add(const ChainEntry& entry, const BodyMode& mode);
  // Somebody takes part, or something was pushed.
  bool begun() const { return begun_; }

  // --- running ---

  // From the peer. Borrowed: keep() if it is not used up when the caller's hold on it ends.
  void push(std::string_view bytes, bool last);
  void keep();
  // Runs plugins until something is known:
  //   next       front() is through: use and pop() it
  //   wait_body  all that came is used up
  //   wait       a plugin has paused; the owner's resume_body() is called
  //   too_big    a plugin's limit was passed
  //   respond, redispatch, fail, timeout: as for phases
  Outcome run(Request& request);
  const Piece& front() const { return out_[out_at_]; }
  // So many bytes of it have been used. REQUIRES: at most all.
  void pop(std::size_t n);

  // As run(), and keeps what is through. next: nobody waits for more of the body.
  Outcome collect(Request& request);
  // What was collected is all of it.
  bool whole() const { return ended_ && !streaming_; }
  std::string_view collected() const { return whole_.bytes; }
  // From now on what is through goes out, what was collected first.
  void stream();

  // A plugin ends its pause otherwise than by resuming.
  void cancel(Request& request);
  Paused& pause() { return pause_; }
  bool paused() const { return pause_.token != 0; }

  // --- for the head ---

  // Somebody collects: the head is held.
  bool holds() const;
  // What goes on may have another length than what came.
  bool changes() const;
  // Its size, when nothing but what is through is to come; -1: not known.
  std::int64_t rest() const;

  // Bytes that are kept.
  std::size_t held() const;

  // --- for the callback that runs ---
  bool emits() const;
  void emit(std::string_view bytes, void (*release)(void*), void* ud);
  // It failed, and the body goes on as if it were not there; false where pieces have passed.
  bool drop_emitted();

 private:
  struct Emission {
    std::size_t offset, size;  // in `emitted`, or of what was lent
    const char* lent;
    void (*release)(void*);
    void* ud;
  };
  // One plugin's place.
  struct Stage {
    const ChainEntry* entry = nullptr;
    BodyMode mode;
    bool done = false;   // BUFFER: the callback was called
    bool ended = false;  // its last input has come
    bool over = false;   // more came than its limit
    bool emitted_any = false;
    std::string collected, emitted, input;
    std::vector<Emission> emissions;
    std::vector<Piece> in;
    std::size_t in_at = 0;
    bool has_input() const { return in_at < in.size(); }
  };

  Stage& stage(std::size_t i) { return *stages_[i]; }
  bool idle() const;
  void feed(Piece piece);
  Outcome run_stage(Request& request, std::size_t i);
  Outcome buffer(Request& request, std::size_t i);
  Outcome call(Request& request, std::size_t i, std::string_view bytes, std::uint32_t flags);
  Outcome resume(Request& request);
  template <class F>
  Outcome inside(Request& request, Stage& stage, const F& callback);
  Outcome settle(std::size_t i, Outcome outcome);
  void give(std::size_t to, Piece piece);
  void give_emitted(std::size_t i, bool last);
  Piece take(Stage& stage);
  void reset(Stage& stage);

  const Phase phase_;
  Paused pause_;
  bool begun_ = false;
  bool streaming_ = false;
  bool ended_ = false;        // the last piece is through
  std::size_t at_ = 0;        // the stage whose callback runs, or waits
  bool in_callback_ = false;  // … whether it runs
  std::size_t used_ = 0;      // of stages_
  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<Piece> out_;
  std::size_t out_at_ = 0;
  std::string kept_;     // a piece that outlived its call
  std::string waiting_;  // what came while something was on the way
  bool waiting_last_ = false;
  std::string held_;  // collected, where it came in pieces
  Piece whole_;       // collected, all of it
};

}  // namespace gw::plugin
