// SPDX-License-Identifier: Apache-2.0
// One request and its answer through a chain of instances, phase by phase or all at once:
//
//   exchange x(h, {&auth, &limit}, {"GET", "/a?b=1", {{"Apikey", "k"}}});
//   x.run();                      // an upstream that answers 200
//   REQUIRE(x.status() == 401);
//
// In mode::checking slices given to a plugin live exactly as long as the ABI promises; who keeps
// one for too long dies with a line that names it.
#pragma once

#include <list>
#include <optional>
#include <set>

#include "gatewright/testkit/host.hpp"

namespace gw::test {

struct request_spec {
  std::string method = "GET";
  std::string target = "/";
  field_list headers;
  std::string body;
  uint32_t worker = 0;
  size_t chunk_size = 0;  // of bodies; 0: in one piece
};

// What a plugin gave to respond().
struct plugin_answer {
  int status = 0;
  uint32_t flags = 0;
  std::string code, content_type;
  std::optional<std::string> message, body;
  field_list headers;
};

struct decision {
  int32_t verdict;
  std::string code, rule, text;
};

class exchange {
 public:
  exchange(host& h, std::vector<instance*> chain, request_spec spec = {});
  // Finishes it, if nobody did.
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  // Values that the core would know; to be set at any time.
  void text(uint32_t what, const std::string& value) { texts_[what] = value; }
  void number(uint32_t what, int64_t value) { numbers_[what] = value; }
  void attempt(const gw_attempt& a) { attempts_.push_back(a); }

  // rewrite and request, with a buffered body if one was asked for, then the body's chunks and the
  // upstream phase. Stops at a pause (turn() or advance() of the host goes on) or an answer.
  void start();
  // The upstream's answer: response, response_body. REQUIRES: start() was called, not paused.
  void answer(int status = 200, const field_list& headers = {}, const std::string& body = {});
  // log, and the end of the request states.
  void finish();
  // All of it.
  exchange& run(int status = 200, const field_list& headers = {}, const std::string& body = {});
  // The client went away while the request is paused: on_cancel, then the end.
  void drop_client();

  bool paused() const { return token_ != 0; }
  // By a plugin or by a failure, instead of an upstream.
  bool answered_locally() const { return local_; }
  int status() const;
  const std::optional<plugin_answer>& reply() const { return reply_; }
  const std::vector<decision>& decisions() const { return decisions_; }
  std::string path() const { return text_or_empty(GW_PATH); }
  std::optional<std::string> query() const;
  // The request's body as it goes upstream.
  const std::string& request_body() const { return spec_.body; }
  // Values joined by ", ", nothing when there is none; any case.
  std::optional<std::string> request_header(const std::string& name) const;
  std::optional<std::string> response_header(const std::string& name) const;
  template <class T>
  const T* slot(const std::string& name) const {
    return static_cast<const T*>(slot_value(name));
  }

 private:
  friend struct request_table;
  friend struct world;
  struct field {
    std::string name, lower, value;
    gw_hid id;
  };
  struct slot_cell {
    void* value = nullptr;
    void (*drop)(void*) = nullptr;
  };
  struct handle : gw_req {
    exchange* owner;
  };
  struct link {
    instance* plugin;
    gw_self self{};
    std::unique_ptr<char[]> state;
    bool ran = false, wants_body = false;
  };

  void add_fields(std::list<field>& to, const field_list& from);
  void enter(uint32_t phase);
  void drive();
  gw_action call(link& l);
  gw_action call_body(link& l, uint32_t phase, const std::string& bytes, bool last);
  void settle(link& l, gw_action action);
  void begin_local_answer(int status);
  void after_request();
  void stream(uint32_t phase, const std::string& body);
  void resume(int64_t value);
  void cancel();
  // A pause that ends without a resume: whether the plugin had anything that could have done it.
  void check_pause() const;
  const void* slot_value(const std::string& name) const;
  std::string text_or_empty(uint32_t what) const;
  std::optional<std::string> joined(const std::list<field>& fields, const std::string& name) const;

  host& host_;
  request_spec spec_;
  handle& handle_;  // the host's: a plugin may have kept it too long
  std::vector<std::unique_ptr<link>> chain_;
  std::map<uint32_t, std::string> texts_;
  std::map<uint32_t, int64_t> numbers_;
  std::list<field> fields_[2];
  std::map<gw_slot, slot_cell> slots_;
  std::vector<std::unique_ptr<char[]>> arena_;
  std::vector<gw_attempt> attempts_;
  std::vector<decision> decisions_;
  std::optional<plugin_answer> reply_;
  uint32_t phase_ = GW_PHASE_NONE;
  size_t at_ = 0;           // the link whose turn it is
  bool body_turn_ = false;  // … and whether it is its buffered body's
  bool stopped_ = false;    // the phase ended early
  bool local_ = false, finished_ = false;
  gw_token token_ = 0;
  uint64_t deadline_ns_ = 0;
};

}  // namespace gw::test
