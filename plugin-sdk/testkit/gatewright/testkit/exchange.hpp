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

#include <deque>
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

  // rewrite and request, with the whole body for those that ask for it, then the body's pieces and
  // the upstream phase. Stops at a pause (turn() or advance() of the host goes on) or an answer.
  void start();
  // The upstream's answer: response, response_body. REQUIRES: start() was called, not paused.
  // Again, for the next attempt's, when redispatched() has grown.
  void answer(int status = 200, const field_list& headers = {}, const std::string& body = {});
  // log, and the end of the request states.
  void finish();
  // All of it.
  exchange& run(int status = 200, const field_list& headers = {}, const std::string& body = {});
  // The client went away while the request is paused: on_cancel, then the end.
  void drop_client();

  // What the first plugin that is a balancer (host/balancer.h) answers for an attempt;
  // GW_PICK_DEFAULT when none is. REQUIRES: started, not paused.
  struct target {
    std::string host;
    uint32_t port = 80, weight = 100;
  };
  uint32_t pick(const std::vector<target>& targets, uint32_t attempt = 0,
                const std::vector<uint32_t>& tried = {});
  // Tells it how the attempt ended.
  void tell_result(uint32_t target, gw_status state, int32_t status, uint64_t ns);

  bool paused() const { return token_ != 0; }
  // To which upstreams plugins have sent the request again; "": another target of the present one.
  const std::vector<std::string>& redispatched() const { return redispatched_; }
  // By a plugin or by a failure, instead of an upstream.
  bool answered_locally() const { return local_; }
  int status() const;
  const std::optional<plugin_answer>& reply() const { return reply_; }
  const std::vector<decision>& decisions() const { return decisions_; }
  std::string path() const { return text_or_empty(GW_PATH); }
  std::optional<std::string> query() const;
  // The bodies as they go upstream and to the client, as far as they got through.
  const std::string& request_body() const { return flows_[GW_REQUEST].out; }
  const std::string& response_body() const { return flows_[GW_RESPONSE].out; }
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
    bool ran = false, has_body_turn = false;
    struct {
      bool asked = false, placed = false;
      uint32_t mode = 0, overflow = 0;
      uint64_t limit = 0;
    } body[2];
  };
  // One body on its way through the links (body.h). Pieces are queued with the stage that they are
  // for, those nearest to the end first.
  struct stage {
    link* l;
    uint32_t mode, overflow;
    uint64_t limit;
    std::string collected;
    bool done = false, over = false;
  };
  struct piece {
    size_t stage;
    std::string bytes;
    bool last;
  };
  struct flow {
    std::vector<stage> stages;
    std::deque<piece> queue;
    std::string out;
    bool begun = false, ended = false;
    bool whole = false;  // somebody had all of it before it went on
    // of the callback that runs or waits
    std::optional<piece> given;
    std::string emitted;
    bool emitted_any = false;
  };

  link* balancer(const gw_plugin_balancer*& table);
  void add_fields(std::list<field>& to, const field_list& from);
  void enter(uint32_t phase);
  void drive();
  gw_action call(link& l);
  // Whether the link is through with the phase; else it waits or has ended it.
  bool settle(gw_action action);
  void begin_local_answer(int status);
  void after_request();
  void run_upstream();
  // bodies.cpp
  void begin_body(uint32_t map, const std::string& body);
  void place(uint32_t map, link& l);
  void place_up_to(link& asking);
  void run_body(uint32_t map);
  gw_action give(uint32_t map, stage& s);
  void settle_body(uint32_t map, gw_action action);
  void stream_response();
  void go_on();
  void release_lent();
  void resume(int64_t value);
  void cancel();
  // A pause that ends without a resume: whether the plugin had anything that could have done it.
  void check_pause() const;
  link& paused_link() const;
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
  std::vector<std::string> redispatched_;
  std::optional<std::string> redispatch_;  // recorded by the callback that runs
  std::vector<std::pair<void (*)(void*), void*>> lent_;
  std::string answer_body_;
  flow flows_[2];
  uint32_t phase_ = GW_PHASE_NONE;
  uint32_t allowed_ = GW_PHASE_NONE;  // the phase whose functions a plugin may call
  size_t at_ = 0;                     // the link whose turn it is
  bool body_turn_ = false;            // … and whether it is its whole body's
  std::optional<uint32_t> in_body_;   // whose callback runs, or waits
  bool stopped_ = false;              // the phase ended early
  bool local_ = false, finished_ = false;
  gw_token token_ = 0;
  uint64_t deadline_ns_ = 0;
};

}  // namespace gw::test
