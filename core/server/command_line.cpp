// SPDX-License-Identifier: Apache-2.0
#include "server/command_line.hpp"

#include <gatewright/version.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/version.hpp"
#include "plugin/library.hpp"
#include "server/gateway.hpp"
#include "server/plugin_commands.hpp"
#include "server/single_process.hpp"
#include "server/supervisor.hpp"
#include "server/worker_main.hpp"
#include "tools/bench.hpp"
#include "tools/commands.hpp"

namespace gw::server {

namespace {

constexpr std::string_view k_exit_statuses =
    "Exit status: 0 ended as asked; 1 failed at run time; 2 wrong command line; 3 not a valid "
    "configuration; 4 an address cannot be listened on; 5 no such file";
constexpr std::string_view k_set_form = "--set takes name=value, such as --set log_level=info";

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
    if (equals == std::string::npos || equals == 0) return false;
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

// What `run` serves and `check` reads. 0, or the exit status.
int find_source(const std::string& given, const std::vector<std::string>& sets,
                config::Source& out) {
  if (!parse_flags(sets, out)) return fail(ExitCode::usage, k_set_form);
  const std::string file = choose_file(given);
  if (file.empty())
    return fail(ExitCode::not_found,
                "no configuration: expected a file, or kong.yml, kong.yaml or kong.json here");
  auto source = config::read_source(file);
  if (!source.ok()) return fail(ExitCode::not_found, source.error().text);
  source.value().flags = std::move(out.flags);
  out = std::move(source).value();
  return 0;
}

int run(const std::string& given, const std::vector<std::string>& sets) {
  config::Source source;
  if (const int failed = find_source(given, sets, source); failed != 0) return failed;
  return serve(std::move(source), choose_file(given));
}

struct Options {
  std::string file, to, listen, module, name, cases, upstream, options;
  tools::LintFiles lint;
  tools::NewPlugin made;
  tools::Bench bench;
  std::vector<std::string> sets;
  bool strict = false, json = false, load = false, table = false, trace = false;
  int fd = -1;
};

// A configuration that tries one plugin on all requests; an echo answers if there is no upstream.
std::string trial(const std::vector<std::string>& names, const std::string& upstream,
                  const std::string& options) {
  std::string service, plugins;
  for (const auto& name : names)
    plugins += cat(plugins.empty() ? "" : ",", "{\"name\":\"", name,
                   "\",\"config\":", options.empty() ? "{}" : options, "}");
  if (upstream.empty())
    plugins += ",{\"name\":\"request-termination\",\"config\":{\"status_code\":200,\"echo\":true}}";
  append_json_string(service, upstream.empty() ? "http://127.0.0.1:9" : upstream);
  return cat(
      "{\"_format_version\":\"3.0\",\"services\":[{\"name\":\"trial\",\"url\":", service,
      ",\"routes\":[{\"name\":\"all\",\"paths\":[\"/\"],\"strip_path\":false}]}],\"plugins\":[",
      plugins, "]}");
}

// `run --plugin`: beside the plugins of a configuration, or with a configuration made for it.
int run_with_plugin(const Options& o) {
  const std::string file = plugin::library_path(o.module);
  if (::access(file.c_str(), F_OK) != 0)
    return fail(ExitCode::not_found, cat(file, ": there is no such file"));
  const auto note = plugin::check_file(file);
  if (!note.ok()) return fail(ExitCode::failed, note.error().text);
  config::Source source;
  // Not all that are bundled: it may be a new build of one of them.
  std::string plugins = o.upstream.empty() ? "request-termination" : "";
  if (!o.file.empty()) {
    if (!o.upstream.empty() || !o.options.empty())
      return fail(ExitCode::usage, "--upstream and --options are for a run without a FILE");
    if (const int failed = find_source(o.file, o.sets, source); failed != 0) return failed;
    const auto loaded = config::load(source);
    if (loaded.snapshot) {
      plugins.clear();
      for (const auto& name : loaded.snapshot->settings.plugins) plugins += cat(name, ",");
      if (!plugins.empty()) plugins.pop_back();
    }
  } else {
    source = config::read_source("").value();
    if (!parse_flags(o.sets, source)) return fail(ExitCode::usage, k_set_form);
    source.file = "(command line)";
    source.text = trial(note.value().names, o.upstream, o.options);
  }
  source.flags.emplace_back("plugins", cat(plugins, plugins.empty() ? "" : ",", file));
  return serve(std::move(source), o.file);
}

int proxy(const std::string& to, const std::string& listen, const std::vector<std::string>& sets) {
  auto source = config::read_source("");
  source.value().file = "(command line)";
  std::string url;
  append_json_string(url, to);
  source.value().text =
      cat("{\"_format_version\":\"3.0\",\"services\":[{\"name\":\"proxy\",\"url\":", url,
          ",\"routes\":[{\"name\":\"all\",\"paths\":[\"/\"],\"strip_path\":false}]}]}");
  if (!parse_flags(sets, source.value())) return fail(ExitCode::usage, k_set_form);
  if (!listen.empty()) source.value().flags.emplace_back("proxy_listen", listen);
  return serve(std::move(source).value(), "");
}

int check(const std::string& given, const std::vector<std::string>& sets, bool strict, bool json) {
  config::Source source;
  if (const int failed = find_source(given, sets, source); failed != 0) return failed;
  log::set_level(log::Level::error);
  auto loaded = config::load(source);
  auto& diagnostics = loaded.diagnostics;
  // Also behind faults of entities, so that all are told at once.
  if (loaded.draft) check_plugins(*loaded.draft, strict, diagnostics);
  if (strict)
    for (auto& diagnostic : diagnostics) diagnostic.severity = config::Severity::error;
  config::sort(diagnostics);
  if (json)
    std::cout << config::render_json(diagnostics, source.file) << "\n";
  else
    std::cerr << config::render(diagnostics, source.file, source.text, color_wanted());
  if (config::has_errors(diagnostics)) return int(ExitCode::bad_configuration);
  if (!json) std::cout << source.file << ": the configuration is valid\n";
  return 0;
}

std::string version_line() {
  return cat("gatewright ", config::k_version, " (plugin ABI ", GW_ABI_MAJOR, ".", GW_ABI_MINOR,
             " draft ", GW_ABI_DRAFT, ")");
}

int version(bool json) {
  if (json)
    std::cout << "{\"version\":\"" << config::k_version << "\",\"plugin_abi\":\"" << GW_ABI_MAJOR
              << "." << GW_ABI_MINOR << "\",\"plugin_abi_draft\":" << GW_ABI_DRAFT << "}\n";
  else
    std::cout << version_line() << "\n";
  return 0;
}

void add_set(CLI::App& command, Options& o) {
  command.add_option("--set", o.sets, "a setting, as name=value; may be repeated")
      ->allow_extra_args(false);  // what follows the value is the file
}

// A word where a command belongs: CLI11 would say that one is missing. Empty: it is one.
std::string unknown_command(const CLI::App& app, std::string_view word) {
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return "";
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  std::string expected;
  for (const auto name : names)
    expected += cat(expected.empty() ? "" : name == names.back() ? " or " : ", ", name);
  const auto near = closest(word, names);
  return cat("there is no command \"", word, "\", expected ", expected,
             near.empty() ? "" : cat("; did you mean \"", near, "\"?"));
}

void add_bench(CLI::App& command, tools::Bench& o) {
  command.add_option("FILE", o.plugin, "a plugin's .so")->required();
  command.add_option("--name", o.name, "of a file with several plugins");
  command.add_option("--options", o.options, "the plugin's options, as JSON");
  command.add_option("--method", o.method, "of the request; default: GET");
  command.add_option("--target", o.target, "its path and query; default: /");
  command.add_option("--header", o.headers, "a field, as \"Name: value\"; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--request-body", o.request_body, "bytes of its body; default: 0");
  command.add_option("--answer-body", o.answer_body, "bytes of the answer's body; default: 0");
  command.add_option("--requests", o.requests, "in each round; default: 20000")
      ->check(CLI::PositiveNumber);
  command.add_flag("--json", o.json, "print JSON");
}

struct Commands {
  CLI::App *run, *proxy, *check, *plugin, *list, *inspect, *made, *schema, *lint, *test, *bench,
      *version;
};

Commands add_commands(CLI::App& app, Options& o) {
  Commands c{};
  c.run = app.add_subcommand("run", "serve a configuration");
  c.run->add_option("FILE", o.file,
                    "kong.yml; `-` for standard input; default: $GATEWRIGHT_CONFIG, "
                    "$KONG_DECLARATIVE_CONFIG, ./kong.yml, ./kong.yaml, ./kong.json");
  c.run->add_option("--plugin", o.module,
                    "a plugin's .so to try out: beside those of FILE, or alone");
  c.run->add_option("--upstream", o.upstream, "without FILE: where requests go; default: an echo");
  c.run->add_option("--options", o.options, "without FILE: the plugin's options, as JSON");
  add_set(*c.run, o);
  c.proxy = app.add_subcommand("proxy", "forward everything to one upstream");
  c.proxy->add_option("--to", o.to, "http://host[:port][/path]")->required();
  c.proxy->add_option("--listen", o.listen, "address:port");
  add_set(*c.proxy, o);
  c.check = app.add_subcommand("check", "check a configuration");
  c.check->add_option("FILE", o.file, "as for run");
  add_set(*c.check, o);
  c.check->add_flag("--strict", o.strict, "warnings are errors");
  c.check->add_flag("--json", o.json, "print the diagnostics as JSON");
  c.plugin = app.add_subcommand("plugin", "look at plugins, test them, begin one");
  c.plugin->require_subcommand(1);
  c.list = c.plugin->add_subcommand("list", "the bundled plugins, in the order in which they run");
  c.list->add_flag("--json", o.json, "print JSON");
  c.inspect = c.plugin->add_subcommand(
      "inspect", "what a plugin's file says of itself; runs none of its code");
  c.inspect->add_option("FILE", o.module, "a plugin's .so")->required();
  c.inspect->add_flag("--json", o.json, "print JSON");
  c.inspect->add_flag("--load", o.load, "load it as well, which runs its code");
  c.made = c.plugin->add_subcommand("new", "write the folder of a new plugin");
  c.made->add_option("NAME", o.made.name, "as in configurations, such as require-auth")->required();
  c.made->add_option("--lang", o.made.lang, "c, cpp or rust")->default_val("cpp");
  c.made->add_option("--dir", o.made.folder, "the folder; default: ./NAME");
  c.schema = c.plugin->add_subcommand("schema", "the schema of a plugin's options; runs its code");
  c.schema->add_option("FILE", o.module, "a plugin's .so")->required();
  c.schema->add_option("--name", o.name, "of a file with several plugins");
  c.schema->add_flag("--table", o.table, "print the table that a README has");
  c.lint = c.plugin->add_subcommand("lint", "whether a plugin's file is fit to be shipped");
  c.lint->add_option("FILE", o.lint.plugin, "a plugin's .so")->required();
  auto* schema =
      c.lint->add_option("--schema", o.lint.schema, "the schema of its options, to be checked too");
  c.lint->add_option("--readme", o.lint.readme, "its README, whose table is to fit the schema")
      ->needs(schema);
  c.test = c.plugin->add_subcommand("test", "run cases against a plugin, without a gateway");
  c.test->add_option("FILE", o.module, "a plugin's .so")->required();
  c.test->add_option("CASES", o.cases, "a YAML file of cases")->required();
  c.test->add_flag("--trace", o.trace, "print each call between host and plugin, and its result");
  c.bench = c.plugin->add_subcommand("bench", "what a plugin costs per request");
  add_bench(*c.bench, o.bench);
  c.version = app.add_subcommand("version", "print the version");
  c.version->add_flag("--json", o.json, "print JSON");
  auto* worker = app.add_subcommand("worker")->group("");
  worker->add_option("--fd", o.fd)->required();
  return c;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{"Gatewright, an API gateway that reads Kong's declarative format"};
  Options o;
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line(), "print the version");
  app.footer(std::string(k_exit_statuses));
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return cat("gatewright: ", error.what(), "\nRun with ", failed->get_help_ptr()->get_name(),
               " for more information.\n");
  });
  const Commands commands = add_commands(app, o);
  const CLI::App* level = &app;
  for (int i = 1; i < argc && i <= 2 && argv[i][0] != '-'; level = commands.plugin, ++i) {
    if (const auto why = unknown_command(*level, argv[i]); !why.empty())
      return fail(ExitCode::usage, why);
    if (std::string_view(argv[i]) != "plugin") break;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : int(ExitCode::usage);
  }
  if (*commands.run) return o.module.empty() ? run(o.file, o.sets) : run_with_plugin(o);
  if (*commands.proxy) return proxy(o.to, o.listen, o.sets);
  if (*commands.check) return check(o.file, o.sets, o.strict, o.json);
  if (*commands.list) return list_plugins(o.json);
  if (*commands.inspect) return inspect_plugin(o.module, o.load, o.json);
  if (*commands.made) {
    if (o.made.folder.empty()) o.made.folder = o.made.name;
    return tools::new_plugin(o.made);
  }
  if (*commands.schema) return print_schema(o.module, o.name, o.table);
  if (*commands.lint) return tools::lint_plugin(o.lint);
  if (*commands.test) return tools::test_plugin(o.module, o.cases, o.trace);
  if (*commands.bench) return tools::bench_plugin(o.bench);
  if (*commands.version) return version(o.json);
  return run_worker(o.fd);
}

}  // namespace gw::server
