// SPDX-License-Identifier: Apache-2.0
// A plugin in the test kit: no request and no answer makes it fail, break a rule of the ABI or
// touch memory that is not its own. GATEWRIGHT_FUZZ_PLUGIN names another .so than key-auth's,
// GATEWRIGHT_FUZZ_OPTIONS its options.
//
// An input is a byte for the mode, then a request and an answer as text, each a head, an empty line
// and a body, with a line of two hyphens between them. Lines that the gateway would not let through
// are left out: plugins never see such.
#include <algorithm>
#include <gatewright/testkit.hpp>
#include <string>

#include "fuzz.hpp"

namespace {

using namespace gw::test;

std::string setting(const char* name, const char* otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? given : otherwise;
}

// The text up to the mark; `rest` goes on behind it, and is empty without one.
std::string_view take(std::string_view& rest, std::string_view mark) {
  const auto at = std::min(rest.find(mark), rest.size());
  const auto out = rest.substr(0, at);
  rest.remove_prefix(std::min(rest.size(), at + mark.size()));
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           k_marks.find(c) != k_marks.npos;
  });
}

bool is_printable(std::string_view text, unsigned char most) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && byte <= most;
  });
}

std::string value_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const bool fit = std::all_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '\t' || is_printable({&c, 1}, 0xFF);
  });
  return fit ? std::string(text) : std::string();
}

field_list fields_of(std::string_view lines) {
  field_list out;
  while (!lines.empty()) {
    auto line = take(lines, "\n");
    const auto name = take(line, ":");
    if (is_token(name)) out.emplace_back(name, value_of(line));
  }
  return out;
}

request_spec request_of(std::string_view text) {
  request_spec out;
  auto head = take(text, "\n\n");
  auto line = take(head, "\n");
  const auto method = take(line, " ");
  if (is_token(method)) out.method = method;
  if (line.substr(0, 1) == "/" && is_printable(line, 0x7E)) out.target = line;
  out.headers = fields_of(head);
  out.body = text;
  return out;
}

// What a plugin waits for does not come: calls fail, then its deadline passes.
void wait(host& h, const exchange& x) {
  for (int i = 0; i < 10 && x.paused(); ++i) h.turn();
  for (int i = 0; i < 10 && x.paused(); ++i) h.advance(std::chrono::hours(1));
}

// One host for each mode, with the plugin loaded; a fresh one from time to time, since hosts keep
// what requests have logged and called.
class Worlds {
 public:
  Worlds()
      : plugin_(setting("GATEWRIGHT_FUZZ_PLUGIN", GATEWRIGHT_KEY_AUTH)),
        options_(setting("GATEWRIGHT_FUZZ_OPTIONS",
                         R"({"key_in_body": true, "hide_credentials": true})")) {}

  void run(std::uint8_t chosen, const request_spec& request, std::string_view answer) {
    const std::size_t i = chosen % std::size(all_modes);
    // What a host finds when it ends is thrown, and ends the process.
    const mode_scope scope(all_modes[i]);
    World& world = worlds_[i];
    if (world.uses++ % k_uses == 0) make(world);
    run(*world.h, *world.plugin, request, answer);
    for (const auto& broken : world.h->broken_rules()) std::fprintf(stderr, "%s\n", broken.c_str());
    fuzz::require(world.h->broken_rules().empty(), "no rule of the ABI is broken");
  }

 private:
  static constexpr std::size_t k_uses = 500;
  struct World {
    std::unique_ptr<host> h;
    instance* plugin = nullptr;
    std::size_t uses = 0;
  };

  void make(World& world) {
    world.h.reset();
    world.h = std::make_unique<host>();
    world.h->add_consumer("c1", "ann");
    world.h->add_credential("keyauth_credentials", "k1", "c1", R"({"key": "k"})");
    world.plugin = &world.h->load(plugin_, options_);
  }

  static void run(host& h, instance& plugin, const request_spec& request, std::string_view answer) {
    exchange x(h, {&plugin}, request);
    x.start();
    wait(h, x);
    if (!x.paused() && !x.answered_locally()) {
      const auto head = take(answer, "\n\n");
      x.answer(200, fields_of(head), std::string(answer));
      wait(h, x);
    }
    fuzz::require(!x.paused(), "each pause ends by its deadline");
    x.finish();
    fuzz::require(x.status() != 500 || x.reply(), "the plugin does not fail");
  }

  std::string plugin_, options_;
  World worlds_[std::size(all_modes)];
};

Worlds* g_worlds = nullptr;  // plugins outlive what would end it

}  // namespace

// The plugin is loaded before the first input: its coverage counts from there.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_worlds = new Worlds;
  g_worlds->run(0, request_spec(), "");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest = fuzz::text(data + 1, size - 1);
  const auto request = take(rest, "\n--\n");
  g_worlds->run(data[0], request_of(request), rest);
  return 0;
}
