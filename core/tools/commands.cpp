// SPDX-License-Identifier: Apache-2.0
#include "tools/commands.hpp"

#include <iostream>

#include "base/exit_code.hpp"
#include "base/file.hpp"
#include "plugin/library.hpp"
#include "tools/case_run.hpp"

namespace gw::tools {

namespace {

int tell(std::string_view text, ExitCode code) {
  std::cerr << "gatewright: " << text << "\n";
  return int(code);
}

}  // namespace

int new_plugin(const NewPlugin& wanted) {
  const auto made = make_plugin(wanted);
  if (!made.ok()) return tell(made.error().text, ExitCode::failed);
  for (const auto& path : made.value()) std::cout << path << "\n";
  std::cout << "\nNext, with the SDK in PREFIX:\n  cmake -S " << wanted.folder << " -B "
            << wanted.folder << "/build -DCMAKE_PREFIX_PATH=PREFIX\n  cmake --build "
            << wanted.folder << "/build && ctest --test-dir " << wanted.folder << "/build\n";
  return 0;
}

int lint_plugin(const LintFiles& files) {
  if (const auto file = read_file(files.plugin); !file.ok())
    return tell(file.error().text, ExitCode::not_found);
  const auto findings = lint(files);
  for (const auto& finding : findings)
    std::cerr << "gatewright: " << files.plugin << ": " << finding.check << ": " << finding.fault
              << "\n  what to do: " << finding.advice << "\n";
  if (!findings.empty()) return int(ExitCode::failed);
  std::cout << files.plugin << ": nothing to complain about\n";
  return 0;
}

int test_plugin(const std::string& plugin, const std::string& cases, bool trace) {
  const auto text = read_file(cases);
  for (const auto& file : {read_file(plugin), text})
    if (!file.ok()) return tell(file.error().text, ExitCode::not_found);
  std::vector<config::Diagnostic> diagnostics;
  const auto list = read_cases(cases, text.value(), diagnostics);
  if (!diagnostics.empty()) {
    std::cerr << config::render(diagnostics, cases, text.value(), false);
    return int(ExitCode::bad_configuration);
  }
  const std::string file = plugin::library_path(plugin);
  std::size_t failed = 0;
  for (const auto& one : list) {
    if (trace) {
      std::cout << "# " << one.name << "\n" << trace_case(file, one);
      continue;
    }
    const auto faults = run_case(file, one);
    std::cout << (faults.empty() ? "ok      " : "failed  ") << one.name << "\n";
    for (const auto& fault : faults) std::cout << "  " << cases << ": " << fault << "\n";
    failed += !faults.empty();
  }
  if (trace) return 0;
  std::cout << list.size() - failed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : int(ExitCode::failed);
}

}  // namespace gw::tools
