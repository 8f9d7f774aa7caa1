// SPDX-License-Identifier: Apache-2.0
#include "plugin/tls_hooks.hpp"

#include "plugin/breadcrumb.hpp"
#include "plugin/host.hpp"

namespace gw::plugin {

namespace {

constexpr std::size_t k_most_certificates = 65536;

const gw_plugin_tls* hooks_of(const gw_plugin_desc& desc) {
  constexpr std::uint32_t k_least =
      offsetof(gw_plugin_tls, on_client_hello) + sizeof(gw_plugin_tls::on_client_hello);
  if (desc.get_ext == nullptr) return nullptr;
  const auto* offered = static_cast<const gw_plugin_tls*>(desc.get_ext(GW_PLUGIN_TLS_EXT));
  const bool usable =
      offered != nullptr && offered->size >= k_least && offered->on_client_hello != nullptr;
  return usable ? offered : nullptr;
}

struct Asked {
  const Instance* instance;
  const gw_plugin_tls* hooks;
};

class Chooser final : public net::TlsChooser {
 public:
  Chooser(const std::shared_ptr<Generation>& generation, std::vector<Asked> asked)
      : generation_(generation), asked_(std::move(asked)) {}

  bool choose(const net::TlsHello& hello, const net::TlsServerContext& like,
              std::shared_ptr<const net::TlsServerContext>& chosen) override {
    const auto alive = generation_.lock();
    if (!alive) return true;
    gw_tls_hello shown{};
    shown.size = sizeof shown;
    shown.server_port = hello.server_port;
    if (!hello.server_name.empty()) shown.server_name = to_abi(hello.server_name);
    shown.client_ip = to_abi(hello.client_ip);
    for (const Asked& one : asked_) {
      gw_tls_choice choice{sizeof choice, 0, 0};
      if (ask(one, shown, choice) < 0) return false;
      if (choice.certificate == 0 || chosen) continue;
      auto& certificates = one.instance->worker->certificates;
      if (const auto found = certificates.find(choice.certificate); found != certificates.end())
        chosen = found->second.ready(like);
    }
    return true;
  }

 private:
  static gw_status ask(const Asked& one, const gw_tls_hello& hello, gw_tls_choice& choice) {
    gw_self self = one.instance->self;
    self.phase = GW_PHASE_NONE;
    const Breadcrumb crumb(one.instance->worker->host, *one.instance->plugin,
                           shared::Where::callback);
    return one.hooks->on_client_hello(&self, &hello, &choice);
  }

  std::weak_ptr<Generation> generation_;
  std::vector<Asked> asked_;
};

gw_certificate certificate_make(gw_worker* worker, gw_str chain, gw_str key,
                                gw_error* error) noexcept {
  if (worker->certificates.size() >= k_most_certificates)
    return set_error(error, GW_E_TOOBIG, "more than 65,536 certificates"), 0;
  net::TlsIdentity identity{std::string(from_abi(chain)), std::string(from_abi(key))};
  if (const auto fault = net::fault_of_identity(identity); !fault.empty())
    return set_error(error, GW_E_INVALID, fault), 0;
  const gw_certificate id = worker->next_certificate++;
  worker->certificates[id].identity = std::move(identity);
  return id;
}

gw_status certificate_drop(gw_worker* worker, gw_certificate certificate) noexcept {
  return worker->certificates.erase(certificate) > 0 ? GW_OK : GW_E_NOTFOUND;
}

}  // namespace

std::shared_ptr<net::TlsChooser> make_tls_chooser(const std::shared_ptr<Generation>& generation) {
  std::vector<Asked> asked;
  for (const auto& instance : generation->instances()) {
    const auto& entry = *instance->entry;
    const bool global = entry.route == config::k_none && entry.service == config::k_none &&
                        entry.consumer == config::k_none;
    const auto* hooks = global ? hooks_of(instance->plugin->desc) : nullptr;
    if (hooks != nullptr) asked.push_back({instance.get(), hooks});
  }
  if (asked.empty()) return nullptr;
  return std::make_shared<Chooser>(generation, std::move(asked));
}

const gw_tls_api k_tls_api{sizeof(gw_tls_api), 0, certificate_make, certificate_drop};

}  // namespace gw::plugin

std::shared_ptr<const gw::net::TlsServerContext> gw_worker::Certificate::ready(
    const gw::net::TlsServerContext& like) {
  if (!made) made = like.with(identity);
  return made;
}
