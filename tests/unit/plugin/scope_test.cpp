// SPDX-License-Identifier: Apache-2.0
// Which instance of a plugin runs: scopes, consumers, what a configuration lists.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "unit/plugin/world.hpp"

using namespace world;

namespace {

const std::string k_entities =
    "services:\n- name: s\n  url: http://127.0.0.1:1\n  routes:\n"
    "  - name: r\n    paths: [/r]\n  - name: other\n    paths: [/other]\n"
    "routes:\n- name: alone\n  paths: [/alone]\n"
    "consumers:\n- username: ann\n- username: bob\n";

// A folder that is gone with the test.
struct Folder {
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "gw-scope-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string entry(const std::string& plugin, const std::string& label, const std::string& scope) {
  return "- name: " + plugin + "\n  config: {label: " + label + "}\n" + scope;
}

const std::string k_route = "  route: r\n", k_service = "  service: s\n",
                  k_consumer = "  consumer: ann\n";

// The eight scopes, the most specific one first.
const std::vector<std::string> k_scopes = {k_route + k_service + k_consumer,
                                           k_route + k_consumer,
                                           k_service + k_consumer,
                                           k_route + k_service,
                                           k_consumer,
                                           k_route,
                                           k_service,
                                           ""};

// What runs in `request` for a route, after `auth` has published a consumer ("": none).
std::string labels(Worker& w, const std::string& route) {
  Ask ask(w, route);
  ask.access();
  return w.trace();
}

}  // namespace

TEST_CASE("of several entries of one plugin the most specific one runs") {
  for (std::size_t first = 0; first < k_scopes.size(); ++first) {
    Worker w;
    w.add(script("auth", 10, {{"request", publish(w, "ann")}}, GW_P_AUTH));
    w.add(script("p", 1, {{"request", go_on}}));
    std::string plugins = "plugins:\n- name: auth\n";
    for (std::size_t i = first; i < k_scopes.size(); ++i)
      plugins += entry("p", "n" + std::to_string(i), k_scopes[i]);
    REQUIRE(w.configure(k_entities + plugins));
    INFO(first);
    CHECK(labels(w, "r") == "auth.request p(n" + std::to_string(first) + ").request");
  }
}

TEST_CASE("an entry runs only where all of its scope is") {
  for (const auto& scope : k_scopes) {
    Worker w;
    w.add(script("auth", 10, {{"request", publish(w, "bob")}}, GW_P_AUTH));
    w.add(script("p", 1, {{"request", go_on}}));
    REQUIRE(w.configure(k_entities + "plugins:\n- name: auth\n" + entry("p", "x", scope)));
    INFO(scope);
    const bool anns = scope.find("ann") != std::string::npos;
    const bool of_route = scope.find("route") != std::string::npos;
    const bool of_service = scope.find("service") != std::string::npos;
    const auto runs = [&](const std::string& route) {
      return labels(w, route) == "auth.request p(x).request";
    };
    CHECK(runs("r") == !anns);
    CHECK(runs("other") == (!anns && !of_route));
    CHECK(runs("alone") == (!anns && !of_route && !of_service));
    CHECK(runs("") == (!anns && !of_route && !of_service));  // no route matched
  }
}

TEST_CASE("rewrite runs global entries only") {
  Worker w;
  w.add(script("p", 1, {{"rewrite", go_on}, {"request", go_on}}));
  REQUIRE(
      w.configure(k_entities + "plugins:\n" + entry("p", "all", "") + entry("p", "mine", k_route)));
  Ask ask(w, "r");
  ask.rewrite();
  ask.access();
  CHECK(w.trace() == "p(all).rewrite p(mine).request");
}

TEST_CASE("routes with the same plugins share one chain") {
  Worker w;
  w.add(script("p", 1, {{"request", go_on}}));
  REQUIRE(w.configure(k_entities + "plugins:\n" + entry("p", "all", "")));
  CHECK(&w.generation->chain(0) == &w.generation->chain(1));
  CHECK(&w.generation->chain(0) == &w.generation->chain(gw::config::k_none));
}

TEST_CASE("once the consumer is known the rest of the chain is the consumer's") {
  Worker w;
  gw_token token = 0;
  const auto publishes = publish(w, "ann");
  const auto three = "plugins:\n- name: auth\n" + entry("early", "route", k_route) +
                     entry("early", "ann", k_consumer) + entry("late", "route", k_route) +
                     entry("late", "ann", k_route + k_consumer);
  w.add(script("early", 20, {{"request", go_on}, {"log", go_on}}));
  w.add(script("late", 5, {{"request", go_on}, {"log", go_on}}));
  SECTION("at once") {
    w.add(script("auth", 10, {{"request", publishes}, {"log", go_on}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::next);
    ask.finish();
    CHECK(w.trace() ==
          "early(route).request auth.request late(ann).request early(route).log auth.log "
          "late(ann).log");
  }
  SECTION("published before a pause") {
    w.add(script("auth", 10,
                 {{"request",
                   [&](const Call& c) {
                     publishes(c);
                     return pause_here(&token)(c);
                   }},
                  {"resume", go_on}},
                 GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::wait);
    w.host->abi().resume(&w.host->abi(), token, 0);
    CHECK(ask.woken() == Outcome::next);
    CHECK(w.trace() == "early(route).request auth.request auth.resume late(ann).request");
  }
  SECTION("published after a pause") {
    w.add(script("auth", 10, {{"request", pause_here(&token)}, {"resume", publishes}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::wait);
    w.host->abi().resume(&w.host->abi(), token, 0);
    CHECK(ask.woken() == Outcome::next);
    CHECK(w.trace() == "early(route).request auth.request auth.resume late(ann).request");
  }
  SECTION("published in a buffered body") {
    w.add(script("auth", 10, {{"request", buffer()}, {"request_body", publishes}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::wait_body);
    CHECK(ask.give_body("who=ann") == Outcome::next);
    CHECK(w.trace() == "early(route).request auth.request auth.request_body late(ann).request");
  }
  SECTION("published in a buffered body after a pause") {
    w.add(
        script("auth", 10,
               {{"request", buffer()}, {"request_body", pause_here(&token)}, {"resume", publishes}},
               GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::wait_body);
    CHECK(ask.give_body("who=ann") == Outcome::wait);
    w.host->abi().resume(&w.host->abi(), token, 0);
    CHECK(ask.woken() == Outcome::next);
    CHECK(w.trace() ==
          "early(route).request auth.request auth.request_body auth.resume late(ann).request");
  }
  SECTION("published in rewrite: all of the chain") {
    w.add(script("auth", 10, {{"rewrite", publishes}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    ask.rewrite();
    CHECK(ask.access() == Outcome::next);
    CHECK(w.trace() == "auth.rewrite early(ann).request late(ann).request");
  }
  SECTION("an answer of the auth plugin: the consumer's later phases") {
    w.add(script("auth", 10,
                 {{"request",
                   [&](const Call& c) {
                     publishes(c);
                     return respond(403)(c);
                   }}},
                 GW_P_AUTH));
    REQUIRE(w.configure(k_entities + three));
    Ask ask(w, "r");
    CHECK(ask.access() == Outcome::respond);
    ask.finish();
    CHECK(w.trace() == "early(route).request auth.request early(route).log late(ann).log");
  }
}

TEST_CASE("a second auth plugin may publish another consumer, or none any more") {
  Worker w;
  w.add(script("auth", 10, {{"request", publish(w, "ann")}}, GW_P_AUTH));
  w.add(script("p", 1, {{"request", go_on}}));
  const auto plugins = "plugins:\n- name: auth\n- name: again\n" + entry("p", "all", "") +
                       entry("p", "ann", k_consumer) + entry("p", "bob", "  consumer: bob\n");
  SECTION("another") {
    w.add(script("again", 9, {{"request", publish(w, "bob")}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + plugins));
    CHECK(labels(w, "r") == "auth.request again.request p(bob).request");
  }
  SECTION("nobody") {
    w.add(script("again", 9, {{"request", publish(w, "nobody")}}, GW_P_AUTH));
    REQUIRE(w.configure(k_entities + plugins));
    CHECK(labels(w, "r") == "auth.request again.request p(all).request");
  }
}

TEST_CASE("a consumer that is none of this configuration's changes nothing") {
  Worker w;
  static gw_consumer made_up{sizeof(gw_consumer), 77, {"x", 1}, {nullptr, 0}, {nullptr, 0}};
  static gw_identity identity{sizeof(gw_identity), 0, &made_up, {nullptr, 0}, nullptr, 0, 0};
  w.add(script("auth", 10,
               {{"request",
                 [](const Call& c) {
                   c.api().slot_put(c.r, 1, &identity, nullptr);
                   return gw_action{GW_CONTINUE};
                 }}},
               GW_P_AUTH));
  w.add(script("p", 1, {{"request", go_on}}));
  REQUIRE(w.configure(k_entities + "plugins:\n- name: auth\n" + entry("p", "all", "") +
                      entry("p", "ann", k_consumer)));
  CHECK(labels(w, "r") == "auth.request p(all).request");
}

TEST_CASE("what is limited to a consumer and ordered before authentication is warned of") {
  Worker w;
  w.add(script("auth", 10, {{"request", go_on}}, GW_P_AUTH));
  w.add(script("early", 20, {{"request", go_on}}));
  const auto plugins = "plugins:\n- name: auth\n" + entry("early", "x", k_consumer);
  REQUIRE(w.configure(k_entities + plugins));
  CHECK(w.problems().find("warning: ") != std::string::npos);
  CHECK(w.problems().find("is limited to a consumer but cannot take effect: it runs before every "
                          "authentication plugin") != std::string::npos);
  REQUIRE(w.configure(k_entities + plugins, "  phase_order: {request: [auth, early]}\n"));
  CHECK(w.problems().empty());
}

TEST_CASE("phase_order names only plugins that are there, each once, in phases that are some") {
  Worker w;
  w.add(script("auth", 10, {{"request", go_on}}));
  w.add(script("late", 5, {{"request", go_on}}));
  const auto refused = [&](const std::string& order, const std::string& why) {
    CHECK_FALSE(w.configure(k_entities, "  phase_order: " + order + "\n"));
    INFO(w.problems());
    CHECK(w.problems().find(why) != std::string::npos);
  };
  refused("{request: [auth, late, auth]}", "auth stands twice in request");
  refused("{acces: [auth]}", "\"acces\" is no phase");
  refused("{access: [auth], request: [auth]}", "the phase request once only");
  refused("{log: [auth, lat]}",
          "kong.yml:4:29: gateway.phase_order.log[1]: plugin \"lat\" is not loaded; add it to "
          "gateway.plugins\n      hint: did you mean \"late\"?\n");
}

TEST_CASE("a configuration may use only what it lists, whatever else is loaded") {
  Worker w;
  w.add(script("linked", 1, {{"request", go_on}}));
  static gw_plugin_desc from_file{};
  static gw_collection_desc keys{sizeof keys, 0, "test_credentials", nullptr, "key"};
  static const gw_collection_desc* list[1] = {&keys};
  from_file.size = sizeof from_file;
  from_file.name = "from-file";
  from_file.collections = list;
  from_file.ncollections = 1;
  const Folder folder;
  const std::string path = folder.path + "/from-file.so";
  std::ofstream(path) << "its code is here already";
  REQUIRE(w.registry->add(&from_file, path).ok());
  gw::config::Settings settings;
  const auto names = [&](std::vector<std::string> listed) {
    settings.plugins = std::move(listed);
    std::string out;
    for (const auto* plugin : w.registry->listed(settings)) out += plugin->name + " ";
    return out;
  };
  CHECK(names({path}) == "linked from-file ");
  CHECK(names({}) == "linked ");
  settings.plugin_path = {folder.path};
  CHECK(names({"from-file"}) == "linked from-file ");
  CHECK_FALSE(w.configure(k_entities + "plugins:\n- name: from-file\n"));
  CHECK(w.problems().find("plugin \"from-file\" is not loaded; add it to gateway.plugins") !=
        std::string::npos);
  CHECK_FALSE(w.configure(k_entities + "test_credentials:\n- consumer: ann\n  key: x\n"));
  CHECK(w.problems().find("belongs to no plugin that is loaded") != std::string::npos);
  CHECK_FALSE(w.configure(k_entities, "  phase_order: {log: [from-file]}\n"));
}

TEST_CASE("entries that a plugin does not allow are refused with their place") {
  Worker w;
  w.add(script("p", 1, {{"request", go_on}}, GW_P_NO_ROUTE | GW_P_NO_CONSUMER));
  CHECK_FALSE(w.configure(k_entities + "plugins:\n" + entry("p", "x", k_route + k_consumer)));
  CHECK(w.problems().find("p cannot be limited to a route") != std::string::npos);
  CHECK(w.problems().find("p cannot be limited to a consumer") != std::string::npos);
}

TEST_CASE("no request may go on because a plugin that guards has failed") {
  for (const std::uint32_t flags : {0u, std::uint32_t(GW_P_SECURITY)}) {
    Worker w;
    w.add(script("p", 1, {{"request", go_on}}, flags));
    const std::string open = "  gateway: {on_failure: open}\n";
    CHECK(w.configure(k_entities + "plugins:\n" + entry("p", "x", open)) == (flags == 0));
    CHECK((w.problems().find("plugins[0].gateway.on_failure: is open, expected closed") ==
           std::string::npos) == (flags == 0));
  }
}

TEST_CASE("an instance is told of the one before it, by its entry") {
  Worker w;
  std::vector<bool> had_previous;
  Script s = script("p", 1, {{"request", go_on}});
  s.made = [&](const gw_instance_args& args) { had_previous.push_back(args.prev != nullptr); };
  w.add(s);
  const auto one = k_entities + "plugins:\n" + entry("p", "a", k_route);
  REQUIRE(w.configure(one));
  REQUIRE(w.configure(one + entry("p", "b", "")));
  CHECK(had_previous == std::vector<bool>{false, true, false});
}
