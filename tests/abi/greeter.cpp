// SPDX-License-Identifier: Apache-2.0
// Brings a certificate of its own for names under `suffix`, and refuses those under `refused`; for
// tests/scenarios/tls_test.cpp.
#include <fstream>
#include <gatewright/plugin.hpp>
#include <sstream>

namespace {

struct greeter {
  static constexpr auto name = "greeter";
  static constexpr int priority = 1;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "certificate": {"type": "string"}, "key": {"type": "string"},
    "suffix": {"type": "string"}, "refused": {"type": "string"}}})";

  struct worker_state {
    worker_state(gw::worker w, const greeter& p) {
      std::string why;
      certificate = gw::certificates(w).make(text_of(p.certificate), text_of(p.key), &why);
      if (certificate == 0) throw std::runtime_error(why);
    }
    static std::string text_of(const std::string& file) {
      std::stringstream text;
      text << std::ifstream(file).rdbuf();
      return text.str();
    }
    gw_certificate certificate;
  };

  explicit greeter(gw::config c)
      : certificate(c.str("certificate")),
        key(c.str("key")),
        suffix(c.str("suffix")),
        refused(c.str("refused")) {}

  gw_certificate on_client_hello(gw::worker w, const gw_tls_hello& hello) const {
    const gw::view asked = gw::to_view(hello.server_name);
    const auto ends = [asked](const std::string& with) {
      return !with.empty() && asked.size() >= with.size() &&
             asked.substr(asked.size() - with.size()) == with;
    };
    if (ends(refused)) throw std::runtime_error("this name is refused");
    return ends(suffix) ? w.state<worker_state>().certificate : 0;
  }

  std::string certificate, key, suffix, refused;
};

}  // namespace

GW_PLUGIN(greeter)
