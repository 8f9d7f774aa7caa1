// SPDX-License-Identifier: Apache-2.0
// What a plugin in a chain costs: ten plugins from ten files, each of which reads two headers and
// adds one, in the gateway's own plugin layer, with its sampled clock. Nanoseconds for each plugin
// (the least of many rounds), and allocations, above the same request without them.
//   chain_cost FOLDER            judges: no allocation, and not much more than the goal
//   chain_cost FOLDER --run N    runs N requests and says nothing, for tools that count
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/generation.hpp"
#include "plugin/offline_worker.hpp"
#include "tools/bench_request.hpp"
#include "tools/counters.hpp"

namespace {

using gw::cat;

constexpr int k_plugins = 10;
constexpr int k_rounds = 60;
constexpr int k_requests = 5000;
constexpr double k_goal_ns = 30;
// Of the goal: what a machine that others use, or an old one, may take.
constexpr double k_most = 2 * k_goal_ns;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

struct Layer {
  explicit Layer(const std::string& folder) {
    for (int i = 0; i < k_plugins; ++i) files.push_back(cat(folder, "/bench-", i, ".so"));
  }
  std::shared_ptr<gw::plugin::Generation> configure(bool with) {
    gw::config::Source source;
    source.file = "(made up)";
    source.text = R"({"_format_version":"3.0","services":[{"name":"s","url":"http://127.0.0.1:9",)"
                  R"("routes":[{"name":"r","paths":["/"]}]}],"plugins":[)";
    std::string names;
    for (int i = 0; i < k_plugins; ++i) {
      names += cat(i > 0 ? "," : "", files[std::size_t(i)]);
      if (with) source.text += cat(i > 0 ? "," : "", R"({"name":"bench-)", i, "\"}");
    }
    source.text += "]}";
    source.flags.emplace_back("plugins", names);
    auto loaded = gw::config::load(std::move(source));
    std::vector<gw::config::Diagnostic> out = loaded.diagnostics;
    if (!loaded.snapshot || !worker->registry.load(loaded.snapshot->settings, out))
      stop(out.empty() ? "no configuration" : out[0].message);
    auto made = gw::plugin::Generation::build(worker->registry, worker->host, loaded.snapshot,
                                              ++generations, nullptr, out);
    if (!made) stop(out.empty() ? "no generation" : out[0].message);
    return made;
  }

  const std::unique_ptr<gw::plugin::OfflineWorker> worker =
      std::move(gw::plugin::OfflineWorker::make()).value();
  std::vector<std::string> files;
  std::uint64_t generations = 0;
};

double round(gw::tools::BenchRequest& request, gw::plugin::Generation& generation, int n) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < n; ++i)
    if (request.run(generation) != gw::plugin::Outcome::next) stop("a plugin has failed");
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / n;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) stop("usage: chain_cost FOLDER [--run N]");
  gw::log::set_level(gw::log::Level::error);
  Layer layer(argv[1]);
  gw::tools::Bench wanted;
  wanted.headers = {"Accept: */*", "User-Agent: bench"};
  gw::tools::BenchRequest request(layer.worker->loop, wanted);
  const auto with = layer.configure(true), without = layer.configure(false);
  if (argc == 4 && std::string_view(argv[2]) == "--run") {
    round(request, *with, std::atoi(argv[3]));
    return 0;
  }
  const bool counts = gw::tools::count_allocations();
  double least_with = 1e18, least_without = 1e18;
  round(request, *with, k_requests);
  const auto before = gw::tools::allocations();
  for (int i = 0; i < k_rounds; ++i) {
    least_with = std::min(least_with, round(request, *with, k_requests));
    least_without = std::min(least_without, round(request, *without, k_requests));
  }
  const auto allocated = gw::tools::allocations() - before;
  const double each = (least_with - least_without) / k_plugins;
  std::printf("%.1f ns for each of %d plugins (goal %.0f, at most %.0f); %s allocations\n", each,
              k_plugins, k_goal_ns, k_most, counts ? cat(allocated).c_str() : "uncounted");
  return each > k_most || allocated > 0 ? 1 : 0;
}
