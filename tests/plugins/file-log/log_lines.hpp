// SPDX-License-Identifier: Apache-2.0
// What the tests of file-log share: a folder of their own, and the plugin's .so in the in-memory
// host. GATEWRIGHT_PLUGIN_DIR is given by the build.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <gatewright/testkit.hpp>
#include <gatewright/testkit/catch2.hpp>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/catch.hpp"
#include "support/deadline.hpp"

namespace file_log_test {

using gw::test::exchange;
using nlohmann::json;

inline const std::string k_so = GATEWRIGHT_PLUGIN_DIR "/file-log.so";
inline const std::string k_dropped = "gatewright_log_dropped_total";

// Removed with everything in it.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "file-log-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

inline std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Each has to be a JSON object.
inline std::vector<json> lines_of(const std::string& path) {
  std::vector<json> out;
  std::istringstream in(content(path));
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

struct Gateway {
  explicit Gateway(const std::string& path, const std::string& options = {},
                   std::uint32_t workers = 1)
      : plugin(host.load(k_so, config_of(path, options), options_of(workers))) {}
  static std::string config_of(const std::string& path, const std::string& options) {
    return R"({"path": ")" + path + '"' + (options.empty() ? "" : ", " + options) + '}';
  }
  static gw::test::load_options options_of(std::uint32_t workers) {
    gw::test::load_options options;
    options.workers = workers;
    return options;
  }
  void request(const std::string& target = "/", std::uint32_t worker = 0) {
    gw::test::request_spec spec;
    spec.target = target;
    spec.worker = worker;
    exchange(host, {&plugin}, spec).run();
  }
  // As when flush_interval is over.
  void flush() { host.advance(std::chrono::milliseconds(200)); }
  std::int64_t dropped(const std::string& reason) const {
    return host.metric(k_dropped, {"file-log", reason});
  }

  gw::test::host host;
  gw::test::instance& plugin;
};

// The one record of a request with these headers, and with what `prepare` changes of the exchange.
inline json record_of(const gw::test::request_spec& spec, const std::string& options = {},
                      const std::function<void(exchange&)>& prepare = {},
                      const gw::test::field_list& answer = {}) {
  Folder folder;
  {
    Gateway gateway(folder / "log", options);
    exchange x(gateway.host, {&gateway.plugin}, spec);
    if (prepare) prepare(x);
    x.run(200, answer, "body");
    x.finish();
    gateway.plugin.stop();
  }
  const auto lines = lines_of(folder / "log");
  REQUIRE(lines.size() == 1);
  return lines[0];
}

}  // namespace file_log_test
