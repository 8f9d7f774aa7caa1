// SPDX-License-Identifier: Apache-2.0
#include "unit/plugin/world.hpp"

#include <array>
#include <utility>

#include "net/deadline.hpp"

namespace world {

namespace {

constexpr std::size_t k_scripts = 8;
std::array<std::unique_ptr<Script>, k_scripts> g_scripts;
std::size_t g_used = 0;
std::string g_trace;

struct Made {
  std::string label;
};

gw_action run(std::size_t n, const char* callback, Call call) {
  const auto* made = static_cast<const Made*>(call.self->inst);
  call.label = made->label;
  if (!g_trace.empty()) g_trace += ' ';
  g_trace += g_scripts[n]->name;
  if (!call.label.empty()) g_trace += "(" + call.label + ")";
  g_trace += std::string(".") + callback;
  return g_scripts[n]->on.at(callback)(call);
}

// The callbacks of the n-th script, as a plugin's .so would have them.
template <std::size_t N>
struct Edge {
  static gw_status instance_new(const gw_instance_args* args, void** inst, gw_error*) {
    const auto* config =
        static_cast<const gw_config_api*>(args->host->get_api(args->host, GW_CONFIG_API));
    const gw_str label = config->str(args->cfg, "/label");
    *inst = new Made{std::string(label.p != nullptr ? label.p : "", label.n)};
    if (g_scripts[N]->made) g_scripts[N]->made(*args);
    return GW_OK;
  }
  static void instance_free(void* inst) { delete static_cast<Made*>(inst); }
  static gw_action rewrite(gw_req* r, gw_self* s) { return run(N, "rewrite", {r, s, {}}); }
  static gw_action request(gw_req* r, gw_self* s) { return run(N, "request", {r, s, {}}); }
  static gw_action request_body(gw_req* r, gw_self* s, const gw_chunk* c) {
    return run(N, "request_body", {r, s, {}, c});
  }
  static gw_action upstream(gw_req* r, gw_self* s, std::uint32_t attempt) {
    return run(N, "upstream", {r, s, {}, nullptr, attempt});
  }
  static gw_action response(gw_req* r, gw_self* s) { return run(N, "response", {r, s, {}}); }
  static gw_action response_body(gw_req* r, gw_self* s, const gw_chunk* c) {
    return run(N, "response_body", {r, s, {}, c});
  }
  static gw_action resume(gw_req* r, gw_self* s, std::int64_t value) {
    return run(N, "resume", {r, s, {}, nullptr, value});
  }
  static void cancel(gw_req* r, gw_self* s) { run(N, "cancel", {r, s, {}}); }
  static void log(gw_req* r, gw_self* s) { run(N, "log", {r, s, {}}); }
  static void req_free(gw_self* s) { run(N, "free", {nullptr, s, {}}); }

  static const gw_plugin_desc* describe(const Script& script) {
    static gw_plugin_desc d;
    const auto has = [&](const char* callback) { return script.on.count(callback) > 0; };
    d = {};
    d.size = sizeof d;
    d.name = script.name.c_str();
    d.version = "1";
    d.schema = R"({"type":"object","properties":{"label":{"type":"string","default":""}}})";
    d.priority = script.priority;
    d.flags = script.flags;
    d.req_state_size = script.state_size;
    d.req_state_align = 8;
    d.instance_new = instance_new;
    d.instance_free = instance_free;
    if (has("rewrite")) d.on_rewrite = rewrite;
    if (has("request")) d.on_request = request;
    if (has("request_body")) d.on_request_body = request_body;
    if (has("upstream")) d.on_upstream = upstream;
    if (has("response")) d.on_response = response;
    if (has("response_body")) d.on_response_body = response_body;
    if (has("resume")) d.on_resume = resume;
    if (has("cancel")) d.on_cancel = cancel;
    if (has("log")) d.on_log = log;
    if (has("free")) d.req_free = req_free;
    return &d;
  }
};

template <std::size_t... N>
const gw_plugin_desc* describe(std::size_t n, const Script& script, std::index_sequence<N...>) {
  const gw_plugin_desc* (*const table[])(const Script&) = {&Edge<N>::describe...};
  return table[n](script);
}

}  // namespace

Worker::Worker() {
  auto made = gw::shared::Region::create(4 * gw::shared::Region::k_min_bytes, 1);
  region = std::move(made).value();
  mailbox = std::make_unique<gw::net::Mailbox>(loop);
  environment.reset(new gw::plugin::WorkerEnvironment{loop, *mailbox, *region, 0, 1, nullptr});
  host = std::make_unique<gw::plugin::Host>(*environment);
  registry = std::make_unique<gw::plugin::Registry>(*host);
  g_used = 0;
  g_trace.clear();
}

Worker::~Worker() = default;

void Worker::add(Script script) {
  const std::size_t n = g_used++;
  g_scripts.at(n) = std::make_unique<Script>(std::move(script));
  const auto* desc = describe(n, *g_scripts[n], std::make_index_sequence<k_scripts>());
  const auto added = registry->add(desc, "");
  if (!added.ok()) throw std::runtime_error(added.error().text);
}

Script script(const std::string& name, int priority, std::map<std::string, Act> on,
              std::uint32_t flags) {
  Script s;
  s.name = name;
  s.priority = priority;
  s.on = std::move(on);
  s.flags = flags;
  return s;
}

Two::Two(std::map<std::string, Act> first, std::map<std::string, Act> second) {
  add(script("second", 1, std::move(second)));
  add(script("first", 2, std::move(first)));
  if (!configure(k_both)) throw std::runtime_error(problems());
}

bool Worker::configure(const std::string& entities, const std::string& settings) {
  gw::config::Source source;
  source.file = "kong.yml";
  source.text = "_format_version: '3.0'\ngateway:\n  plugins: 'off'\n" + settings + entities;
  auto loaded = gw::config::load(std::move(source));
  diagnostics = loaded.diagnostics;
  if (!loaded.snapshot) return false;
  auto made = gw::plugin::Generation::build(*registry, *host, loaded.snapshot, ++generations,
                                            generation.get(), diagnostics);
  if (!made) return false;
  generation = std::move(made);
  return true;
}

void Worker::run_until(const std::function<bool()>& done) {
  struct Watch {
    Worker& worker;
    const std::function<bool()>& done;
    int rounds = 0;
    gw::net::Deadline tick{[](void* self) { static_cast<Watch*>(self)->look(); }, this};
    void look() {
      if (done() || ++rounds > 600) return worker.loop.stop();
      tick.set(worker.loop.deadlines(), 16);
    }
  } watch{*this, done};
  watch.tick.set(loop.deadlines(), 0);
  loop.run();
  if (!done()) throw std::runtime_error("what was waited for did not come");
}

std::string Worker::trace() { return std::exchange(g_trace, {}); }

std::string Worker::problems() const {
  return gw::config::render(diagnostics, "kong.yml", "", false);
}

std::int64_t Worker::failures(const std::string& plugin, const std::string& phase) {
  struct Find final : gw::shared::MetricVisitor {
    void on_metric(const gw::shared::MetricShape& shape) override {
      mine = shape.name == "gatewright_plugin_errors_total";
    }
    void on_series(const gw::shared::SeriesView& series) override {
      if (mine && series.labels[0] == plugin && series.labels[1] == phase) value = series.value;
    }
    std::string plugin, phase;
    bool mine = false;
    std::int64_t value = 0;
  } find;
  find.plugin = plugin;
  find.phase = phase;
  region->metrics().collect(find);
  return find.value;
}

// --- requests ---

Ask::Ask(Worker& w, const std::string& name)
    : worker(w),
      route(name),
      arena(w.loop.blocks()),
      request(arena),
      response_head(arena),
      seen(arena, request, response_head, *this) {
  seen.generation = w.generation.get();
  seen.chain = &w.generation->chain(gw::config::k_none);
  seen.facts.request_id = "00112233445566778899aabbccddeeff";
  seen.facts.path = "/";
  request.method_text = "GET";
  request.method = gw::http::Method::get;
}

Ask::~Ask() {
  if (!finished) finish();
}

Outcome Ask::access() {
  const auto& routes = worker.generation->snapshot().entities.routes;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (routes[i].name != route) continue;
    seen.facts.route = &routes[i];
    seen.chain = &worker.generation->chain(gw::config::Index(i));
  }
  return run_phase(seen, Phase::request);
}

Outcome Ask::woken() {
  const int before = wakes;
  worker.run_until([&] { return wakes > before; });
  return resume_phase(seen);
}

Outcome Ask::give_body(const std::string& body) {
  seen.flows[GW_REQUEST]->push(arena.copy(body), true);
  return resume_phase(seen);
}

Outcome Ask::run_body(Phase phase, const std::string& bytes, bool last) {
  const bool requests = phase == Phase::request_body;
  auto& flow = seen.flows[requests ? GW_REQUEST : GW_RESPONSE];
  if (flow == nullptr || !flow->begun()) {
    auto* begun = requests ? stream_request_body(seen)
                           : begin_response_body(seen, gw::http::BodyKind::chunked, 0);
    if (begun == nullptr) {
      sent[requests ? 0 : 1] += bytes;
      return last ? Outcome::next : Outcome::wait_body;
    }
  }
  flow->push(arena.copy(bytes), last);
  return pump(phase);
}

Outcome Ask::pump(Phase phase) {
  const std::size_t map = phase == Phase::request_body ? GW_REQUEST : GW_RESPONSE;
  auto& flow = *seen.flows[map];
  for (;;) {
    const Outcome outcome = flow.run(seen);
    if (outcome != Outcome::next) return outcome;
    sent[map] += flow.front().bytes;
    pieces[map].push_back(flow.front().bytes.size());
    const bool last = flow.front().last;
    flow.pop(flow.front().bytes.size());
    if (last) return Outcome::next;
  }
}

void Ask::finish() {
  finished = true;
  gw::plugin::finish(seen);
}

std::string Ask::header(const std::string& name) {
  const auto* field = request.fields.find(name);
  return field != nullptr ? std::string(field->value()) : "";
}

// --- what scripts do ---

Act respond(int status, const std::string& code) {
  return [=](const Call& c) -> gw_action {
    gw_response answer{};
    answer.size = sizeof answer;
    answer.status = status;
    answer.code = {code.data(), code.size()};
    return c.api().respond(c.r, &answer) == GW_OK ? gw_action{GW_RESPOND} : gw_action{GW_FAIL};
  };
}

Act pause_here(gw_token* token, std::uint32_t timeout_ms) {
  return [=](const Call& c) -> gw_action {
    const gw_token taken = c.api().pause(c.r, timeout_ms);
    if (token != nullptr) *token = taken;
    return GW_PAUSE;
  };
}

Act publish(Worker& worker, const std::string& name) {
  return [&worker, name](const Call& c) -> gw_action {
    auto* identity = static_cast<gw_identity*>(c.api().alloc(c.r, sizeof(gw_identity), 8));
    *identity = {};
    identity->size = sizeof *identity;
    identity->consumer = worker.generation->consumers().find(name);
    const auto* config = static_cast<const gw_config_api*>(
        worker.host->abi().get_api(&worker.host->abi(), GW_CONFIG_API));
    const gw_slot slot =
        config->slot_define(nullptr, GW_STR(GW_SLOT_CONSUMER), sizeof(gw_identity));
    return c.api().slot_put(c.r, slot, identity, nullptr) == GW_OK ? GW_CONTINUE : GW_FAIL;
  };
}

Act buffer(std::uint64_t limit) {
  return [=](const Call& c) -> gw_action {
    return c.api().body_mode(c.r, GW_REQUEST, GW_BODY_BUFFER, limit, 0) == GW_OK ? GW_CONTINUE
                                                                                 : GW_FAIL;
  };
}

}  // namespace world
