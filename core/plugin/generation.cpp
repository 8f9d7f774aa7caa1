// SPDX-License-Identifier: Apache-2.0
#include "plugin/generation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plugin/breadcrumb.hpp"
#include "plugin/host_config.hpp"

namespace gw::plugin {

namespace {

using config::Diagnostic;
using config::k_none;
using config::Severity;

// What Kong bundles and this version does not have yet.
constexpr std::string_view k_kongs_own[] = {"acl",
                                            "acme",
                                            "aws-lambda",
                                            "basic-auth",
                                            "bot-detection",
                                            "cors",
                                            "datadog",
                                            "grpc-gateway",
                                            "grpc-web",
                                            "hmac-auth",
                                            "http-log",
                                            "ip-restriction",
                                            "jwt",
                                            "ldap-auth",
                                            "loggly",
                                            "oauth2",
                                            "post-function",
                                            "pre-function",
                                            "prometheus",
                                            "proxy-cache",
                                            "redirect",
                                            "request-size-limiting",
                                            "request-transformer",
                                            "response-ratelimiting",
                                            "response-transformer",
                                            "session",
                                            "standard-webhooks",
                                            "statsd",
                                            "syslog",
                                            "tcp-log",
                                            "udp-log",
                                            "zipkin"};

// As it stands in the document: "services[0].plugins[1]".
const std::string& path_of(const config::PluginEntry& entry) { return entry.place; }

void report_unknown(const std::vector<const Plugin*>& plugins, const config::PluginEntry& entry,
                    std::vector<Diagnostic>& out) {
  std::vector<std::string_view> names;
  for (const Plugin* plugin : plugins) names.push_back(plugin->name);
  const bool kongs = std::find(std::begin(k_kongs_own), std::end(k_kongs_own), entry.name) !=
                     std::end(k_kongs_own);
  const auto near = closest(entry.name, names);
  std::string loaded;
  for (const auto name : names) loaded += cat(loaded.empty() ? "" : ", ", name);
  std::string hint = near.empty() ? cat("loaded are: ", loaded.empty() ? "none" : loaded)
                                  : cat("did you mean \"", near, "\"?");
  if (kongs) hint = "this version does not have it yet";
  out.push_back({Severity::error, entry.where, cat(path_of(entry), ".name"),
                 cat("plugin \"", entry.name, "\" is not loaded; add it to gateway.plugins"),
                 std::move(hint)});
}

bool check_scope(const Plugin& plugin, const config::PluginEntry& entry,
                 std::vector<Diagnostic>& out) {
  const auto refuse = [&](std::uint32_t flag, config::Index index, std::string_view what) {
    if ((plugin.desc.flags & flag) == 0 || index == k_none) return true;
    out.push_back({Severity::error, entry.where, path_of(entry),
                   cat(plugin.name, " cannot be limited to a ", what), ""});
    return false;
  };
  const bool route = refuse(GW_P_NO_ROUTE, entry.route, "route");
  const bool service = refuse(GW_P_NO_SERVICE, entry.service, "service");
  const bool consumer = refuse(GW_P_NO_CONSUMER, entry.consumer, "consumer");
  return route && service && consumer;
}

bool check_policy(const Plugin& plugin, const config::PluginEntry& entry,
                  std::vector<Diagnostic>& out) {
  if (!entry.fails_open || (plugin.desc.flags & GW_P_SECURITY) == 0) return true;
  out.push_back(
      {Severity::error, entry.where, cat(path_of(entry), ".gateway.on_failure"),
       cat("is open, expected closed: no request may pass ", plugin.name, " because it failed"),
       ""});
  return false;
}

gw_str scope_id(const config::Entity* entity) {
  return entity != nullptr ? to_abi(entity->id) : gw_str{nullptr, 0};
}

// What a plugin says of its failure; it may say nothing.
std::string why(const gw_error& error) {
  return error.msg[0] != '\0' ? std::string(text_of(error))
                              : "the plugin refuses it, without a word";
}

template <class T>
const T* at(const std::vector<T>& list, config::Index index) {
  return index == k_none ? nullptr : &list[index];
}

}  // namespace

Generation::Generation(Host& host, std::shared_ptr<const config::Snapshot> snapshot,
                       std::uint64_t number)
    : host_(host), snapshot_(std::move(snapshot)), number_(number) {}

std::shared_ptr<Generation> Generation::build(Registry& registry, Host& host,
                                              std::shared_ptr<const config::Snapshot> snapshot,
                                              std::uint64_t number, Generation* before,
                                              std::vector<Diagnostic>& out) {
  std::shared_ptr<Generation> made(new Generation(host, std::move(snapshot), number), retire);
  const bool ready = made->make(registry, before, out);
  config::hide_lines(out, made->secret_lines_);
  return ready ? made : nullptr;
}

bool Generation::make(Registry& registry, Generation* before, std::vector<Diagnostic>& out) {
  plugin_count_ = registry.plugins().size();
  plugins_ = registry.listed(snapshot_->settings);
  consumers_.build(plugins_, *snapshot_, out, secret_lines_);
  order_.build(plugins_, snapshot_->settings, out);
  // All instances are made before any starts, so that a refused configuration has started nothing.
  if (!make_instances(before, out) || config::has_errors(out)) return false;
  if (!start_instances(out)) return false;
  warn_of_early_consumer_scope(out);
  make_chains();
  return true;
}

void Generation::retire(Generation* generation) {
  std::unique_ptr<Generation> own(generation);
  for (auto& instance : own->instances_) instance->worker->cancel_all(instance->started);
  if (own->has_jobs()) own->host_.keep_until_idle(std::move(own));
}

bool Generation::has_jobs() const {
  return std::any_of(instances_.begin(), instances_.end(),
                     [](const auto& instance) { return instance->worker->jobs > 0; });
}

void Generation::announce() const {
  for (const Plugin* plugin : plugins_) {
    const auto wants = plugin->extension<gw_plugin_configure>(GW_PLUGIN_CONFIGURE_EXT);
    if (!wants || wants->configure == nullptr) continue;
    std::vector<void*> live;
    for (const auto& instance : instances_)
      if (instance->plugin == plugin) live.push_back(instance->self.inst);
    const Breadcrumb crumb(host_, *plugin, shared::Where::load);
    wants->configure(plugin->state, number_, live.data(), std::uint32_t(live.size()));
  }
}

Generation::~Generation() {
  for (auto& instance : instances_) {
    const auto& desc = instance->plugin->desc;
    if (instance->started && desc.worker_stop != nullptr) {
      const Breadcrumb crumb(host_, *instance->plugin, shared::Where::start);
      desc.worker_stop(instance->worker.get(), instance->self.inst, instance->self.worker_state);
      instance->worker->leave_calls();
    }
    if (instance->made && desc.instance_free != nullptr) desc.instance_free(instance->self.inst);
  }
}

// --- instances ---

const Plugin* Generation::find_plugin(std::string_view name) const {
  const auto it = std::find_if(plugins_.begin(), plugins_.end(),
                               [&](const Plugin* plugin) { return plugin->name == name; });
  return it != plugins_.end() ? *it : nullptr;
}

bool Generation::make_instances(const Generation* before, std::vector<Diagnostic>& out) {
  Previous previous;
  if (before != nullptr)
    for (const auto& instance : before->instances_)
      previous.emplace(instance->entry->id, &*instance);
  bool all = true;
  for (const auto& entry : snapshot_->entities.plugins) {
    const Plugin* plugin = find_plugin(entry.name);
    if (plugin == nullptr) {
      report_unknown(plugins_, entry, out);
      all = false;
      continue;
    }
    if (!check_scope(*plugin, entry, out) || !check_policy(*plugin, entry, out)) {
      all = false;
      continue;
    }
    all = make_instance(*plugin, entry, previous, out) && all;
  }
  // The order in which they run, for those who show it.
  std::stable_sort(instances_.begin(), instances_.end(), [this](const auto& a, const auto& b) {
    return rank(Phase::request, *a->plugin) < rank(Phase::request, *b->plugin);
  });
  return all;
}

bool Generation::make_instance(const Plugin& plugin, const config::PluginEntry& entry,
                               const Previous& before, std::vector<Diagnostic>& out) {
  config::Value options = entry.config;
  if (options.is(config::Kind::null)) options = config::Value::make_object(entry.where);
  const bool fits = plugin.schema.apply(options, cat(path_of(entry), ".config"), out);
  config::mark_secrets_of(options, entry.config);  // for those who show it
  config::add_secret_lines(options, secret_lines_);
  if (!fits) return false;
  if (!entry.enabled) return true;  // checked like the others, then absent
  auto instance = std::make_unique<Instance>();
  instance->plugin = &plugin;
  instance->entry = &entry;
  instance->worker = std::make_unique<gw_worker>(host_, plugin, entry.id, number_);
  instance->self.worker = instance->worker.get();
  const auto old = before.find(entry.id);
  const bool kept = old != before.end() && old->second->plugin == &plugin;
  gw_cfg cfg{options, consumers_, plugin, {}};
  const auto& entities = snapshot_->entities;
  gw_instance_args args{};
  args.size = sizeof args;
  args.host = &host_.abi();
  args.cfg = &cfg;
  args.key = to_abi(entry.id);
  args.generation = number_;
  args.prev = kept ? old->second->self.inst : nullptr;
  args.route_id = scope_id(at(entities.routes, entry.route));
  args.service_id = scope_id(at(entities.services, entry.service));
  args.consumer_id = scope_id(at(entities.consumers, entry.consumer));
  gw_error error{};
  error.size = sizeof error;
  if (plugin.desc.instance_new != nullptr) {
    const Breadcrumb crumb(host_, plugin, shared::Where::load);
    if (plugin.desc.instance_new(&args, &instance->self.inst, &error) != GW_OK) {
      out.push_back({Severity::error,
                     entry.config.where.line > 0 ? entry.config.where : entry.where,
                     cat(path_of(entry), ".config"), why(error), ""});
      return false;
    }
  }
  instance->made = true;
  instances_.push_back(std::move(instance));
  return true;
}

bool Generation::start_instances(std::vector<Diagnostic>& out) {
  for (auto& instance : instances_) {
    const auto& desc = instance->plugin->desc;
    if (desc.worker_start != nullptr) {
      gw_error error{};
      error.size = sizeof error;
      const Breadcrumb crumb(host_, *instance->plugin, shared::Where::start);
      if (desc.worker_start(instance->worker.get(), instance->self.inst,
                            &instance->self.worker_state, &error) != GW_OK) {
        out.push_back(
            {Severity::error, instance->entry->where, path_of(*instance->entry), why(error), ""});
        return false;
      }
    }
    instance->started = true;
  }
  return true;
}

// --- order ---

// A consumer is known once an auth plugin has run: what is limited to one and runs earlier never
// takes effect.
void Generation::warn_of_early_consumer_scope(std::vector<Diagnostic>& out) const {
  std::uint16_t first_auth = 0xFFFF;
  for (const auto& instance : instances_)
    if ((instance->plugin->desc.flags & GW_P_AUTH) != 0)
      first_auth = std::min(first_auth, rank(Phase::request, *instance->plugin));
  for (const auto& instance : instances_) {
    if (instance->entry->consumer == k_none || rank(Phase::request, *instance->plugin) > first_auth)
      continue;
    const std::string_view why = first_auth == 0xFFFF
                                     ? "no authentication plugin is configured"
                                     : "it runs before every authentication plugin";
    out.push_back({Severity::warning, instance->entry->where, path_of(*instance->entry),
                   cat("is limited to a consumer but cannot take effect: ", why),
                   "order it behind authentication with gateway.phase_order"});
  }
}

}  // namespace gw::plugin
