// SPDX-License-Identifier: Apache-2.0
// gw.tls/1 and gw.plugin.tls/1. Certificates are taken for good when they look like PEM.
#include "world.hpp"

namespace gw::test {

namespace {

gw_certificate certificate_make(gw_worker* worker, gw_str chain, gw_str key, gw_error* error) {
  const std::string text = to_string(chain);
  if (text.find("BEGIN CERTIFICATE") == std::string::npos ||
      to_string(key).find("PRIVATE KEY") == std::string::npos) {
    write_error(error, "not a certificate and a key in PEM");
    return 0;
  }
  world& w = *worker->world;
  w.certificates[w.next_handle] = {worker, text};
  return w.next_handle++;
}

gw_status certificate_drop(gw_worker* worker, gw_certificate certificate) {
  return worker->world->certificates.erase(certificate) > 0 ? GW_OK : GW_E_NOTFOUND;
}

}  // namespace

const gw_tls_api k_tls_api{sizeof(gw_tls_api), 0, certificate_make, certificate_drop};

gw_status instance::client_hello(const std::string& server_name, std::string& chain,
                                 const std::string& client_ip, uint32_t index) {
  chain.clear();
  const void* offered = desc_.get_ext == nullptr ? nullptr : desc_.get_ext(GW_PLUGIN_TLS_EXT);
  if (offered == nullptr) return GW_E_UNSUPPORTED;
  gw_tls_hello hello{};
  hello.size = sizeof hello;
  hello.server_port = 8443;
  if (!server_name.empty()) hello.server_name = to_str(server_name);
  hello.client_ip = to_str(client_ip);
  gw_tls_choice choice{sizeof choice, 0, 0};
  gw_self self{};
  self.inst = inst_;
  self.worker_state = worker_state(index);
  self.worker = worker(index);
  const auto& hooks = *static_cast<const gw_plugin_tls*>(offered);
  const gw_status status = hooks.on_client_hello(&self, &hello, &choice);
  const auto found = world_.certificates.find(choice.certificate);
  if (found != world_.certificates.end()) chain = found->second.second;
  return status;
}

}  // namespace gw::test
