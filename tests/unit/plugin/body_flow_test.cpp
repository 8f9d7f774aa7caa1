// SPDX-License-Identifier: Apache-2.0
// Bodies through several plugins with modes of their own (gatewright/body.h).
#include <algorithm>

#include "catch.hpp"
#include "plugin/chain.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

std::string text(const Call& c) {
  return std::string(reinterpret_cast<const char*>(c.chunk->p), c.chunk->n);
}

// Asks for a mode in on_request or on_response.
Act ask_for(std::uint32_t map, std::uint32_t mode, std::uint64_t limit = 0,
            std::uint32_t overflow = GW_OVERFLOW_REFUSE) {
  return [=](const Call& c) -> gw_action {
    return c.api().body_mode(c.r, map, mode, limit, overflow) == GW_OK ? GW_CONTINUE : GW_FAIL;
  };
}

gw_status emit(const Call& c, const std::string& bytes, std::uint32_t map = GW_RESPONSE) {
  return c.api().body_emit(c.r, map, {bytes.data(), bytes.size()}, nullptr, nullptr);
}

// MODIFY: capitals, and a mark at the end.
Act capitals(const std::string& mark = "") {
  return [=](const Call& c) -> gw_action {
    std::string bytes = text(c);
    std::transform(bytes.begin(), bytes.end(), bytes.begin(), ::toupper);
    emit(c, bytes);
    if ((c.chunk->flags & GW_LAST) != 0) emit(c, mark);
    return GW_CONTINUE;
  };
}

Act note(std::string& into) {
  return [&into](const Call& c) -> gw_action {
    into += "[" + text(c) + ((c.chunk->flags & GW_LAST) != 0 ? "." : "") +
            ((c.chunk->flags & GW_OVERFLOW) != 0 ? "!" : "") + "]";
    return GW_CONTINUE;
  };
}

// An answer's body through both, in pieces.
Outcome send(Ask& ask, const std::vector<std::string>& pieces) {
  Outcome outcome = Outcome::next;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    outcome = ask.run_body(Phase::response_body, pieces[i], i + 1 == pieces.size());
    if (outcome != Outcome::next && outcome != Outcome::wait_body) break;
  }
  return outcome;
}

struct Answering : Ask {
  explicit Answering(Worker& worker) : Ask(worker, "r") {
    CHECK(access() == Outcome::next);
    response_head.status = 200;
    CHECK(response() == Outcome::next);
  }
};

const std::map<std::string, Act> k_modify = {{"response", ask_for(GW_RESPONSE, GW_BODY_MODIFY)},
                                             {"response_body", capitals("+")}};

std::map<std::string, Act> with(std::map<std::string, Act> acts, const std::string& name, Act act) {
  acts[name] = std::move(act);
  return acts;
}

}  // namespace

TEST_CASE("what one plugin lets out is what the next one is given") {
  std::string seen;
  Two w(k_modify, {{"response_body", note(seen)}});
  Answering ask(w);
  CHECK(send(ask, {"ab", "c", "de"}) == Outcome::next);
  CHECK(seen == "[AB][C][DE+.]");
  CHECK(ask.sent[GW_RESPONSE] == "ABCDE+");
  CHECK(ask.seen.flows[GW_RESPONSE]->changes());
}

TEST_CASE("a piece of which nothing is let out goes no further, and an end always does") {
  std::string seen;
  Two w(with(k_modify, "response_body", go_on), {{"response_body", note(seen)}});
  Answering ask(w);
  CHECK(send(ask, {"ab", "c"}) == Outcome::next);
  CHECK(seen == "[.]");
  CHECK(ask.sent[GW_RESPONSE].empty());
}

TEST_CASE("a plugin that wants no body is not called for it") {
  std::string seen;
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_NONE)}, {"response_body", fail}},
        {{"response_body", note(seen)}});
  Answering ask(w);
  CHECK(send(ask, {"ab", "c"}) == Outcome::next);
  CHECK(seen == "[ab][c.]");
  CHECK_FALSE(ask.seen.flows[GW_RESPONSE]->changes());
}

TEST_CASE("a plugin may see only those bodies that it has asked for") {
  std::string seen;
  Worker w;
  w.add(script("first", 2, {{"response_body", fail}, {"request_body", fail}}, GW_P_BODY_ASKED));
  w.add(script("second", 1, {{"response_body", note(seen)}}));
  REQUIRE(w.configure(k_both));
  Answering ask(w);
  CHECK(ask.run_body(Phase::request_body, "q", true) == Outcome::next);
  CHECK(send(ask, {"ab"}) == Outcome::next);
  CHECK(seen == "[ab.]");
}

TEST_CASE("a whole answer is given once, and goes on unchanged where nothing is emitted") {
  std::string seen, after;
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_BUFFER)}, {"response_body", note(seen)}},
        {{"response_body", note(after)}});
  Answering ask(w);
  CHECK(ask.run_body(Phase::response_body, "ab", false) == Outcome::wait_body);
  CHECK(ask.run_body(Phase::response_body, "c", false) == Outcome::wait_body);
  CHECK(ask.seen.flows[GW_RESPONSE]->holds());
  CHECK(ask.sent[GW_RESPONSE].empty());
  CHECK(ask.run_body(Phase::response_body, "d", true) == Outcome::next);
  CHECK(seen == "[abcd.]");
  CHECK(after == "[abcd.]");
  CHECK(ask.sent[GW_RESPONSE] == "abcd");
  CHECK_FALSE(ask.seen.flows[GW_RESPONSE]->changes());
}

TEST_CASE("what is emitted stands in a whole body's place, also nothing") {
  const std::string by = GENERATE("", "another");
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_BUFFER)},
         {"response_body",
          [by](const Call& c) {
            CHECK(c.api().set_status(c.r, 201) == GW_OK);  // its head is held
            CHECK(emit(c, by) == GW_OK);
            CHECK(emit(c, by, GW_REQUEST) == GW_E_STATE);
            return gw_action{GW_CONTINUE};
          }}},
        {});
  Answering ask(w);
  CHECK(send(ask, {"ab", "c"}) == Outcome::next);
  CHECK(ask.sent[GW_RESPONSE] == by);
  CHECK(ask.response_head.status == 201);
  CHECK(ask.seen.flows[GW_RESPONSE]->changes());
}

TEST_CASE("a body over the limit is refused, or goes by with a word") {
  std::string seen, after;
  const std::uint32_t policy =
      GENERATE(std::uint32_t{GW_OVERFLOW_REFUSE}, std::uint32_t{GW_OVERFLOW_PASS});
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_BUFFER, 4, policy)},
         {"response_body",
          [&](const Call& c) {
            CHECK(emit(c, "not any more") == GW_E_STATE);
            return note(seen)(c);
          }}},
        {{"response_body", note(after)}});
  Answering ask(w);
  const Outcome outcome = send(ask, {"ab", "cd", "ef", "gh"});
  if (policy == GW_OVERFLOW_REFUSE) {
    CHECK(outcome == Outcome::too_big);
    CHECK(seen + after == "");
  } else {
    CHECK(outcome == Outcome::next);
    CHECK(seen == "[abcdef!]");
    CHECK(after == "[abcdef][gh.]");
    CHECK(ask.sent[GW_RESPONSE] == "abcdefgh");
    CHECK_FALSE(ask.seen.flows[GW_RESPONSE]->changes());
  }
}

TEST_CASE("a limit that a length is known to pass is judged by the first byte") {
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_BUFFER, 4)}, {"response_body", fail}}, {});
  Answering ask(w);
  auto* flow = begin_response_body(ask.seen, gw::http::BodyKind::length, 5);
  flow->push("a", false);
  CHECK(flow->run(ask.seen) == Outcome::too_big);
}

TEST_CASE("memory that a plugin lends is released once, when it is sent or the request ends") {
  static std::string released;
  released.clear();
  const auto lend = [](const Call& c, const char* bytes) {
    const gw_str lent{bytes, 2};
    return c.api().body_emit(
        c.r, GW_RESPONSE, lent, [](void* ud) { released += static_cast<const char*>(ud); },
        const_cast<char*>(bytes));
  };
  Two w(with(k_modify, "response_body",
             [&](const Call& c) {
               CHECK(lend(c, "p1") == GW_OK);
               emit(c, "copied");
               emit(c, "too");
               CHECK(lend(c, "p2") == GW_OK);
               return gw_action{GW_CONTINUE};
             }),
        {});
  SECTION("sent") {
    Answering ask(w);
    CHECK(send(ask, {"x"}) == Outcome::next);
    CHECK(ask.sent[GW_RESPONSE] == "p1copiedtoop2");
    CHECK(ask.pieces[GW_RESPONSE] == std::vector<std::size_t>{2, 9, 2});  // what is copied is one
    CHECK(released == "p1p2");
    ask.finish();
  }
  SECTION("aborted") {
    Answering ask(w);
    auto* flow = begin_response_body(ask.seen, gw::http::BodyKind::chunked, 0);
    flow->push("x", false);
    CHECK(flow->run(ask.seen) == Outcome::next);
    CHECK(released.empty());
    ask.finish();
    CHECK(released == "p1p2");
  }
  CHECK(released == "p1p2");
}

TEST_CASE("a pause holds its body, and on_resume may emit") {
  gw_token token = 0;
  std::string seen;
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_MODIFY)},
         {"response_body",
          [&](const Call& c) -> gw_action {
            emit(c, "<");
            if ((c.chunk->flags & GW_LAST) != 0) return GW_CONTINUE;
            return pause_here(&token)(c);
          }},
         {"resume",
          [](const Call& c) -> gw_action {
            CHECK(c.self->phase == GW_PHASE_RESPONSE_BODY);
            emit(c, std::to_string(c.value));
            return GW_CONTINUE;
          }}},
        {{"response_body", note(seen)}});
  Answering ask(w);
  std::string borrowed = "ab";
  CHECK(ask.run_body(Phase::response_body, borrowed, false) == Outcome::wait);
  CHECK(seen.empty());
  CHECK(ask.run_body(Phase::response_body, "cd", true) == Outcome::wait);  // not called meanwhile
  w.host->abi().resume(&w.host->abi(), token, 7);
  w.run_until([&] { return ask.wakes > 0; });
  CHECK(ask.pump(Phase::response_body) == Outcome::next);
  CHECK(seen == "[<7][<.]");
  CHECK(w.trace() ==
        "first.response first.response_body first.resume second.response_body "
        "first.response_body second.response_body");
}

TEST_CASE("a piece that an observer holds by a pause goes on as it was") {
  gw_token token = 0;
  Two w({{"response_body", pause_here(&token)}}, {});
  Answering ask(w);
  {
    std::string borrowed = "only for this call";
    auto* flow = begin_response_body(ask.seen, gw::http::BodyKind::chunked, 0);
    flow->push(borrowed, true);
    CHECK(flow->run(ask.seen) == Outcome::wait);
    borrowed.assign(borrowed.size(), '#');
  }
  w.host->abi().resume(&w.host->abi(), token, 0);
  w.run_until([&] { return ask.wakes > 0; });
  CHECK(ask.pump(Phase::response_body) == Outcome::next);
  CHECK(ask.sent[GW_RESPONSE] == "only for this call");
}

TEST_CASE("a pause in a body has a deadline, and ends with the request") {
  Two w({{"response_body", pause_here(nullptr, 20)}, {"cancel", go_on}}, {});
  Answering ask(w);
  CHECK(send(ask, {"a"}) == Outcome::wait);
  SECTION("deadline") {
    w.run_until([&] { return ask.wakes > 0; });
    CHECK(ask.pump(Phase::response_body) == Outcome::timeout);
    CHECK(w.failures("first", "response_body") == 1);
  }
  SECTION("end") { ask.finish(); }
  CHECK(w.trace() == "first.response_body first.cancel");
}

TEST_CASE("both bodies and the phase may be paused at once") {
  gw_token request = 0, phase = 0;
  Two w({{"request_body", pause_here(&request)}, {"response", pause_here(&phase)}},
        {{"request_body", go_on}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::next);
  CHECK(ask.run_body(Phase::request_body, "q", true) == Outcome::wait);
  CHECK(ask.response() == Outcome::wait);
  w.host->abi().resume(&w.host->abi(), request, 0);
  w.run_until([&] { return ask.wakes == 1; });
  CHECK(ask.resume_now() == Outcome::wait);
  CHECK(ask.pump(Phase::request_body) == Outcome::next);
  w.host->abi().resume(&w.host->abi(), phase, 0);
  w.run_until([&] { return ask.wakes == 2; });
  CHECK(ask.resume_now() == Outcome::next);
}

TEST_CASE("a whole request body comes by way of those before, in their order") {
  std::string seen, later;
  const auto mark = [](const Call& c) -> gw_action {
    emit(c, text(c) + "1", GW_REQUEST);
    return GW_CONTINUE;
  };
  Worker w;
  w.add(script("first", 3,
               {{"request", ask_for(GW_REQUEST, GW_BODY_MODIFY)}, {"request_body", mark}}));
  w.add(script("second", 2,
               {{"request", ask_for(GW_REQUEST, GW_BODY_BUFFER)}, {"request_body", note(seen)}}));
  w.add(script("third", 1, {{"request", go_on}, {"request_body", note(later)}}));
  REQUIRE(w.configure(k_both + "- name: third\n"));
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait_body);
  auto& flow = *ask.seen.flows[GW_REQUEST];
  flow.push("ab", false);
  CHECK(ask.resume_now() == Outcome::wait_body);
  flow.push("cd", true);
  CHECK(ask.resume_now() == Outcome::next);
  CHECK(seen == "[ab1cd1.]");
  CHECK(later == "[ab1cd1.]");
  CHECK(ask.seen.buffered_body == "ab1cd1");
  CHECK(w.trace() ==
        "first.request second.request first.request_body first.request_body second.request_body "
        "third.request third.request_body");
}

TEST_CASE("a request body that goes by is sent on from its first byte") {
  std::string seen, later;
  Two w({{"request", ask_for(GW_REQUEST, GW_BODY_BUFFER, 3, GW_OVERFLOW_PASS)},
         {"request_body", note(seen)}},
        {{"request_body", note(later)}});
  Ask ask(w, "r");
  CHECK(ask.access() == Outcome::wait_body);
  ask.seen.flows[GW_REQUEST]->push("abcd", false);
  CHECK(ask.resume_now() == Outcome::next);
  CHECK(seen == "[abcd!]");
  CHECK(ask.seen.buffered_body.data() == nullptr);
  REQUIRE(stream_request_body(ask.seen) != nullptr);
  CHECK(ask.pump(Phase::request_body) == Outcome::wait_body);
  CHECK(ask.sent[GW_REQUEST] == "abcd");
  CHECK(ask.run_body(Phase::request_body, "ef", true) == Outcome::next);
  CHECK(ask.sent[GW_REQUEST] == "abcdef");
  CHECK(later == "[abcd][ef.]");
}

TEST_CASE("what was asked for one answer's body does not hold for the next") {
  std::string seen;
  Two w({{"request", ask_for(GW_RESPONSE, GW_BODY_NONE)},
         {"response",
          [](const Call& c) -> gw_action {
            if (c.api().get_i64(c.r, GW_STATUS) != 200) return GW_CONTINUE;
            return ask_for(GW_RESPONSE, GW_BODY_BUFFER)(c);
          }},
         {"response_body", note(seen)}},
        {});
  Answering ask(w);
  CHECK(send(ask, {"a", "b"}) == Outcome::next);
  CHECK(seen == "[ab.]");
  ask.response_head.status = 503;
  forget_response_body(ask.seen);
  CHECK(ask.response() == Outcome::next);
  CHECK(begin_response_body(ask.seen, gw::http::BodyKind::chunked, 0) == nullptr);
}

TEST_CASE("an answer without a body is shown only to who wants it whole") {
  std::string seen;
  Two w({{"response", ask_for(GW_RESPONSE, GW_BODY_BUFFER)}, {"response_body", note(seen)}},
        k_modify);
  Answering ask(w);
  auto* flow = begin_response_body(ask.seen, gw::http::BodyKind::none, 0);
  flow->push({}, true);
  CHECK(ask.pump(Phase::response_body) == Outcome::next);
  CHECK(seen == "[.]");
  CHECK(ask.sent[GW_RESPONSE].empty());
}
