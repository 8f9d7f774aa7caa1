// SPDX-License-Identifier: Apache-2.0
// Entities as JSON, in the shape of Kong's Admin API. Credentials are shown without their secrets.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/entities.hpp"

namespace gw::admin {

nlohmann::json to_json(const config::Entities& all, const config::Service& service);
nlohmann::json to_json(const config::Entities& all, const config::Route& route);
nlohmann::json to_json(const config::Entities& all, const config::Upstream& upstream);
nlohmann::json to_json(const config::Upstream& upstream, const config::Target& target);
nlohmann::json to_json(const config::Entities& all, const config::Certificate& certificate);
nlohmann::json to_json(const config::Entities& all, const config::Sni& sni);
nlohmann::json to_json(const config::Entities& all, const config::CaCertificate& authority);
nlohmann::json to_json(const config::Entities& all, const config::Consumer& consumer);
nlohmann::json to_json(const config::Entities& all, const config::PluginEntry& plugin);
nlohmann::json to_json(const config::Entities& all, const config::Credential& credential);

}  // namespace gw::admin
