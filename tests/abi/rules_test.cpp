// SPDX-License-Identifier: Apache-2.0
// Every broken rule of the ABI is named with plugin, function and phase; use of dead memory ends
// the process with the same.
#include <sys/wait.h>
#include <unistd.h>

#include <gatewright/testkit.hpp>
#include <gatewright/testkit/trace.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using gw::test::exchange;
using gw::test::mode;
using gw::test::mode_scope;

using Catch::Matchers::Contains;

namespace {

// One request with a body and an answer, as in a test that somebody writes.
void serve(gw::test::host& host, const std::string& rule) {
  auto& plugin = host.load(GW_RULEBREAKER, "{\"break\": \"" + rule + "\"}");
  exchange x(host, {&plugin}, {"POST", "/a", {{"X-In", "1234"}}, "some body", 0, 0});
  x.start();
  host.advance(1s);
  if (!x.paused()) x.answer(200, {}, "answer");
  x.finish();
}

std::vector<std::string> broken_in(mode m, const std::string& rule) {
  const mode_scope scope(m);
  std::vector<std::string> broken;
  try {
    gw::test::host host;
    serve(host, rule);
    broken = host.broken_rules();
    for (const auto& line : broken)
      if (!host.broken_rules().empty()) host.expect_broken(line.substr(0, 20));
  } catch (const std::logic_error&) {
  }
  return broken;
}

void check_named(const std::string& rule, const std::string& line, mode m = mode::checking) {
  INFO(rule);
  const auto broken = broken_in(m, rule);
  std::string all;
  for (const auto& one : broken) all += one + "\n";
  CHECK_THAT(all, Contains("plugin rulebreaker: " + line));
}

// What a child says when it serves and dies of it; empty: it lives.
std::string last_words(mode m, const std::string& rule) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    const mode_scope scope(m);
    gw::test::host host;
    serve(host, rule);
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char piece[512];
  for (ssize_t n; (n = read(ends[0], piece, sizeof piece)) > 0;) said.append(piece, size_t(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? said : "";
}

}  // namespace

TEST_CASE("checking names a broken rule with plugin, function and phase") {
  check_named("line end", "hdr_set in phase request: in on_request: a value with CR, LF or NUL");
  check_named("flags", "hdr_set in phase request: in on_request: flags that mean nothing: 6");
  check_named("wrong phase", "hdr_set in phase log: in on_log: GW_E_STATE");
  check_named("token without pause", "on_request in phase request: pause() gave it a token");
  check_named("pause without token", "on_request in phase request: GW_PAUSE without a token");
  check_named("respond without answer", "on_request in phase request: GW_RESPOND without");
  check_named("answer without respond", "on_request in phase request: respond() took its answer");
  check_named("unknown action", "on_request in phase request: the action 17 is none");
  check_named("late config", "json in phase request: in on_request: a gw_cfg is used outside");
  check_named("late request", "get in phase worker: in timer callback: this gw_req is not the one");
  check_named("other thread", "get in phase none: a gw_req is used outside of a callback");
  check_named("other thread", "timer_start in phase none: called on another thread");
  check_named(
      "borrow changes",
      "hdr_set in phase request: in on_request: the value given with GW_BORROW has changed");
  check_named("borrow of a slice", "hdr_set in phase request: in on_request: GW_BORROW for bytes");
  check_named("later work", "post in phase request: in on_request: the callback is NULL");
  check_named("later work", "fd_watch in phase request: in on_request: the callback is NULL");
  check_named("later work", "background in phase request: in on_request: the name has 0 bytes");
  check_named("later work", "run in phase request: in on_request: the job is NULL");
  for (const char* function : {"post", "fd_unwatch", "cancel", "certificate_drop"})
    check_named("worker gone", std::string(function) + " in phase request: ");
  check_named("stall", "on_request in phase request: it lasted 1");
}

TEST_CASE("what is left behind is a fault in every mode") {
  for (const mode m : gw::test::all_modes) {
    check_named("pause for ever", "pause in phase request: nobody can end this pause", m);
    const auto left = [m](const char* what) {
      const mode_scope scope(m);
      gw::test::host host;
      serve(host, what);
    };
    CHECK_THROWS_WITH(left("timer in worker_stop"),
                      Contains("timer_start in phase worker: in worker_stop: a timer"));
    CHECK_THROWS_WITH(left("descriptor in worker_stop"),
                      Contains("fd_watch in phase worker: in worker_stop: a descriptor"));
    CHECK_THROWS_WITH(left("descriptor left open"),
                      Contains("was watched to the end and is still open: it leaks"));
    CHECK_THROWS_WITH(left("memory left"), Contains("alloc in phase worker: "));
  }
}

TEST_CASE("a trace tells each call between host and plugin, in all tables, the same each time") {
  std::string texts[2];
  for (std::string& text : texts) {
    const gw::test::trace_scope trace;
    {
      gw::test::host host;
      serve(host, "");
    }
    text = trace.text();
  }
  CHECK(texts[0] == texts[1]);
  CHECK_THAT(texts[0], Contains("instance_new(") && Contains("  get_api(host, \"gw.tls/1\")") &&
                           Contains("  str(cfg, \"/break\") = \"\"\n") &&
                           Contains("\non_request(req, self) = 0\n") &&
                           Contains("\ninstance_free(pointer)\n"));
  const gw::test::trace_scope trace;
  gw::test::host host;
  host.load(GW_RULEBREAKER, "{}");
  CHECK_THROWS_AS(gw::test::trace_scope(), std::logic_error);
}

TEST_CASE("who keeps to the rules is told nothing") {
  for (const mode m : gw::test::all_modes) CHECK(broken_in(m, "").empty());
}

TEST_CASE("a host without a scope throws itself") {
  CHECK_THROWS_AS(
      [] {
        gw::test::host host;
        serve(host, "pause for ever");
      }(),
      std::logic_error);
}

TEST_CASE("use of a dead slice ends the process, and names whose it was and who used it") {
  const std::pair<std::string, std::string> deaths[] = {
      {"late slice", "what hdr_get gave to on_request (phase request) had ended"},
      {"changed slice", "what hdr_get gave to on_request (phase request) had ended"},
      {"past the end", "what hdr_get gave to on_request (phase request) was read past its end"},
      {"late chunk", "what the host gave to on_request_body (phase request_body) had ended"},
  };
  for (const auto& [rule, words] : deaths) {
    INFO(rule);
    const std::string said = last_words(mode::checking, rule);
    CHECK_THAT(said, Catch::Matchers::StartsWith("gatewright: plugin rulebreaker: dead memory"));
    CHECK_THAT(said, Contains(words));
    CHECK(last_words(mode::plain, "") == "");
  }
  CHECK_THAT(last_words(mode::checking, "late slice"),
             Contains("used in on_response (phase response)"));
}

TEST_CASE("memory of the request lives until its end") {
  CHECK(last_words(mode::checking, "late memory") == "");
}

TEST_CASE("a truncated table ends where the plugin's minor does") {
  CHECK_THAT(last_words(mode::truncated, "past the table"),
             Contains("the gw_req_api") && Contains("was read past its end"));
}

TEST_CASE("a body comes byte by byte when it is split") {
  for (const mode m : {mode::plain, mode::split}) {
    const mode_scope scope(m);
    gw::test::host host;
    serve(host, "split");
    REQUIRE(host.logs().size() == 1);
    CHECK(host.logs()[0].text == (m == mode::split ? "9" : "1"));
  }
}

TEST_CASE("a failure tells the mode in which it came") {
  int runs = 0;
  CHECK_THROWS_WITH(gw::test::in_every_mode([&runs](gw::test::host& host) {
                      ++runs;
                      serve(host, host.running() == mode::checking ? "flags" : "");
                    }),
                    Catch::Matchers::StartsWith("in mode checking: plugin rulebreaker: hdr_set"));
  CHECK(runs == 2);
  runs = 0;
  gw::test::in_every_mode([&runs] { ++runs; });
  CHECK(runs == 4);
}
