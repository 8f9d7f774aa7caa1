// SPDX-License-Identifier: Apache-2.0
#include "routing/router.hpp"

#include "routes.hpp"

using namespace gw::routing::test;
using gw::routing::Router;

TEST_CASE("a prefix has no regard for segments, and the longest wins") {
  World world;
  world.add("root").paths = {"/"};
  world.add("short").paths = {"/route"};
  world.add("long").paths = {"/route/deep"};
  CHECK(world.at({"/routereq"}) == "short");
  CHECK(world.at({"/route/deeper"}) == "long");
  CHECK(world.at({"/rout"}) == "root");
  CHECK(world.match({"/route/deeper"}).matched == 11);
}

TEST_CASE("each prefix of a route competes by its own length") {
  World world;
  world.add("two").paths = {"/a", "/a/b/c"};
  world.add("middle").paths = {"/a/b"};
  CHECK(world.at({"/a/x"}) == "two");
  CHECK(world.at({"/a/b/x"}) == "middle");
  CHECK(world.at({"/a/b/c"}) == "two");
  CHECK(world.match({"/a/b/c"}).matched == 6);
  CHECK(world.router().order() == std::vector<gw::config::Index>{0, 1});
}

TEST_CASE("nothing matches where no route does") {
  World world;
  world.add("post").methods = {"POST"};
  const auto match = world.match({"/"});
  CHECK(match.route == gw::config::k_none);
  CHECK(match.matched == 0);
  CHECK_FALSE(match.gave_up);
  World empty;
  CHECK(empty.at({"/"}).empty());
}

TEST_CASE("methods are exact, and any word may be one") {
  World world;
  world.add("write").methods = {"POST", "PURGE"};
  CHECK(world.at({"/", "a", "PURGE"}) == "write");
  CHECK(world.at({"/", "a", "post"}).empty());
  CHECK(world.at({"/", "a", "POSTS"}).empty());
}

TEST_CASE("hosts are compared without case, port and trailing dot") {
  World world;
  world.add("plain").hosts = {"Api.Example.com"};
  world.add("six").hosts = {"[::1]"};
  for (const auto* host :
       {"api.example.com", "API.example.COM", "api.example.com:8443", "api.example.com."})
    CHECK(world.at({"/", host}) == "plain");
  CHECK(world.at({"/", "[::1]:80"}) == "six");
  CHECK(world.at({"/", "api.example.com.evil"}).empty());
  CHECK(world.at({"/", "x.api.example.com"}).empty());
  CHECK(world.at({"/", ""}).empty());
}

TEST_CASE("wildcard hosts stand for any number of labels, left or right") {
  World world;
  world.add("left").hosts = {"*.example.com"};
  world.add("right").hosts = {"example.*"};
  CHECK(world.at({"/", "a.example.com"}) == "left");
  CHECK(world.at({"/", "A.B.Example.com:81"}) == "left");
  CHECK(world.at({"/", "example.com"}) == "right");
  CHECK(world.at({"/", "example.co.uk"}) == "right");
  CHECK(world.at({"/", "an.example.org"}).empty());
  CHECK(world.at({"/", "notexample.com"}).empty());
}

TEST_CASE("a literal host wins over wildcards, and a host with its port over one without") {
  World world;
  world.add("wild").hosts = {"*.example.com"};
  world.add("wild port").hosts = {"*.example.com:8443"};
  world.add("plain").hosts = {"a.example.com"};
  world.add("plain port").hosts = {"a.example.com:8443"};
  CHECK(world.at({"/", "b.example.com:8443"}) == "wild port");
  CHECK(world.at({"/", "b.example.com:8444"}) == "wild");
  CHECK(world.at({"/", "a.example.com:8443"}) == "plain port");
  CHECK(world.at({"/", "a.example.com"}) == "plain");
}

TEST_CASE("a host's port is the Host header's, else the one the client talks to") {
  World world;
  world.add("ported").hosts = {"a.example:8000"};
  Request request{"/", "a.example"};
  CHECK(world.at(request).empty());
  request.port = 8000;
  CHECK(world.at(request) == "ported");
  request.host = "a.example:80";
  CHECK(world.at(request).empty());
}

TEST_CASE("the number of criteria ranks first, then plain hosts, then headers, then regexes") {
  World world;
  world.add("prefix").paths = {"/very/long/prefix"};
  world.add("regex").paths = {"~/very"};
  world.add("headers").headers = {{"x-a", {"1"}}};
  world.add("host").hosts = {"a.example"};
  auto& two = world.add("two");
  two.methods = {"GET"};
  two.paths = {"/very"};
  const Fields fields = {{"X-A", "1"}};
  CHECK(world.at({"/very/long/prefix", "a.example", "GET", fields}) == "two");
  CHECK(world.at({"/very/long/prefix", "a.example", "PUT", fields}) == "host");
  CHECK(world.at({"/very/long/prefix", "b", "PUT", fields}) == "headers");
  CHECK(world.at({"/very/long/prefix", "b", "PUT"}) == "regex");
  CHECK(world.router().order() == std::vector<gw::config::Index>{4, 3, 2, 1, 0});
}

TEST_CASE("more header names rank before a longer path") {
  World world;
  auto& one = world.add("one");
  one.headers = {{"a", {"1"}}};
  one.paths = {"/long/path"};
  auto& both = world.add("both");
  both.headers = {{"a", {"1"}}, {"b", {"1"}}};
  both.paths = {"/"};
  CHECK(world.at({"/long/path", "h", "GET", {{"a", "1"}, {"b", "1"}}}) == "both");
  CHECK(world.at({"/long/path", "h", "GET", {{"a", "1"}}}) == "one");
}

TEST_CASE("regex_priority orders regexes only, also below zero") {
  World world;
  auto add = [&](const char* name, const char* path, int priority) {
    auto& route = world.add(name);
    route.paths = {path};
    route.regex_priority = priority;
  };
  add("prefix", "/a/b", 100);
  add("minus", "~/a/b", -1);
  add("zero", "~/a", 0);
  add("five", "~/a/(b|c)", 5);
  CHECK(world.at({"/a/b"}) == "five");
  CHECK(world.at({"/a/x"}) == "zero");
  CHECK(world.router().order() == std::vector<gw::config::Index>{3, 2, 1, 0});
}

TEST_CASE("the route that stands first in the file wins a tie") {
  World world;
  world.add("first").paths = {"/a"};
  world.add("second").paths = {"/a"};
  world.add("third").paths = {"~/b"};
  world.add("fourth").paths = {"~/b+"};
  CHECK(world.at({"/a"}) == "first");
  CHECK(world.at({"/b"}) == "third");
}

TEST_CASE("a half match never blocks a full match further down") {
  World world;
  auto& strong = world.add("strong");
  strong.hosts = {"a.example"};
  strong.paths = {"/a/b"};
  strong.methods = {"POST"};
  auto& middle = world.add("middle");
  middle.hosts = {"a.example"};
  middle.paths = {"/a"};
  world.add("weak").paths = {"/"};
  CHECK(world.at({"/a/b", "a.example", "GET"}) == "middle");
  CHECK(world.at({"/x", "a.example", "GET"}) == "weak");
}

TEST_CASE("header names are all needed, of values any, in any repeated field, without case") {
  World world;
  world.add("h").headers = {{"X-Version", {"v1", "V2"}}, {"x-kind", {"a"}}};
  CHECK(world.at({"/", "h", "GET", {{"x-version", "v2"}, {"X-KIND", "A"}}}) == "h");
  CHECK(world.at({"/", "h", "GET", {{"x-version", "v3"}, {"x-version", "v1"}, {"x-kind", "a"}}}) ==
        "h");
  CHECK(world.at({"/", "h", "GET", {{"x-version", "v1"}}}).empty());
  CHECK(world.at({"/", "h", "GET", {{"x-version", "v1, v2"}, {"x-kind", "a"}}}).empty());
}

TEST_CASE("a header value with ~* is a regex without case, found anywhere") {
  World world;
  world.add("agent").headers = {{"user-agent", {"~*chrome/\\d+", "curl"}}};
  CHECK(world.at({"/", "h", "GET", {{"User-Agent", "Mozilla Chrome/83"}}}) == "agent");
  CHECK(world.at({"/", "h", "GET", {{"User-Agent", "Chrome/x"}}}).empty());
  CHECK(world.at({"/", "h", "GET", {{"User-Agent", "CURL"}}}) == "agent");
  World upper;
  upper.add("no digit").headers = {{"x", {"~*^\\D+$"}}};
  CHECK(upper.at({"/", "h", "GET", {{"x", "12"}}}).empty());
  CHECK(upper.at({"/", "h", "GET", {{"x", "ab"}}}) == "no digit");
}

TEST_CASE("a request's fields are asked for once, and only if a route needs them") {
  World world;
  world.add("plain").hosts = {"a.example"};
  world.add("one").headers = {{"x", {"1"}}};
  world.add("two").headers = {{"x", {"2"}}};
  const Request plain{"/", "a.example"};
  CHECK(world.at(plain) == "plain");
  CHECK(plain.asked == 0);
  const Request other{"/", "b.example", "GET", {{"x", "2"}}};
  CHECK(world.at(other) == "two");
  CHECK(other.asked == 1);
  auto query = other.query();
  query.each_header = nullptr;
  CHECK(world.router().match(query, world.arena).route == gw::config::k_none);
}

TEST_CASE("snis count on TLS connections only") {
  World world;
  world.add("secure").snis = {"a.example", "*.b.example"};
  Request request;
  CHECK(world.at(request) == "secure");
  request.tls = true;
  CHECK(world.at(request).empty());
  request.sni = "A.example";
  CHECK(world.at(request) == "secure");
  request.sni = "x.b.example";
  CHECK(world.at(request) == "secure");
  request.sni = "x.y.b.example";
  CHECK(world.at(request).empty());
}

TEST_CASE("protocols are no criterion") {
  World world;
  auto& route = world.add("https only");
  route.http = false;
  route.paths = {"/"};
  CHECK(world.at({"/"}) == "https only");
}

TEST_CASE("a disabled service hides its routes, and a lower one answers") {
  World world;
  world.entities.services.resize(2);
  world.entities.services[0].enabled = false;
  auto& hidden = world.add("hidden");
  hidden.paths = {"/a/b"};
  hidden.service = 0;
  auto& shown = world.add("shown");
  shown.paths = {"/a"};
  shown.service = 1;
  CHECK(world.at({"/a/b"}) == "shown");
  CHECK(world.router().order() == std::vector<gw::config::Index>{1});
}

TEST_CASE("a regex path gives what it matched and its captures") {
  World world;
  world.add("user").paths = {"/u", "~/users/(?<id>\\d+)(/x)?", "~/people/(?<name>[a-z]+)"};
  const Request request{"/users/17/orders"};
  const auto match = world.match(request);
  REQUIRE(match.route == 0);
  CHECK(match.matched == 9);
  REQUIRE(match.capture_count == 3);
  CHECK(match.captures[0].value == "/users/17");
  CHECK(match.captures[1].name == "id");
  CHECK(match.captures[1].value == "17");
  CHECK(match.captures[1].value.data() == request.path.data() + 7);
  CHECK(match.captures[2].value.data() == nullptr);
  const Request prefix{"/ux"};
  CHECK(world.match(prefix).capture_count == 0);
  CHECK(world.match(prefix).matched == 2);
  const Request second{"/people/ann"};
  CHECK(world.match(second).captures[1].name == "name");
}

TEST_CASE("of a route's regexes the first in the file that matches tells the captures") {
  World world;
  world.add("r").paths = {"~/a/(x|y)", "~/(a)/", "~/a/x"};
  const Request request{"/a/x"};
  CHECK(world.match(request).captures[1].value == "x");
  const Request other{"/a/z"};
  CHECK(world.match(other).captures[1].value == "a");
}

TEST_CASE("a regex that gives up hides the routes below it") {
  World world;
  world.add("strict").paths = {"~/(?=a)(a+)+$"};
  world.add("open").paths = {"/"};
  const Request hostile{"/" + std::string(4000, 'a') + "!"};
  const auto match = world.match(hostile);
  CHECK(match.route == gw::config::k_none);
  CHECK(match.gave_up);
  CHECK(match.undecided == 0);
  CHECK(world.at({"/aaa"}) == "strict");
  CHECK(world.at({"/b"}) == "open");
  auto& above = world.add("above");
  above.paths = {"/"};
  above.methods = {"GET"};
  World better;
  better.entities = world.entities;
  CHECK(better.at(hostile) == "above");
}

TEST_CASE("a header regex that gives up hides the routes below it") {
  World world;
  world.add("strict").headers = {{"x", {"~*^(?=a)(a+)+$"}}};
  world.add("open").paths = {"/"};
  const Fields hostile = {{"x", std::string(4000, 'a') + "!"}};
  const Request request{"/", "h", "GET", hostile};
  CHECK(world.match(request).gave_up);
  CHECK(world.match(request).undecided == 0);
  CHECK(world.at({"/", "h", "GET", {{"x", "aa"}}}) == "strict");
}

TEST_CASE("long lists of hosts and paths are matched as short ones are") {
  World world;
  auto& wide = world.add("wide");
  auto& regexes = world.add("regexes");
  for (int i = 100; i < 200; ++i) {
    const auto n = std::to_string(i);
    wide.hosts.push_back("h" + n + ".example");
    wide.paths.push_back("/p" + n);
    wide.paths.push_back("/longer/p" + n);
    regexes.hosts.push_back("h" + n + ".example");
    regexes.paths.push_back("~/r" + n + "/(\\d+)");
  }
  CHECK(world.at({"/p150/x", "h199.example"}) == "wide");
  CHECK(world.match({"/p150/x", "h199.example"}).matched == 5);
  CHECK(world.match({"/longer/p150/x", "h100.example"}).matched == 12);
  CHECK(world.at({"/p200", "h100.example"}).empty());
  CHECK(world.at({"/p15", "h100.example"}).empty());
  CHECK(world.at({"/p150", "h200.example"}).empty());
  const Request request{"/r123/45/6", "h111.example"};
  CHECK(world.match(request).matched == 8);
  CHECK(world.at({"/r99/1", "h111.example"}).empty());
}

TEST_CASE("paths that part in any number of ways, at labels of any length, are told apart") {
  for (int ways = 1; ways <= 26; ++ways)
    for (int length = 1; length <= 16; ++length) {
      World world;
      // "/a…", "/b…": one label of `length` bytes for each, and the routes in a shuffled order.
      const auto path = [&](int i) {
        return "/" + std::string(std::size_t(length), char('a' + i)) + "/";
      };
      for (int i = 0; i < ways; ++i)
        world.add(path(i)).paths = {path(ways % 5 == 0 ? i : i * 5 % ways)};
      for (int i = 0; i < ways; ++i) {
        const auto found = world.match({path(i) + "x"});
        REQUIRE(found.matched == std::size_t(length) + 2);
        REQUIRE(world.entities.routes[found.route].paths[0] == path(i));
        auto other = path(i);
        other[std::size_t(length)] = '-';
        REQUIRE(world.match({other}).route == gw::config::k_none);
      }
      REQUIRE(world.match({path(ways)}).route == gw::config::k_none);
    }
}

TEST_CASE("a wrong regex is told where the document has it") {
  World world;
  auto& route = world.add("orders");
  route.place = "services[0].routes[1]";
  route.paths = {"/a", "~/("};
  route.path_places = {{7, 3}, {8, 5}};
  CHECK(Router::compile(world.entities, world.diagnostics) == nullptr);
  REQUIRE(world.diagnostics.size() == 1);
  CHECK(world.diagnostics[0].where == gw::config::Location{8, 5});
  CHECK(world.diagnostics[0].path == "services[0].routes[1].paths[1]");
}

TEST_CASE("what can't be a route's path or header is told with its place") {
  gw::config::Entities entities;
  auto& route = entities.routes.emplace_back();
  route.name = "orders";
  route.where = {12, 5};
  route.paths = {"/ok", "~/a(b", "/a//b", "/%zz", "plain", "~/caf\xC3\xA9"};
  route.headers = {{"x-a", {"ok", "~*[b"}}};
  std::vector<gw::config::Diagnostic> out;
  CHECK(Router::compile(entities, out) == nullptr);
  std::vector<std::string> places;
  for (const auto& diagnostic : out) {
    CHECK(diagnostic.where == route.where);
    places.push_back(diagnostic.path);
  }
  CHECK(places == std::vector<std::string>{"routes.orders.headers", "routes.orders.paths[1]",
                                           "routes.orders.paths[5]", "routes.orders.paths[2]",
                                           "routes.orders.paths[3]", "routes.orders.paths[4]"});
  CHECK(out[2].severity == gw::config::Severity::warning);
  CHECK(out[3].hint == "write \"/a/b\"");
  CHECK(out[1].message.find("missing closing parenthesis at byte 4") != std::string::npos);
}
