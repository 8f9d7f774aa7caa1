// SPDX-License-Identifier: Apache-2.0
// The command line: what each command says and the status it ends with.
#include "catch.hpp"
#include "gateway_process.hpp"
#include "origin.hpp"
#include "raw_client.hpp"

using namespace support;

namespace {

constexpr auto k_empty = "_format_version: \"3.0\"\n";

bool says(const Finished& finished, const std::string& text) {
  INFO(finished.out);
  return finished.out.find(text) != std::string::npos;
}

// As at a terminal, so that colour is wanted.
Finished at_terminal(const std::string& variables, const std::string& folder) {
  return run_shell("cd '" + folder + "' && " + variables + " script -qec '" + gateway_binary() +
                   " check' /dev/null");
}

}  // namespace

TEST_CASE("what is not understood ends with status 2 and says what would be") {
  Folder folder;
  write_file(folder.path + "/kong.yml", k_empty);
  const auto wrong = [&](const std::string& arguments) {
    const auto finished = run_gateway(arguments, folder.path);
    CHECK(finished.status == 2);
    return finished;
  };
  CHECK(says(wrong("chek"),
             "there is no command \"chek\", expected run, proxy, check, plugin or "
             "version; did you mean \"check\"?"));
  CHECK(says(
      wrong("plugin lst"),
      "there is no command \"lst\", expected list, inspect, new, schema, lint, test or bench"));
  CHECK(says(wrong("check --strickt"), "not expected: --strickt"));
  CHECK(says(wrong("check --set workers"), "--set takes name=value"));
  CHECK(says(wrong("proxy"), "--to is required"));
  wrong("");
  wrong("version kong.yml");
}

TEST_CASE("each way to end has its status") {
  Folder folder;
  CHECK(run_gateway("check", folder.path).status == 5);
  CHECK(run_gateway("run nothing.yml", folder.path).status == 5);
  CHECK(run_gateway("plugin inspect ./nothing.so", folder.path).status == 5);
  write_file(folder.path + "/kong.yml", k_empty);
  CHECK(run_gateway("check", folder.path).status == 0);
  CHECK(run_gateway("plugin inspect ./kong.yml", folder.path).status == 1);
  CHECK(run_gateway("run --set error_log=/nowhere/log", folder.path).status == 1);
  CHECK(run_gateway("run --set workers=many", folder.path).status == 3);
  CHECK(run_gateway("proxy --to ftp://127.0.0.1", folder.path).status == 3);
  Origin origin;
  const auto taken =
      run_gateway("run --set proxy_listen=127.0.0.1:" + std::to_string(origin.port()), folder.path);
  CHECK(taken.status == 4);
  CHECK(says(taken, "127.0.0.1:" + std::to_string(origin.port())));
}

TEST_CASE("a setting may stand before the file, and check takes it too") {
  Folder folder;
  write_file(folder.path + "/other.yml", k_empty);
  CHECK(run_gateway("check --set workers=2 other.yml", folder.path).status == 0);
  const auto refused = run_gateway("check --set workers=0 other.yml --set logs=x", folder.path);
  CHECK(refused.status == 3);
  CHECK(says(refused, "--set workers: is \"0\""));
  CHECK(says(refused, "--set logs: there is no such setting"));
}

TEST_CASE("a plugin that is not there is named as it was asked for") {
  Folder folder;
  write_file(folder.path + "/kong.yml", k_empty);
  const auto refused = run_gateway("check --set plugins=./mine.so,mine.so,key-aut", folder.path);
  CHECK(refused.status == 3);
  CHECK(says(refused, "gateway.plugins[./mine.so]: there is no file ./mine.so\n"));
  CHECK(
      says(refused, "gateway.plugins[mine.so]: is no plugin's name\n      hint: write ./mine.so"));
  CHECK(says(refused, "gateway.plugins[key-aut]: no file key-aut.so in plugin_path or "));
  CHECK(says(refused, "did you mean \"key-auth\"?"));
}

TEST_CASE("the file is the one given, or of the environment, or the first one found here") {
  Folder folder;
  CHECK(says(run_gateway("check", folder.path), "expected a file, or kong.yml"));
  for (const std::string name : {"kong.json", "kong.yaml", "kong.yml"}) {
    write_file(folder.path + "/" + name, "{\"_format_version\": \"3.0\"}");
    CHECK(says(run_gateway("check", folder.path), name + ": the configuration is valid"));
  }
  write_file(folder.path + "/of.yml", k_empty);
  for (const std::string variable : {"GATEWRIGHT_CONFIG", "KONG_DECLARATIVE_CONFIG"}) {
    const std::string command =
        "cd '" + folder.path + "' && " + variable + "=of.yml " + gateway_binary() + " check";
    CHECK(says(run_shell(command), "of.yml: the configuration is valid"));
    CHECK(says(run_shell(command + " kong.yml"), "kong.yml: the configuration is valid"));
  }
  CHECK(run_shell("echo '{\"_format_version\": \"3.0\"}' | " + gateway_binary() + " check -")
            .status == 0);
}

TEST_CASE("colours are for terminals, and for those that want them") {
  Folder folder;
  write_file(folder.path + "/kong.yml", "_format_version: \"3.0\"\nservicess: []\n");
  CHECK(says(at_terminal("TERM=xterm", folder.path), "\x1b["));
  const auto plain = at_terminal("NO_COLOR=1", folder.path);
  CHECK(says(plain, "kong.yml:2:1: servicess: unknown field"));
  CHECK_FALSE(says(plain, "\x1b["));
  CHECK_FALSE(says(run_shell(gateway_binary() + " check " + folder.path + "/kong.yml"), "\x1b["));
}

TEST_CASE("data comes as JSON where it is asked for") {
  Folder folder;
  write_file(folder.path + "/kong.yml", "_format_version: \"3.0\"\nservicess: []\n");
  const auto checked = run_gateway("check --json", folder.path);
  CHECK(checked.status == 3);
  CHECK(checked.out ==
        "[{\"severity\":\"error\",\"file\":\"kong.yml\",\"line\":2,\"column\":1,"
        "\"path\":\"servicess\",\"message\":\"unknown field\","
        "\"hint\":\"did you mean \\\"services\\\"?\"}]\n");
  CHECK(says(run_gateway("version --json", folder.path), "{\"version\":\""));
  CHECK(run_gateway("--version", folder.path).out == run_gateway("version", folder.path).out);
  const auto list = run_gateway("plugin list --json", folder.path);
  CHECK(says(list,
             "[{\"name\":\"correlation-id\",\"version\":\"1.0.0\",\"priority\":100001,"
             "\"phases\":[\"request\",\"response\"],\"file\":\"/"));
  const auto inspected =
      run_gateway("plugin inspect --json " GATEWRIGHT_PLUGIN_DIR "/key-auth.so", folder.path);
  CHECK(inspected.status == 0);
  CHECK(says(inspected, "\"names\":[\"key-auth\"],\"abi\":{\"major\":1,"));
}

TEST_CASE("proxy needs no file, and forwards everything") {
  Origin origin;
  Launch launch;
  launch.command = {"proxy", "--to", origin.url() + "/base", "--listen", "127.0.0.1:0"};
  launch.arguments = {"--set", "admin_listen=off", "--set", "status_listen=off"};
  GatewayProcess gateway("", "", launch);
  CHECK(get(gateway.port(), "/any/thing?a=b").status == 200);
  CHECK(origin.wait_for_request(1).target == "/base/any/thing?a=b");
}

TEST_CASE("check reports every fault at once, with its place") {
  Folder folder;
  write_file(
      folder.path + "/kong.yml",
      "_format_version: \"3.0\"\nservices:\n- name: a\n  urll: http://x\n- name: a\n  url: "
      "http://y\n  retries: many\n  routes:\n  - paths: [/a, \"~/(\"]\n    plugins:\n    - name: "
      "key-auth\n      config: {key_nams: [x]}\n    - name: key-auht\n");
  const auto checked = run_gateway("check", folder.path);
  CHECK(checked.status == 3);
  CHECK(checked.out.find("kong.yml:4:3: services[0].urll: unknown field") != std::string::npos);
  CHECK(checked.out.find("did you mean \"url\"?") != std::string::npos);
  CHECK(checked.out.find("kong.yml:7:12: services[1].retries: is the string \"many\"") !=
        std::string::npos);
  CHECK(checked.out.find("uniqueness violation") != std::string::npos);
  CHECK(checked.out.find("kong.yml:9:17: services[1].routes[0].paths[1]: ") != std::string::npos);
  CHECK(
      checked.out.find("kong.yml:12:16: services[1].routes[0].plugins[0].config.key_nams: unknown "
                       "field") != std::string::npos);
  CHECK(checked.out.find("kong.yml:13:7: services[1].routes[0].plugins[1].name: plugin "
                         "\"key-auht\" is not loaded") != std::string::npos);
  CHECK(checked.out.find("did you mean \"key-auth\"?") != std::string::npos);
}

TEST_CASE(
    "a consumer's plugin that runs before authentication is a warning, and an error when strict") {
  Folder folder;
  write_file(folder.path + "/kong.yml",
             "_format_version: \"3.0\"\nplugins:\n- name: key-auth\nconsumers:\n- username: bob\n  "
             "plugins:\n  - name: correlation-id\n");
  const auto lenient = run_gateway("check", folder.path);
  CHECK(lenient.status == 0);
  CHECK(lenient.out.find("cannot take effect") != std::string::npos);
  CHECK(run_gateway("check --strict", folder.path).status == 3);
}
