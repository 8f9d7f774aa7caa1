// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "world.hpp"

namespace gw::test {
namespace {

// A truncated table has nothing behind it, so hosts are found by address.
std::map<const gw_host*, world*>& worlds() {
  static std::map<const gw_host*, world*> all;
  return all;
}
world& of(const gw_host* h) { return *worlds().at(h); }

const void* table_of(const std::string& name) {
  if (name == GW_CONFIG_API) return &k_config_api;
  if (name == GW_CONSUMERS_API) return &k_consumers_api;
  if (name == GW_LOOP_API) return &k_loop_api;
  if (name == GW_HTTP_API) return &k_http_api;
  if (name == GW_KV_API) return &k_kv_api;
  if (name == GW_METRICS_API) return &k_metrics_api;
  if (name == GW_POOL_API) return &k_pool_api;
  if (name == GW_MEMORY_API) return &k_memory_api;
  if (name == GW_TLS_API) return &k_tls_api;
  return nullptr;
}

const void* get_api(const gw_host* h, const char* id) { return of(h).offered(id, table_of(id)); }

gw_status resume(const gw_host* h, gw_token token, int64_t value) {
  const std::lock_guard<std::mutex> lock(of(h).resume_lock);
  of(h).resumes.emplace_back(token, value);
  return GW_OK;
}

void log(const gw_host* h, const gw_self* self, gw_log_level level, gw_str text, const gw_kv* kv,
         uint32_t nkv) {
  if (level < of(h).log_level) return;
  log_line line{level,
                self == nullptr           ? ""
                : self->worker == nullptr ? ""
                                          : self->worker->owner->desc().name,
                to_string(text),
                {}};
  for (uint32_t i = 0; i < nkv; ++i) line.kv.emplace_back(to_string(kv[i].k), to_string(kv[i].v));
  of(h).logs.push_back(std::move(line));
}

uint64_t mono_ns(const gw_host* h) { return of(h).mono; }
uint64_t unix_ns(const gw_host* h) { return of(h).mono + of(h).unix_offset; }

void random(const gw_host* h, void* out, size_t n) {
  uint64_t& s = of(h).random_state;
  for (size_t i = 0; i < n; ++i) {
    s ^= s << 13;
    s ^= s >> 7;
    s ^= s << 17;
    static_cast<uint8_t*>(out)[i] = static_cast<uint8_t>(s >> 32);
  }
}

const gw_module& open_module(world& w, const std::string& path) {
  void* so = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (so == nullptr) throw std::runtime_error(dlerror());
  void* entry = dlsym(so, "gatewright_module_v1");
  if (entry == nullptr) throw std::runtime_error(path + " exports no gatewright_module_v1");
  gw_error error{};
  error.size = sizeof error;
  const auto ask = reinterpret_cast<decltype(&gatewright_module_v1)>(entry);
  const auto* module = ask(w.offered_host, &error);
  if (module == nullptr) throw std::runtime_error(path + ": " + error.msg);
  if (module->minor_required > GW_ABI_MINOR) throw std::runtime_error(path + " needs a newer host");
  if (module->draft != (module->minor_required == GW_ABI_MINOR ? GW_ABI_DRAFT : 0))
    throw std::runtime_error(path + " is built for another draft of the ABI: rebuild it");
  if (module->minor_required < w.minor) w.offer_host(module->minor_required);
  return *module;
}

const gw_plugin_desc& pick(const gw_module& module, const std::string& plugin) {
  for (uint32_t i = 0; i < module.n; ++i)
    if (plugin.empty() || plugin == module.plugins[i]->name) return *module.plugins[i];
  throw std::runtime_error("no plugin \"" + plugin + "\" in the module");
}

}  // namespace

std::string lower_case(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return s;
}

void write_error(gw_error* error, const std::string& text) {
  if (error == nullptr) return;
  error->code = GW_E_INVALID;
  std::strncpy(error->msg, text.c_str(), sizeof error->msg - 1);
}

world::world() {
  host_table.size = sizeof(gw_host);
  host_table.major = GW_ABI_MAJOR;
  host_table.minor = GW_ABI_MINOR;
  host_table.log_level = &log_level;
  host_table.get_api = get_api;
  host_table.resume = test::resume;
  host_table.log = test::log;
  host_table.unix_ns = test::unix_ns;
  host_table.mono_ns = test::mono_ns;
  host_table.random = test::random;
  start_mode();
  offer_host(GW_ABI_MINOR);
}

void world::offer_host(uint32_t required) {
  minor = required;
  offered_host = static_cast<const gw_host*>(offered("the gw_host", &host_table));
  worlds()[&host_table] = worlds()[offered_host] = this;
}

world::~world() {
  instances.clear();
  end_mode();
  for (auto it = worlds().begin(); it != worlds().end();)
    it = it->second == this ? worlds().erase(it) : std::next(it);
  forget_stores(this);
  forget_metrics(this);
  forget_accounts(this);
}

gw_hid world::header_id(const std::string& any_case) {
  static const std::string k_token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  const std::string name = lower_case(any_case);
  if (name.empty() || name.find_first_not_of(k_token) != std::string::npos) return 0;
  const auto made = static_cast<gw_hid>(header_ids.size() + 1);
  const gw_hid id = header_ids.try_emplace(name, made).first->second;
  header_names[id] = name;
  return id;
}

struct instance::started {
  gw_worker worker;
  void* state = nullptr;
};

instance::instance(world& w, const gw_plugin_desc& desc, const std::string& config,
                   const load_options& o)
    : world_(w), given_(desc), key_(o.key), generation_(w.instances.size() + 1) {
  std::memcpy(&desc_, &desc, std::min<size_t>(desc.size, sizeof desc_));
  desc_ = w.checked(desc_, &desc);
  nlohmann::json doc = nlohmann::json::parse(config);
  apply_schema("config", parse_schema(desc_.schema), doc);
  gw_error error{};
  error.size = sizeof error;
  if (w.initialised.count(&desc) == 0 && desc_.plugin_init != nullptr &&
      desc_.plugin_init(w.offered_host, &w.initialised[&desc], &error) != GW_OK)
    throw std::runtime_error(error.msg);
  for (uint32_t i = 0; i < desc_.ncollections; ++i) w.collection(desc_, desc_.collections[i]->name);

  gw_cfg cfg{&w, &desc_, &doc, {}};
  const auto scope = [](const std::string& id) { return id.empty() ? gw_str{} : to_str(id); };
  gw_instance_args args{};
  args.size = sizeof args;
  args.host = w.offered_host;
  args.cfg = &cfg;
  args.key = to_str(o.key);
  args.generation = generation_;
  args.prev = o.prev == nullptr ? nullptr : o.prev->raw();
  args.route_id = scope(o.route_id);
  args.service_id = scope(o.service_id);
  args.consumer_id = scope(o.consumer_id);
  if (desc_.instance_new != nullptr && desc_.instance_new(&args, &inst_, &error) != GW_OK)
    throw std::runtime_error(error.msg);
  for (uint32_t i = 0; i < o.workers; ++i) {
    workers_.push_back(std::make_unique<started>(started{{&w, this, i, o.workers}, nullptr}));
    started& s = *workers_.back();
    if (desc_.worker_start == nullptr ||
        desc_.worker_start(&s.worker, inst_, &s.state, &error) == GW_OK)
      continue;
    world_.release_worker(&s.worker, false);
    workers_.pop_back();
    stop();
    throw std::runtime_error(error.msg);
  }
}

instance::~instance() { stop(); }

void instance::stop() {
  for (uint32_t i = 0; i < workers_.size(); ++i) stop_worker(i);
  workers_.clear();
  if (inst_ != nullptr && desc_.instance_free != nullptr) desc_.instance_free(inst_);
  inst_ = nullptr;
  world_.check_left_fds(*this);
}

void instance::stop_worker(uint32_t i) {
  std::unique_ptr<started>& s = workers_.at(i);
  if (s == nullptr) return;
  world_.release_worker(&s->worker, true);
  if (desc_.worker_stop != nullptr) desc_.worker_stop(&s->worker, inst_, s->state);
  world_.check_stopped(&s->worker);
  s.reset();
}

gw_worker* instance::worker(uint32_t i) const { return &workers_.at(i)->worker; }
void* instance::worker_state(uint32_t i) const { return workers_.at(i)->state; }

host::host() : world_(std::make_unique<world>()) {}

host::~host() noexcept(false) {
  world_->instances.clear();
  world_->check_memory();
  const std::vector<std::string> broken = broken_rules();
  world_.reset();
  if (broken.empty()) return;
  if (mode_scope* scope = mode_scope::current()) {
    scope->add(broken);
    return;
  }
  std::string text;
  for (const std::string& line : broken) text += (text.empty() ? "" : "\n") + line;
  if (std::uncaught_exceptions() == 0) throw std::logic_error(text);
}

void host::add_consumer(const std::string& id, const std::string& username,
                        const std::string& custom_id) {
  world& w = *world_;
  const auto keep = [&w](const std::string& text) {
    if (text.empty()) return gw_str{};
    w.entity_texts.push_back(text);
    return to_str(w.entity_texts.back());
  };
  const auto index = static_cast<uint32_t>(w.consumers.size());
  w.consumers.push_back(
      gw_consumer{sizeof(gw_consumer), index, keep(id), keep(username), keep(custom_id)});
}

void host::add_credential(const std::string& collection, const std::string& id,
                          const std::string& consumer_id, const std::string& json) {
  world_->credentials.push_back(pending_credential{collection, id, consumer_id, json});
}

instance& host::load(const std::string& path, const std::string& config,
                     const load_options& options) {
  const gw_plugin_desc& desc = describe(path, options.plugin);
  world_->instances.push_back(std::make_unique<instance>(*world_, desc, config, options));
  return *world_->instances.back();
}

const gw_plugin_desc& host::describe(const std::string& path, const std::string& plugin) {
  return pick(open_module(*world_, path), plugin);
}

uint64_t host::unix_ns() const { return test::unix_ns(&world_->host_table); }
uint64_t host::mono_ns() const { return world_->mono; }
void host::set_unix_ns(uint64_t t) { world_->unix_offset = t - world_->mono; }
void host::script_http(std::function<http_answer(const http_call&)> script) {
  world_->script = std::move(script);
}
const std::vector<http_call>& host::http_calls() const { return world_->call_log; }
const std::vector<log_line>& host::logs() const { return world_->logs; }
void host::break_stores(bool broken) { world_->stores_broken = broken; }
size_t host::pending_timers() const { return world_->timers.size(); }
mode host::running() const { return world_->running; }

int64_t host::metric(const std::string& name, const std::vector<std::string>& labels) const {
  const series* s = find_series(world_.get(), name, labels);
  return s == nullptr ? 0 : s->value;
}
double host::histogram_sum(const std::string& name, const std::vector<std::string>& labels) const {
  const series* s = find_series(world_.get(), name, labels);
  return s == nullptr ? 0 : s->sum;
}

}  // namespace gw::test
