// SPDX-License-Identifier: Apache-2.0
#include "tools/bench.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/generation.hpp"
#include "plugin/library.hpp"
#include "plugin/offline_worker.hpp"
#include "tools/bench_request.hpp"
#include "tools/counters.hpp"

namespace gw::tools {

namespace {

constexpr std::size_t k_rounds = 15;

using Generation = std::shared_ptr<plugin::Generation>;

struct Cost {
  double ns = 0, instructions = 0, allocations = 0;  // per request
};

// A worker's plugin layer with two configurations: with the plugin and without it.
struct Worker {
  explicit Worker(plugin::OfflineWorker& of) : layer(of) {}
  Generation configure(const std::string& plugins, std::vector<config::Diagnostic>& out);

  plugin::OfflineWorker& layer;
  std::string file;
  std::uint64_t generations = 0;
};

Generation Worker::configure(const std::string& plugins, std::vector<config::Diagnostic>& out) {
  config::Source source;
  source.file = "(options)";
  source.text = cat(
      R"({"_format_version":"3.0","services":[{"name":"bench","url":"http://127.0.0.1:9","routes":[)",
      R"({"name":"bench","paths":["/"],"strip_path":false}]}],"plugins":[)", plugins, "]}");
  source.flags.emplace_back("plugins", file);
  auto loaded = config::load(std::move(source));
  out = loaded.diagnostics;
  if (!loaded.snapshot) return nullptr;
  return plugin::Generation::build(layer.registry, layer.host, loaded.snapshot, ++generations,
                                   nullptr, out);
}

// What plugins have left for the loop (posts, timers that are due) is done between the rounds.
void turn(net::Loop& loop) {
  net::Deadline end([](void* self) { static_cast<net::Loop*>(self)->stop(); }, &loop);
  end.set(loop.deadlines(), 0);
  loop.run();
}

const char* why_no_answer(plugin::Outcome outcome) {
  using enum plugin::Outcome;
  switch (outcome) {
    case next:
    case respond:
      return nullptr;
    case wait:
      return "it waits, and nothing that it could wait for is here; give it options or a request "
             "with which it does not";
    case too_big:
      return "the body is over its limit";
    default:
      return "it failed";
  }
}

Cost round(const Bench& wanted, BenchRequest& request, plugin::Generation& generation,
           const InstructionCounter& instructions) {
  const auto allocated = allocations();
  const auto executed = instructions.now();
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < wanted.requests; ++i) request.run(generation);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  const double n = double(wanted.requests);
  return {took.count() / n, double(instructions.now() - executed) / n,
          double(allocations() - allocated) / n};
}

Cost median(std::array<Cost, k_rounds>& all) {
  Cost out;
  for (double Cost::*figure : {&Cost::ns, &Cost::instructions, &Cost::allocations}) {
    const auto middle = all.begin() + k_rounds / 2;
    std::nth_element(all.begin(), middle, all.end(),
                     [&](const Cost& a, const Cost& b) { return a.*figure < b.*figure; });
    out.*figure = *middle.*figure;
  }
  return out;
}

std::string number(double value) {
  char out[32];
  std::snprintf(out, sizeof out, value < 100 ? "%.1f" : "%.0f", value);
  return out;
}

struct Result {
  Cost with, without;
  std::string name, summary, no_instructions;
  bool counted = false;  // allocations
};

void print(const Bench& wanted, const Result& result) {
  const auto figure = [&](double Cost::*which) {
    return number(std::max(0.0, result.with.*which - result.without.*which));
  };
  const std::string instructions = figure(&Cost::instructions);
  const std::string allocated = result.counted ? figure(&Cost::allocations) : "";
  const bool has_instructions = result.no_instructions.empty();
  if (wanted.json) {
    std::string name;
    append_json_string(name, result.name);
    std::cout << "{\"plugin\":" << name << ",\"requests\":" << wanted.requests * k_rounds
              << ",\"ns\":" << figure(&Cost::ns)
              << ",\"instructions\":" << (has_instructions ? instructions : "null")
              << ",\"allocations\":" << (result.counted ? allocated : "null") << "}\n";
    return;
  }
  std::cout << result.name << ": each request " << result.summary << "; per request, above what it "
            << "costs without the plugin\n  ns            " << figure(&Cost::ns) << "  (median of "
            << k_rounds << " rounds of " << wanted.requests << ": " << number(result.with.ns)
            << " with it, " << number(result.without.ns) << " without)\n  instructions  "
            << (has_instructions ? instructions : cat("not counted: ", result.no_instructions))
            << "\n  allocations   " << (result.counted ? allocated : "not counted on this machine")
            << "\n";
}

int tell(std::string_view text, ExitCode code) {
  std::cerr << "gatewright: " << text << "\n";
  return int(code);
}

int measure(Worker& worker, const Bench& wanted, plugin::Generation& with,
            plugin::Generation& without, Result& result) {
  auto& loop = worker.layer.loop;
  BenchRequest request(loop, wanted);
  const InstructionCounter instructions;
  result.no_instructions = instructions.why_not();
  result.counted = count_allocations();
  if (const char* why = why_no_answer(request.run(with)))
    return tell(cat(result.name, ": ", why), ExitCode::failed);
  result.summary = request.summary();
  std::array<Cost, k_rounds> costs[2];
  round(wanted, request, with, instructions);  // warm
  for (std::size_t i = 0; i < k_rounds; ++i) {
    costs[0][i] = round(wanted, request, with, instructions);
    turn(loop);
    costs[1][i] = round(wanted, request, without, instructions);
  }
  result.with = median(costs[0]);
  result.without = median(costs[1]);
  return 0;
}

// Of those in the file the one that is wanted; null: it was told.
const plugin::Plugin* load(Worker& worker, const Bench& wanted) {
  config::Settings settings;
  worker.file = plugin::library_path(wanted.plugin);
  settings.plugins = {worker.file};
  std::vector<config::Diagnostic> diagnostics;
  const bool loaded = worker.layer.registry.load(settings, diagnostics);
  for (const auto& diagnostic : diagnostics) tell(diagnostic.message, ExitCode::failed);
  if (!loaded) return nullptr;
  for (const auto& plugin : worker.layer.registry.plugins())
    if (wanted.name.empty() || plugin->name == wanted.name) return plugin.get();
  tell(cat(wanted.plugin, ": has no plugin \"", wanted.name, "\""), ExitCode::failed);
  return nullptr;
}

}  // namespace

int bench_plugin(const Bench& wanted) {
  if (::access(wanted.plugin.c_str(), F_OK) != 0)
    return tell(cat(wanted.plugin, ": there is no such file"), ExitCode::not_found);
  for (const auto& header : wanted.headers)
    if (header.find(':') == 0 || header.find(':') == header.npos)
      return tell("--header takes \"Name: value\"", ExitCode::usage);
  log::set_level(log::Level::error);
  const auto layer = plugin::OfflineWorker::make();
  if (!layer.ok()) return tell(layer.error().text, ExitCode::failed);
  Worker worker(*layer.value());
  const plugin::Plugin* plugin = load(worker, wanted);
  if (plugin == nullptr) return int(ExitCode::failed);
  Result result;
  result.name = plugin->name;
  std::vector<config::Diagnostic> diagnostics;
  const auto with = worker.configure(
      cat("{\"name\":\"", plugin->name, "\",\"config\":", wanted.options, "}"), diagnostics);
  if (with == nullptr) {
    std::cerr << config::render(diagnostics, "(options)", "", false);
    return int(ExitCode::bad_configuration);
  }
  const auto without = worker.configure("", diagnostics);
  if (without == nullptr) return tell("no configuration without it", ExitCode::failed);
  if (const int failed = measure(worker, wanted, *with, *without, result); failed != 0)
    return failed;
  print(wanted, result);
  return 0;
}

}  // namespace gw::tools
