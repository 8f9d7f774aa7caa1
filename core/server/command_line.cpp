// SPDX-License-Identifier: Apache-2.0
#include "server/command_line.hpp"

#include <gatewright/version.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/version.hpp"
#include "server/exit_code.hpp"
#include "server/gateway.hpp"
#include "server/plugin_commands.hpp"
#include "server/single_process.hpp"
#include "server/supervisor.hpp"
#include "server/worker_main.hpp"

namespace gw::server {

namespace {

bool color_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || no_color[0] == '\0') && ::isatty(STDERR_FILENO) == 1;
}

int fail(ExitCode code, std::string_view text) {
  std::cerr << "gatewright: " << text << "\n";
  return int(code);
}

// The file to use: given, from the environment, or found here. Empty: none.
std::string choose_file(const std::string& given) {
  if (!given.empty()) return given;
  for (const char* name : {"GATEWRIGHT_CONFIG", "KONG_DECLARATIVE_CONFIG"})
    if (const char* file = std::getenv(name); file != nullptr && file[0] != '\0') return file;
  return config::find_default_file().value_or("");
}

bool parse_flags(const std::vector<std::string>& sets, config::Source& source) {
  for (const auto& set : sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) return false;
    source.flags.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  return true;
}

int serve(config::Source source, const std::string& path) {
  auto loaded = config::load(source);
  std::cerr << config::render(loaded.diagnostics, source.file, source.text, color_wanted());
  if (!loaded.snapshot) return int(ExitCode::bad_configuration);
  const auto& settings = loaded.snapshot->settings;
  log::set_level(settings.log_level);
  if (auto opened = log::open(settings.error_log); !opened.ok())
    return fail(ExitCode::failed, opened.error().text);
  Candidate first{std::move(source), loaded.snapshot};
  if (!settings.supervisor) return run_single(std::move(first), path);
  return Supervisor(std::move(first), path).run();
}

int run(const std::string& given, const std::vector<std::string>& sets) {
  const std::string file = choose_file(given);
  if (file.empty())
    return fail(ExitCode::not_found,
                "no configuration: expected a file, or kong.yml, kong.yaml or kong.json here");
  auto source = config::read_source(file);
  if (!source.ok()) return fail(ExitCode::not_found, source.error().text);
  if (!parse_flags(sets, source.value())) return fail(ExitCode::usage, "--set takes name=value");
  return serve(std::move(source).value(), file);
}

int proxy(const std::string& to, const std::string& listen, const std::vector<std::string>& sets) {
  auto source = config::read_source("");
  source.value().file = "(command line)";
  std::string url;
  append_json_string(url, to);
  source.value().text =
      cat("{\"_format_version\":\"3.0\",\"services\":[{\"name\":\"proxy\",\"url\":", url,
          ",\"routes\":[{\"name\":\"all\",\"paths\":[\"/\"],\"strip_path\":false}]}]}");
  if (!parse_flags(sets, source.value())) return fail(ExitCode::usage, "--set takes name=value");
  if (!listen.empty()) source.value().flags.emplace_back("proxy_listen", listen);
  return serve(std::move(source).value(), "");
}

int check(const std::string& given, bool strict, bool json) {
  const std::string file = choose_file(given);
  if (file.empty())
    return fail(ExitCode::not_found,
                "no configuration: expected a file, or kong.yml, kong.yaml or kong.json here");
  auto source = config::read_source(file);
  if (!source.ok()) return fail(ExitCode::not_found, source.error().text);
  log::set_level(log::Level::error);
  auto loaded = config::load(source.value());
  auto& diagnostics = loaded.diagnostics;
  // Also behind faults of entities, so that all are told at once.
  if (loaded.draft) check_plugins(*loaded.draft, strict, diagnostics);
  if (strict)
    for (auto& diagnostic : diagnostics) diagnostic.severity = config::Severity::error;
  config::sort(diagnostics);
  if (json)
    std::cout << config::render_json(diagnostics, source.value().file) << "\n";
  else
    std::cerr << config::render(diagnostics, source.value().file, source.value().text,
                                color_wanted());
  if (config::has_errors(diagnostics)) return int(ExitCode::bad_configuration);
  if (!json) std::cout << source.value().file << ": the configuration is valid\n";
  return 0;
}

int version(bool json) {
  if (json)
    std::cout << "{\"version\":\"" << config::k_version << "\",\"plugin_abi\":\"" << GW_ABI_MAJOR
              << "." << GW_ABI_MINOR << "\"}\n";
  else
    std::cout << "gatewright " << config::k_version << " (plugin ABI " << GW_ABI_MAJOR << "."
              << GW_ABI_MINOR << " draft)\n";
  return 0;
}

struct Options {
  std::string file, to, listen, module;
  std::vector<std::string> sets;
  bool strict = false, json = false, load = false;
  int fd = -1;
};

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{"Gatewright, an API gateway that reads Kong's declarative format"};
  Options o;
  app.require_subcommand(1);
  auto* run_command = app.add_subcommand("run", "serve a configuration");
  run_command->add_option(
      "FILE", o.file,
      "kong.yml; `-` for standard input; default: ./kong.yml, ./kong.yaml, ./kong.json");
  run_command->add_option("--set", o.sets, "a setting, as name=value; may be repeated");
  auto* proxy_command = app.add_subcommand("proxy", "forward everything to one upstream");
  proxy_command->add_option("--to", o.to, "http://host[:port][/path]")->required();
  proxy_command->add_option("--listen", o.listen, "address:port");
  proxy_command->add_option("--set", o.sets, "a setting, as name=value; may be repeated");
  auto* check_command = app.add_subcommand("check", "check a configuration");
  check_command->add_option("FILE", o.file, "as for run");
  check_command->add_flag("--strict", o.strict, "warnings are errors");
  check_command->add_flag("--json", o.json, "print the diagnostics as JSON");
  auto* plugin_command = app.add_subcommand("plugin", "look at plugins");
  plugin_command->require_subcommand(1);
  auto* list_command =
      plugin_command->add_subcommand("list", "the bundled plugins, in the order in which they run");
  list_command->add_flag("--json", o.json, "print JSON");
  auto* inspect_command = plugin_command->add_subcommand(
      "inspect", "what a plugin's file says of itself; runs none of its code");
  inspect_command->add_option("FILE", o.module, "a plugin's .so")->required();
  inspect_command->add_flag("--json", o.json, "print JSON");
  inspect_command->add_flag("--load", o.load, "load it as well, which runs its code");
  auto* version_command = app.add_subcommand("version", "print the version");
  version_command->add_flag("--json", o.json, "print JSON");
  auto* worker_command = app.add_subcommand("worker")->group("");
  worker_command->add_option("--fd", o.fd)->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : int(ExitCode::usage);
  }
  if (*run_command) return run(o.file, o.sets);
  if (*proxy_command) return proxy(o.to, o.listen, o.sets);
  if (*check_command) return check(o.file, o.strict, o.json);
  if (*list_command) return list_plugins(o.json);
  if (*inspect_command) return inspect_plugin(o.module, o.load, o.json);
  if (*version_command) return version(o.json);
  return run_worker(o.fd);
}

}  // namespace gw::server
