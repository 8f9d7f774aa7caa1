// SPDX-License-Identifier: Apache-2.0
// What a look-up costs with 10, 1,000 and 10,000 routes, in nanoseconds, the least of many rounds.
// Two kinds of load: `few` asks for ten routes over and over, so that what it shows is the work;
// `all` asks for every route in turn, so that it also shows what the processor's caches can't hold.
// Ends with 1 if `few` costs more than twice as much with 10,000 routes as with 10.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "routing/router.hpp"

namespace {

using gw::cat;
using gw::config::Entities;
using gw::routing::Query;
using gw::routing::Router;

constexpr std::array k_sizes{10, 1'000, 10'000};
constexpr double k_most_growth = 2.0;

struct Shape {
  const char* name;
  bool hosts;
  bool paths;
};
constexpr Shape k_shapes[] = {{"literal hosts", true, false},
                              {"prefix paths", false, true},
                              {"hosts and prefixes", true, true}};

std::string host_of(const Shape& shape, int i) {
  if (!shape.hosts) return "api.example.com";
  return cat("api-", shape.paths ? i % 100 : i, ".example.com");
}
std::string path_of(const Shape& shape, int i) {
  return shape.paths ? cat("/service-", i, "/v1") : "/";
}

Entities make_routes(const Shape& shape, int count) {
  Entities out;
  for (int i = 0; i < count; ++i) {
    auto& route = out.routes.emplace_back();
    route.name = cat("route-", i);
    if (shape.hosts) route.hosts = {host_of(shape, i)};
    if (shape.paths) route.paths = {path_of(shape, i)};
  }
  return out;
}

[[noreturn]] void stop(const char* why) {
  std::puts(why);
  std::exit(2);
}

struct Asked {
  std::string host;
  std::string path;
  gw::config::Index route;
};

// `count` requests, spread over the routes with a step that shares no factor with their number.
std::vector<Asked> make_requests(const Shape& shape, int routes, int count) {
  std::vector<Asked> out;
  for (int i = 0; i < count; ++i) {
    const int n = int((i * 7'919LL + 3) % routes);
    out.push_back({host_of(shape, n), path_of(shape, n) + "/orders/17", gw::config::Index(n)});
  }
  return out;
}

// Nanoseconds of one look-up, over all requests once or more; a wrong answer ends the program.
double time_once(const Router& router, const std::vector<Asked>& requests) {
  gw::BlockPool pool(4096, 2);
  gw::Arena arena(pool);
  const int repeats = std::max(1, 2'000 / int(requests.size()));
  bool right = true;
  const auto begin = std::chrono::steady_clock::now();
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (const Asked& asked : requests) {
      const Query query{"GET", asked.host, 80, asked.path, false, {}, nullptr, nullptr};
      right &= router.match(query, arena).route == asked.route;
    }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  if (!right) stop("a request found the wrong route");
  return took.count() / double(requests.size()) / repeats;
}

struct Case {
  Case(const Shape& shape, int size)
      : entities(make_routes(shape, size)),
        few(make_requests(shape, size, 10)),
        all(make_requests(shape, size, size)) {
    std::vector<gw::config::Diagnostic> diagnostics;
    router = Router::compile(entities, diagnostics);
    if (!router) stop("the routes are refused");
  }
  Entities entities;
  std::vector<Asked> few;
  std::vector<Asked> all;
  std::unique_ptr<Router> router;
  double least_few = 1e9;
  double least_all = 1e9;
};

// The sizes take turns, so that a busy moment of the machine meets them all.
bool measure_shape(const Shape& shape) {
  std::vector<std::unique_ptr<Case>> cases;
  for (const int size : k_sizes) cases.push_back(std::make_unique<Case>(shape, size));
  for (int round = 0; round < 100; ++round)
    for (auto& each : cases) {
      each->least_few = std::min(each->least_few, time_once(*each->router, each->few));
      each->least_all = std::min(each->least_all, time_once(*each->router, each->all));
    }
  const Case& first = *cases.front();
  for (std::size_t i = 0; i < cases.size(); ++i)
    std::printf("%-20s %7d %8.1f %6.2f %8.1f %6.2f\n", shape.name, k_sizes[i], cases[i]->least_few,
                cases[i]->least_few / first.least_few, cases[i]->least_all,
                cases[i]->least_all / first.least_all);
  return cases.back()->least_few <= k_most_growth * first.least_few;
}

}  // namespace

int main() {
  std::printf("%-20s %7s %8s %6s %8s %6s\n", "ns per look-up", "routes", "few", "ratio", "all",
              "ratio");
  bool good = true;
  for (const Shape& shape : k_shapes) good = measure_shape(shape) && good;
  if (!good) std::printf("10,000 routes cost more than %.0f times what 10 do\n", k_most_growth);
  return good ? 0 : 1;
}
