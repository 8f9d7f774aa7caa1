// SPDX-License-Identifier: Apache-2.0
// The commands for who writes plugins: what they find in files that are wrong, and what they say.
#include <filesystem>

#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

bool says(const Finished& finished, const std::string& text) {
  INFO(finished.out);
  return finished.out.find(text) != std::string::npos;
}

const std::string k_plugins = GATEWRIGHT_PLUGIN_DIR;

// A plugin with its module and note, and what `more` adds, exported as `flags` say.
struct Built {
  Built(const std::string& more, const std::string& flags, const char* compiler = "cc") {
    const bool cpp = compiler != std::string("cc");
    const std::string source = folder.path + (cpp ? "/p.cpp" : "/p.c");
    write_file(source, "#include <gatewright/plugin.h>\n" + more +
                           "\nstatic const gw_plugin_desc d = {.size = sizeof d, .name = \"p\", "
                           ".version = \"1\"};\n"
                           "static const gw_plugin_desc *const all[] = {&d};\n"
                           "static const gw_module m = GW_MODULE(1, all);\n"
                           "GW_MODULE_NOTE(1, \"p\");\n" +
                           (cpp ? "extern \"C\" " : "") +
                           "const gw_module *gatewright_module_v1(const gw_host *h, gw_error *e) { "
                           "(void)h; (void)e; return &m; }\n");
    const auto made = run_shell(std::string(compiler) + (cpp ? " -std=c++20" : "") +
                                " -shared -fPIC -DGW_ENABLE_DRAFT -I" GATEWRIGHT_SDK "/include " +
                                flags + " -o " + file() + " " + source);
    INFO(made.out);
    REQUIRE(made.status == 0);
  }
  std::string file() const { return folder.path + "/p.so"; }
  Finished lint(const std::string& more = "") const {
    return run_gateway("plugin lint " + file() + more, folder.path);
  }
  Folder folder;
};

}  // namespace

TEST_CASE("lint: a fit file passes, and each fault is named with what to do") {
  const Built fit("", "-fvisibility=hidden");
  CHECK(fit.lint().status == 0);

  const Built open("int helper(void) { return 1; }", "");
  CHECK(open.lint().status == 1);
  CHECK(says(open.lint(), "exports: it exports more than gatewright_module_v1: helper"));

  const Built own_tls("int SSL_read(void) { return 1; }", "");
  CHECK(says(own_tls.lint(), "TLS exports: it exports a TLS library of its own: SSL_read"));

  const Built undefined("extern int gw_secret_door(void);\nint (*const f)(void) = gw_secret_door;",
                        "-fvisibility=hidden");
  CHECK(says(undefined.lint(), "undefined symbols: nobody has these: gw_secret_door"));

  const Built tls("__thread int t; int *at(void) { return &t; }",
                  "-fvisibility=hidden -ftls-model=initial-exec");
  CHECK(says(tls.lint(), "static TLS: it uses static thread-local storage"));

  const Built unique(
      "template <class T> struct S { static int n; }; template <class T> int "
      "S<T>::n = 1; int use() { return S<int>::n; }",
      "-fno-gnu-unique -fvisibility=default", "c++");
  CHECK(says(unique.lint(), "exports: "));
  const Built once(
      "template <class T> struct S { static int n; }; template <class T> int "
      "S<T>::n = 1; int use() { return S<int>::n; }",
      "-fgnu-unique -fvisibility=default", "c++");
  CHECK(says(once.lint(), "unique symbols: symbols that exist once in a process: "));

  Folder folder;
  write_file(folder.path + "/text.so", "no library");
  const auto none = run_gateway("plugin lint text.so", folder.path);
  CHECK(none.status == 1);
  CHECK(says(none, "note: "));
  CHECK(run_gateway("plugin lint nothing.so", folder.path).status == 5);
}

TEST_CASE("lint: the schema must compile, and the README's table be the schema's") {
  const Built fit("", "-fvisibility=hidden");
  const auto at = [&](const char* name) { return fit.folder.path + "/" + name; };
  write_file(at("schema.json"), R"({"type": "objct"})");
  CHECK(says(fit.lint(" --schema schema.json"), "schema: "));
  write_file(at("schema.json"),
             R"({"type": "object", "properties": {"a": {"type": "integer", "default": 3,
                "description": "How many."}}})");
  write_file(at("README.md"),
             "| Option | Type | Default | Description |\n|---|---|---|---|\n"
             "| `b` | integer | `3` | How many. |\n");
  const auto differs = fit.lint(" --schema schema.json --readme README.md");
  CHECK(differs.status == 1);
  CHECK(says(differs, "the README has no row: | `a` | integer | `3` | How many. |"));
  CHECK(says(differs, "the schema does not make this row of the README: | `b`"));
  write_file(at("README.md"),
             "| Option | Type | Default | Description |\n|---|---|---|---|\n"
             "| `a` | integer | `3` | How many. |\n");
  CHECK(fit.lint(" --schema schema.json --readme README.md").status == 0);
  CHECK(fit.lint(" --readme README.md").status == 2);
}

TEST_CASE("schema: of a bundled plugin, as JSON and as a README's table") {
  const std::string file = k_plugins + "/correlation-id.so";
  Folder folder;
  const auto json = run_gateway("plugin schema " + file, folder.path);
  CHECK(json.status == 0);
  CHECK(says(json, "\"title\": \"correlation-id\""));
  const auto table = run_gateway("plugin schema --table " + file, folder.path);
  CHECK(says(table, "| `echo_downstream` | boolean | `false` | Sends the id"));
  CHECK(run_gateway("plugin schema --name nobody " + file, folder.path).status == 1);
}

TEST_CASE("test: cases pass or say what was seen; a wrong file of cases names its place") {
  const std::string command = "plugin test " + k_plugins + "/correlation-id.so cases.yaml";
  Folder folder;
  const auto run = [&](const std::string& text) {
    write_file(folder.path + "/cases.yaml", text);
    return run_gateway(command, folder.path);
  };
  const auto good =
      run("cases:\n"
          "- name: one that the client sends is kept\n"
          "  config: {header_name: X-Id, echo_downstream: true}\n"
          "  steps:\n"
          "  - request: {target: /a, headers: {X-Id: mine}}\n"
          "    answer: {status: 201, body: hello}\n"
          "    expect: {status: 201, upstream: true, request_headers: {X-Id: mine, X-No: null},\n"
          "             response_headers: {X-Id: mine}, response_body: hello}\n"
          "  - advance: 5s\n"
          "  - request: {method: POST, body: b}\n"
          "    expect: {request_headers: {X-Id: {matches: \"[0-9a-f#-]+\"}}, request_body: b}\n");
  CHECK(good.status == 0);
  CHECK(says(good, "ok      one that the client sends is kept"));
  CHECK(says(good, "1 passed, 0 failed"));
  const auto bad =
      run("cases:\n- name: wrong\n  steps:\n  - request: {}\n"
          "    expect: {status: 404, upstream: false, response_headers: {X-Id: a}}\n");
  CHECK(bad.status == 1);
  CHECK(
      says(bad, "line 4: status is 200, expected 404 (in mode plain, checking, truncated, split)"));
  CHECK(says(bad, "the request went upstream, expected an answer of the plugin"));
  CHECK(says(bad, "response header X-Id is absent, expected \"a\""));
  const auto refused =
      run("cases:\n- name: options\n  config: {header_name: \"a b\"}\n  steps: [{request: {}}]\n");
  CHECK(refused.status == 1);
  CHECK(says(refused, "the options are refused: line 3: config.header_name: "));
  const auto wanted = run(
      "cases:\n- name: options\n  config: {header_name: \"a b\"}\n  refused: config.header_name\n"
      "- name: others\n  config: {header_name: X-Id}\n  refused: anything\n");
  CHECK(says(wanted, "ok      options"));
  CHECK(says(wanted, "the options are taken, expected them to be refused"));
  const auto other = run("cases: [{name: x, plugin: nobody, steps: [{request: {}}]}]\n");
  CHECK(other.status == 1);
  const auto regex =
      run("cases:\n- name: x\n  steps:\n  - request: {}\n    expect: {path: {matches: \"(\"}}\n");
  CHECK(regex.status == 3);
  CHECK(says(regex, "cases.yaml:5:"));
  CHECK(says(regex, "is no regular expression"));
  const auto wrong = run("cases:\n- name: x\n  steps: [{request: {methd: GET}}]\n");
  CHECK(wrong.status == 3);
  CHECK(says(wrong, "cases.yaml:3:22: cases[0].steps[0].request.methd: unknown field"));
  CHECK(says(wrong, "did you mean \"method\"?"));
  CHECK(run("cases: []\n").status == 3);
  CHECK(run("cases: [{name: x, steps: [{}]}]\n").status == 3);
  CHECK(run("cases: [{name: x, refused: y, steps: [{request: {}}]}]\n").status == 3);
}

TEST_CASE("test: HTTP calls are scripted, and time can pass while a request waits") {
  Folder folder;
  write_file(folder.path + "/cases.yaml",
             "cases:\n"
             "- name: a key that is known\n"
             "  consumers: [{id: c1, username: ann}]\n"
             "  credentials: [{collection: keyauth_credentials, id: k1, consumer: c1, fields: "
             "{key: secret}}]\n"
             "  steps:\n"
             "  - request: {headers: {apikey: secret}}\n"
             "    expect: {status: 200, request_headers: {X-Consumer-Username: ann}}\n"
             "  - request: {}\n"
             "    expect: {status: 401, upstream: false}\n");
  const auto keys =
      run_gateway("plugin test " + k_plugins + "/key-auth.so cases.yaml", folder.path);
  CHECK(says(keys, "1 passed, 0 failed"));
}

TEST_CASE("new: names and folders that will not do are refused, and nothing is left behind") {
  Folder folder;
  const auto refused = [&](const std::string& arguments, const std::string& text) {
    const auto finished = run_gateway("plugin new " + arguments, folder.path);
    CHECK(finished.status == 1);
    CHECK(says(finished, text));
  };
  refused("Bad_Name", "is no plugin's name");
  refused("p --lang go", "expected c, cpp or rust");
  CHECK(run_gateway("plugin new my-plugin", folder.path).status == 0);
  CHECK(std::filesystem::exists(folder.path + "/my-plugin/my-plugin.cpp"));
  refused("my-plugin", "is there already");
  refused("other --dir /proc/nowhere", "cannot be written");
}

TEST_CASE("run --plugin tries a plugin out, alone or beside a configuration's") {
  Origin origin;
  const std::string file = k_plugins + "/correlation-id.so";
  Launch alone;
  alone.command = {"run",
                   "--plugin",
                   file,
                   "--upstream",
                   origin.url(),
                   "--options",
                   R"({"header_name": "X-Trial"})"};
  for (const char* listen : {"proxy_listen", "admin_listen", "status_listen"}) {
    alone.arguments.push_back("--set");
    alone.arguments.push_back(std::string(listen) + "=127.0.0.1:0");
  }
  GatewayProcess gateway("", "", alone);
  CHECK(get(gateway.port(), "/x").status == 200);
  CHECK_FALSE(origin.wait_for_request().value("X-Trial").empty());
  Folder folder;
  CHECK(run_gateway("run --plugin nothing.so", folder.path).status == 5);
  write_file(folder.path + "/kong.yml", "_format_version: \"3.0\"\n");
  CHECK(run_gateway("run --plugin " + file + " --upstream http://a kong.yml", folder.path).status ==
        2);
}

TEST_CASE("run --plugin without an upstream answers with what arrived; a FILE may use the plugin") {
  Origin origin;
  const std::string file = k_plugins + "/correlation-id.so";
  Launch launch;
  launch.command = {"run", "--plugin", file};
  for (const char* listen : {"proxy_listen", "admin_listen", "status_listen"}) {
    launch.arguments.push_back("--set");
    launch.arguments.push_back(std::string(listen) + "=127.0.0.1:0");
  }
  {
    GatewayProcess alone("", "", launch);
    const auto answer = get(alone.port(), "/orders?page=2");
    CHECK(answer.status == 200);
    CHECK(answer.body.find("/orders") != std::string::npos);
  }
  Folder folder;
  write_file(folder.path + "/kong.yml",
             "_format_version: \"3.0\"\ngateway: {plugins: 'off'}\n"
             "services:\n- name: s\n  url: " +
                 origin.url() +
                 "\n  routes: [{name: r, paths: [/]}]\n"
                 "plugins: [{name: correlation-id, config: {header_name: X-Of-File}}]\n");
  launch.arguments.push_back(folder.path + "/kong.yml");
  GatewayProcess beside("", "", launch);
  CHECK(get(beside.port(), "/x").status == 200);
  CHECK_FALSE(origin.wait_for_request().value("X-Of-File").empty());
}
