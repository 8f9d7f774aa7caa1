// SPDX-License-Identifier: Apache-2.0
#include "frame.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace gw::checking {

namespace {

options g_options;
thread_local frame* t_top = nullptr;

uint64_t now_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1'000'000'000 + uint64_t(t.tv_nsec);
}

template <size_t N>
void put(char (&to)[N], const char* text) {
  std::snprintf(to, N, "%s", text);
}

origin here(const char* source) {
  origin from;
  const frame& f = *t_top;
  put(from.plugin, name_of(f.plugin));
  put(from.callback, f.function);
  put(from.source, source);
  put(from.phase, f.phase);
  return from;
}

}  // namespace

const options& settings() { return g_options; }

std::string to_line(const violation& v) {
  return "plugin " + (v.plugin.empty() ? "(unknown)" : v.plugin) + ": " + v.function +
         " in phase " + v.phase + ": " + v.text;
}

bool asked_for() {
  const char* value = std::getenv("GATEWRIGHT_CHECK_PLUGINS");
  return value != nullptr && std::strcmp(value, "1") == 0;
}

void start(options o) {
  g_options = std::move(o);
  watch_faults(g_options.fatal_fd);
}

frame::frame(const known_plugin* who, const char* callback, const char* phase_name)
    : plugin(who), function(callback), phase(phase_name), start_ns(now_ns()), outer(t_top) {
  t_top = this;
}

frame::~frame() {
  const uint64_t took = now_ns() - start_ns;
  if (!may_last && g_options.stall_ns != 0 && took > g_options.stall_ns)
    broke(nullptr, "it lasted " + std::to_string(took / 1'000'000) +
                       " ms: the whole worker waited; expected at most " +
                       std::to_string(g_options.stall_ns / 1'000'000) + " ms");
  for (const loan& l : loans) retire(l.memory);
  t_top = outer;
}

frame* current() { return t_top; }

const char* name_of(const known_plugin* plugin) {
  return plugin == nullptr ? "" : plugin->desc.name;
}

const char* phase_name(uint32_t phase) {
  static const char* const names[] = {"none",     "rewrite",  "request",       "request_body",
                                      "upstream", "response", "response_body", "log"};
  return phase < std::size(names) ? names[phase] : "unknown";
}

void broke(const known_plugin* plugin, const char* function, const char* phase,
           const std::string& text) {
  if (g_options.report) g_options.report({name_of(plugin), function, phase, text});
}

void broke(const char* function, const std::string& text) {
  const frame* f = t_top;
  if (f == nullptr) return broke(nullptr, function == nullptr ? "" : function, "none", text);
  if (function == nullptr) return broke(f->plugin, f->function, f->phase, text);
  broke(f->plugin, function, f->phase, std::string("in ") + f->function + ": " + text);
}

gw_str lend(gw_str text, const char* source, loan::of kind, uint32_t map, uint32_t id) {
  frame* f = t_top;
  if (f == nullptr || text.p == nullptr) return text;
  loan l{0, kind, map, id};
  text.p = static_cast<const char*>(copy(text.p, text.n, 1, here(source), l.memory));
  if (l.memory != 0) f->loans.push_back(l);
  return text;
}

const void* lend(const void* bytes, size_t n, size_t align, const char* source) {
  frame* f = t_top;
  if (f == nullptr || bytes == nullptr) return bytes;
  loan l{0, loan::anything, 0, 0};
  const void* out = copy(bytes, n, align, here(source), l.memory);
  if (l.memory != 0) f->loans.push_back(l);
  return out;
}

void end_loans(loan::of kind, uint32_t map, uint32_t id) {
  if (t_top == nullptr) return;
  for (loan& l : t_top->loans) {
    if (l.kind != kind || l.map != map || l.id != id) continue;
    retire(l.memory);
    l.kind = loan::anything;
  }
}

void* lend_table(const void* bytes, size_t n, const char* what) {
  watch_faults(g_options.fatal_fd);
  origin from;
  put(from.plugin, "(any)");
  put(from.source, what);
  put(from.callback, "all");
  put(from.phase, "any");
  block b;
  void* to = take(n, alignof(void*), from, b);
  return to == nullptr ? nullptr : std::memcpy(to, bytes, n);
}

void end_loan(const void* table) { retire(block_at(table)); }

}  // namespace gw::checking
