// SPDX-License-Identifier: Apache-2.0
// gw_req_api against the contracts of request.h: what is refused, in which phase, with which error.
#include <cstring>

#include "catch.hpp"
#include "http/header_names.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

gw_str str(std::string_view text) { return {text.data(), text.size()}; }
std::string text(gw_str given) {
  return given.p != nullptr ? std::string(given.p, given.n) : "(absent)";
}

// One plugin whose callbacks the test calls `look` in.
struct Probe : Worker {
  using Look = std::function<void(const Call&)>;
  explicit Probe(const std::string& phase, Look look) : phase(phase) {
    Script s;
    s.name = "probe";
    s.on[phase] = [look](const Call& c) {
      look(c);
      return gw_action{GW_CONTINUE};
    };
    add(s);
    REQUIRE(configure(
        "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n  - name: r\n    paths: [/]\n"
        "plugins:\n- name: probe\n"));
    id = gw_hid(gw::http::intern_header("X-Probe"));
  }
  void run() {
    Ask ask(*this, "r");
    ask.request.fields.add(gw::http::HeaderId(id), "a");
    ask.request.fields.add(gw::http::HeaderId(id), "b");
    ask.request.host = "example.test:81";
    if (ask.rewrite() != Outcome::next || ask.access() != Outcome::next) return;
    run_upstream(ask.seen, 0);
    ask.seen.request_head_sent = true;
    ask.run_body(Phase::request_body, "x", true);
    ask.response_head.status = 200;
    ask.response();
    ask.seen.response_head_sent = true;
    ask.run_body(Phase::response_body, "x", true);
    ask.finish();
    ++ran;
  }
  std::string phase;
  gw_hid id = 0;
  int ran = 0;
};

const char* const k_phases[] = {"rewrite",  "request",       "request_body", "upstream",
                                "response", "response_body", "log"};

// The result of `ask` in each phase, by name.
std::map<std::string, int> in_each_phase(const std::function<int(const Call&)>& ask) {
  std::map<std::string, int> out;
  for (const char* phase : k_phases) {
    Probe probe(phase, [&](const Call& c) { out[phase] = ask(c); });
    probe.run();
    CHECK(out.count(phase) == 1);
  }
  return out;
}

std::map<std::string, int> ok_in(std::vector<std::string> phases, int otherwise = GW_E_STATE) {
  std::map<std::string, int> out;
  for (const char* phase : k_phases) out[phase] = otherwise;
  for (const auto& phase : phases) out[phase] = GW_OK;
  return out;
}

int answer(const Call& c, const std::function<void(gw_response&)>& change) {
  gw_response given{};
  given.size = sizeof given;
  given.status = 200;
  change(given);
  return c.api().respond(c.r, &given);
}

}  // namespace

TEST_CASE("each value can be set in its phases only") {
  const auto setting = [](std::uint32_t what, const char* value) {
    return in_each_phase([=](const Call& c) { return c.api().set(c.r, what, str(value)); });
  };
  CHECK(setting(GW_PATH, "/new") == ok_in({"rewrite"}));
  CHECK(setting(GW_METHOD, "PUT") == ok_in({"rewrite", "request"}));
  CHECK(setting(GW_QUERY, "a=b") == ok_in({"rewrite", "request"}));
  CHECK(setting(GW_UPSTREAM_PATH, "/up") == ok_in({"request", "upstream"}));
  CHECK(setting(GW_UPSTREAM_HOST, "other:80") == ok_in({"request", "upstream"}));
  CHECK(setting(GW_CLIENT_IP, "1.2.3.4") == ok_in({}));
  CHECK(setting(12345, "x") == ok_in({}));
}

TEST_CASE("values that would change the message's framing are refused") {
  Probe probe("rewrite", [](const Call& c) {
    const auto set = [&](std::uint32_t what, std::string_view value) {
      return c.api().set(c.r, what, str(value));
    };
    for (const std::string_view value :
         {std::string_view("/a b"), std::string_view("/a\r\nX: y"), std::string_view("/a\0b", 4),
          std::string_view("a"), std::string_view(""), std::string_view("/a?b"),
          std::string_view("/a#b")})
      CHECK(set(GW_PATH, value) == GW_E_BADVALUE);
    for (const auto* value : {"", "GE T", "GET\r\n", "CONNECT"})
      CHECK(set(GW_METHOD, value) == GW_E_BADVALUE);
    CHECK(set(GW_QUERY, "a b") == GW_E_BADVALUE);
    CHECK(set(GW_QUERY, "a#b") == GW_E_BADVALUE);
    CHECK(c.api().set(c.r, GW_PATH, {nullptr, 5}) == GW_E_INVALID);
    CHECK(c.api().set(c.r, GW_QUERY, {nullptr, 0}) == GW_OK);
    CHECK(text(c.api().get(c.r, GW_QUERY)) == "(absent)");
  });
  probe.run();
  Probe later("request", [](const Call& c) {
    for (const auto* value : {"", "a/b", "user@host", "a:b", "[::1", "a b"})
      CHECK(c.api().set(c.r, GW_UPSTREAM_HOST, str(value)) == GW_E_BADVALUE);
    CHECK(c.api().set(c.r, GW_UPSTREAM_HOST, str("[::1]:80")) == GW_OK);
  });
  later.run();
  CHECK(probe.ran + later.ran == 2);
}

TEST_CASE("fields can be changed while their head is not sent") {
  const auto changing = [](std::uint32_t map) {
    return in_each_phase([=](const Call& c) {
      const gw_hid id = gw_hid(gw::http::intern_header("X-Probe"));
      const int set = c.api().hdr_set(c.r, map, id, str("v"), 0);
      CHECK(c.api().hdr_add(c.r, map, id, str("v"), 0) == set);
      CHECK(c.api().hdr_remove(c.r, map, id) == set);
      return set;
    });
  };
  CHECK(changing(GW_REQUEST) == ok_in({"rewrite", "request", "upstream"}));
  CHECK(changing(GW_RESPONSE) == ok_in({"response"}));
  CHECK(changing(2) == ok_in({}, GW_E_INVALID));
}

TEST_CASE("the fields of a second attempt can be changed again") {
  std::vector<int> results;
  Worker w;
  Script s;
  s.name = "signer";
  s.on["upstream"] = [&](const Call& c) {
    results.push_back(
        c.api().hdr_set(c.r, GW_REQUEST, gw_hid(gw::http::HeaderId::authorization), str("x"), 0));
    return gw_action{GW_CONTINUE};
  };
  w.add(s);
  REQUIRE(w.configure("plugins:\n- name: signer\n"));
  Ask ask(w);
  for (std::uint32_t attempt = 0; attempt < 2; ++attempt) {
    run_upstream(ask.seen, attempt);
    ask.seen.request_head_sent = true;
  }
  CHECK(results == std::vector<int>{GW_OK, GW_OK});
}

TEST_CASE("names and values of fields are looked at") {
  Probe probe("request", [](const Call& c) {
    const gw_hid id = gw_hid(gw::http::intern_header("X-Probe"));
    const auto set = [&](gw_hid field, std::string_view value, std::uint32_t flags = 0) {
      return c.api().hdr_set(c.r, GW_REQUEST, field, str(value), flags);
    };
    for (const std::string_view value : {std::string_view("a\r\nb"), std::string_view("a\nb"),
                                         std::string_view("a\0b", 3), std::string_view("\x01")})
      CHECK(set(id, value) == GW_E_BADVALUE);
    CHECK(set(0, "x") == GW_E_INVALID);
    CHECK(set(60000, "x") == GW_E_INVALID);
    CHECK(set(id, "x", 8) == GW_E_INVALID);
    CHECK(set(id, std::string((1 << 20) + 1, 'x')) == GW_E_TOOBIG);
    for (const auto field :
         {gw::http::HeaderId::host, gw::http::HeaderId::connection,
          gw::http::HeaderId::content_length, gw::http::HeaderId::transfer_encoding,
          gw::http::HeaderId::upgrade, gw::http::HeaderId::te, gw::http::HeaderId::keep_alive}) {
      CHECK(set(gw_hid(field), "x") == GW_E_STATE);
      CHECK(c.api().hdr_remove(c.r, GW_REQUEST, gw_hid(field)) == GW_E_STATE);
    }
    CHECK(text(c.api().hdr_get(c.r, GW_REQUEST, id)) == "a");
    CHECK(c.api().hdr_set(c.r, GW_REQUEST, id, {nullptr, 9}, GW_BORROW) == GW_OK);
    CHECK(text(c.api().hdr_get(c.r, GW_REQUEST, id)).empty());  // there, and empty
    CHECK(set(id, "new") == GW_OK);
    CHECK(c.api().hdr_all(c.r, GW_REQUEST, id, nullptr, 0) == 1);
  });
  probe.run();
  CHECK(probe.ran == 1);
}

TEST_CASE("reading takes no harm from what is not there") {
  Probe probe("request", [](const Call& c) {
    const gw_hid id = gw_hid(gw::http::intern_header("X-Probe"));
    const auto& api = c.api();
    CHECK(text(api.get(c.r, 99999)) == "(absent)");
    CHECK(api.get_i64(c.r, 99999) == -1);
    CHECK(text(api.hdr_get(c.r, 7, id)) == "(absent)");
    CHECK(text(api.hdr_get(c.r, GW_REQUEST, 60000)) == "(absent)");
    CHECK(text(api.hdr_find(c.r, 7, str("x-probe"))) == "(absent)");
    CHECK(text(api.hdr_find(c.r, GW_REQUEST, str("x-probe"))) == "a");
    CHECK(text(api.hdr_find(c.r, GW_REQUEST, {nullptr, 3})) == "(absent)");
    CHECK(api.hdr_list(c.r, 7, nullptr, 0) == 0);
    CHECK(api.hdr_list(c.r, GW_REQUEST, nullptr, 5) == 2);
    CHECK(api.hdr_all(c.r, GW_REQUEST, 60000, nullptr, 0) == 0);
    gw_str values[3] = {};
    CHECK(api.hdr_all(c.r, GW_REQUEST, id, values, 1) == 2);
    CHECK(text(values[0]) == "a");
    CHECK(values[1].p == nullptr);
    CHECK(api.attempts(c.r, nullptr, 3) == 0);
    CHECK(api.slot_get(c.r, 9999) == nullptr);
    CHECK(text(api.get(c.r, GW_SERVER_IP)) == "192.0.2.1");
  });
  probe.run();
  CHECK(probe.ran == 1);
}

TEST_CASE("an answer can be given in four phases") {
  CHECK(in_each_phase([](const Call& c) { return answer(c, [](gw_response&) {}); }) ==
        ok_in({"rewrite", "request", "upstream", "response"}));
}

TEST_CASE("an answer is looked at, and a bad one leaves the good one as it is") {
  Probe probe("request", [](const Call& c) {
    CHECK(c.api().respond(c.r, nullptr) == GW_E_INVALID);
    CHECK(answer(c, [](gw_response& a) { a.size = 8; }) == GW_E_INVALID);
    for (const int status : {0, 100, 199, 600, -1, 2000000})
      CHECK(answer(c, [&](gw_response& a) { a.status = status; }) == GW_E_INVALID);
    CHECK(answer(c, [](gw_response& a) { a.flags = 64; }) == GW_E_INVALID);
    const std::string long_code(65, 'a');
    for (const std::string_view code :
         {std::string_view(""), std::string_view("No"), std::string_view("a-b"),
          std::string_view("a b"), std::string_view(long_code)})
      CHECK(answer(c, [&](gw_response& a) { a.code = str(code); }) == GW_E_BADVALUE);
    CHECK(answer(c, [](gw_response& a) { a.content_type = str("text/plain\r\nX: y"); }) ==
          GW_E_BADVALUE);
    CHECK(answer(c, [](gw_response& a) { a.nheaders = 2; }) == GW_E_INVALID);
    gw_field field{};
    const auto with = [&](std::string_view name, std::string_view value, gw_hid id = 0) {
      field = {str(name), str(value), id, 0};
      return answer(c, [&](gw_response& a) {
        a.headers = &field;
        a.nheaders = 1;
      });
    };
    CHECK(with("X-Fine", "yes") == GW_OK);
    CHECK(with("no name", "x") == GW_E_BADVALUE);
    CHECK(with("", "x") == GW_E_BADVALUE);
    CHECK(with("X-A", "a\r\nb") == GW_E_BADVALUE);
    CHECK(with("content-LENGTH", "5") == GW_E_STATE);
    CHECK(with("Transfer-Encoding", "chunked") == GW_E_STATE);
    CHECK(with("", "x", 60000) == GW_E_INVALID);
    CHECK(answer(c, [&](gw_response& a) {
            a.headers = &field;
            a.nheaders = 300;
          }) == GW_E_TOOBIG);
    auto& request = *reinterpret_cast<gw::plugin::Request*>(c.r);
    REQUIRE(request.reply.recorded == gw::plugin::Recorded::answer);
    CHECK(request.reply.header_count == 1);
    CHECK(request.reply.headers[0].value == "yes");
  });
  probe.run();
  CHECK(probe.ran == 1);
}

TEST_CASE("pauses, statuses and bodies have their phases") {
  CHECK(in_each_phase([](const Call& c) {
          return c.api().pause(c.r, 1000) != 0 ? GW_OK : GW_E_STATE;
        }) == ok_in({"rewrite", "request", "request_body", "response", "response_body"}));
  CHECK(in_each_phase([](const Call& c) {
          CHECK(c.api().set_status(c.r, 199) < 0);
          CHECK(c.api().set_status(c.r, 600) < 0);
          return c.api().set_status(c.r, 404);
        }) == ok_in({"response"}));
  const auto unsupported_in = [](std::vector<const char*> phases) {
    auto expected = ok_in({});
    for (const char* phase : phases) expected[phase] = GW_E_UNSUPPORTED;
    return expected;
  };
  // It has no callback for that body.
  CHECK(in_each_phase([](const Call& c) {
          return c.api().body_mode(c.r, GW_REQUEST, GW_BODY_BUFFER, 0, 0);
        }) == unsupported_in({"request"}));
  CHECK(in_each_phase([](const Call& c) {
          return c.api().body_mode(c.r, GW_RESPONSE, GW_BODY_MODIFY, 0, 0);
        }) == unsupported_in({"request", "response"}));
  CHECK(in_each_phase([](const Call& c) {
          CHECK(c.api().body_mode(c.r, 2, GW_BODY_NONE, 0, 0) == GW_E_INVALID);
          CHECK(c.api().body_mode(c.r, GW_REQUEST, 4, 0, 0) == GW_E_INVALID);
          CHECK(c.api().body_mode(c.r, GW_REQUEST, GW_BODY_NONE, 0, 2) == GW_E_INVALID);
          return GW_E_STATE;
        }) == ok_in({}));
  CHECK(in_each_phase([](const Call& c) {
          CHECK(c.api().body_emit(c.r, 2, str("x"), nullptr, nullptr) == GW_E_INVALID);
          return c.api().body_emit(c.r, GW_REQUEST, str("x"), nullptr, nullptr);
        }) == ok_in({}));
  CHECK(in_each_phase([](const Call& c) { return c.api().redispatch(c.r, {}); }) == ok_in({}));
}

TEST_CASE("memory is aligned, and what nobody has is not given") {
  Probe probe("request", [](const Call& c) {
    for (const std::size_t align : {0u, 1u, 2u, 4u, 8u, 16u, 3u, 64u}) {
      const auto at = reinterpret_cast<std::uintptr_t>(c.api().alloc(c.r, 5, align));
      REQUIRE(at != 0);
      if (align == 16) CHECK(at % 16 == 0);
    }
    CHECK(c.api().alloc(c.r, 0, 1) != nullptr);
    CHECK(c.api().alloc(c.r, 1 << 20, 16) != nullptr);
    CHECK(c.api().alloc(c.r, SIZE_MAX, 8) == nullptr);
    CHECK(c.api().alloc(c.r, SIZE_MAX - 8, 16) == nullptr);
  });
  probe.run();
  CHECK(probe.ran == 1);
}

TEST_CASE("verdicts are kept, and nonsense is not") {
  Probe probe("request", [](const Call& c) {
    c.api().decide(c.r, GW_DENY, str("bad key"), {}, {});
    c.api().decide(c.r, 99, str("fine"), {}, {});
    c.api().decide(c.r, GW_LIMIT, str("rate_limited"), str("minute"), {});
    const auto& request = *reinterpret_cast<gw::plugin::Request*>(c.r);
    REQUIRE(request.decisions != nullptr);
    CHECK(request.decisions->code == "rate_limited");
    CHECK(request.decisions->plugin == "probe");
    CHECK(request.decisions->next == nullptr);
  });
  probe.run();
  CHECK(probe.ran == 1);
}

TEST_CASE("a callback is told who it is") {
  for (const char* phase : k_phases) {
    std::uint32_t told = 0;
    Probe probe(phase, [&](const Call& c) {
      told = c.self->phase;
      CHECK(c.self->flags == 0);
      CHECK(c.self->worker != nullptr);
      CHECK(c.self->inst != nullptr);
      CHECK(c.self->req_state == nullptr);  // it asked for none
    });
    probe.run();
    const auto expected = std::find_if(std::begin(k_phases), std::end(k_phases),
                                       [&](const char* p) { return std::string(p) == phase; });
    CHECK(told == std::uint32_t(expected - std::begin(k_phases)) + 1);
  }
}
