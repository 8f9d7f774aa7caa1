// SPDX-License-Identifier: Apache-2.0
// EntityReader: a document's tree into Kong's entities: nested or flat, fields checked, defaults
// filled, ids made, references resolved, uniqueness held. Everything that is wrong is a diagnostic.
// Entities stand in the order of the file, whether they are nested or not. Used once.
//
// entity_reader.cpp: the document and what all entities have; entity_services.cpp,
// entity_routes.cpp, entity_upstreams.cpp (and entity_healthchecks.cpp), entity_certificates.cpp,
// entity_plugins.cpp: one kind of entity each;
// entity_references.cpp: what can be decided only when everything is read.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "config/entities.hpp"
#include "config/object_reader.hpp"

namespace gw::config {

class EntityReader {
 public:
  EntityReader(Entities& into, std::vector<Diagnostic>& out) : all_(into), out_(out) {}

  // The whole document; `gateway` is left to the settings.
  void read(const Value& root);
  // One entity of a list as it would be read, but for its references.
  static void check(std::string_view list, const Value& value, const Place& place,
                    std::vector<Diagnostic>& out);

 private:
  // A reference as it stands in the file, resolved when everything is read.
  struct Reference {
    const Value* value = nullptr;  // null: none
    Index given = k_none;          // by nesting
    std::string key;               // what a made id is made with: the parent's id, or the text
    std::string path;
  };
  struct Known {
    Index index = k_none;
    Location where;
  };
  using Ids = std::unordered_map<std::string, Known>;

  void read_meta(ObjectReader& reader);
  bool read_list(ObjectReader& reader, std::string_view name);
  void read_credentials(ObjectReader& reader, Index consumer);

  void read_service(const Value& value, const Place& place);
  void read_url(ObjectReader& reader, Service& service);
  void read_route(const Value& value, const Place& place, Index service);
  void read_route_match(ObjectReader& reader, Route& route);
  void read_route_paths(ObjectReader& reader, Route& route);
  void read_route_gateway(ObjectReader& reader, Route& route);
  void read_route_headers(ObjectReader& reader, Route& route);
  void read_protocols(ObjectReader& reader, Route& route);
  void read_upstream(const Value& value, const Place& place);
  void read_hashing(ObjectReader& reader, Upstream& upstream);
  void read_target(const Value& value, const Place& place, Index upstream);
  void read_certificate(const Value& value, const Place& place);
  void read_sni(const Value& value, const Place& place, Index certificate);
  void read_ca_certificate(const Value& value, const Place& place);
  void read_service_tls(ObjectReader& reader, Service& service);
  std::vector<Reference> read_authorities(ObjectReader& reader);
  // `gateway.verify_client` of a service or route. Answers the authorities that it names.
  std::vector<Reference> read_verify_client(ObjectReader& gateway,
                                            std::optional<ClientCheck>& into);
  void read_consumer(const Value& value, const Place& place);
  void read_credential(const std::string& collection, const Value& value, const Place& place,
                       Index consumer);
  void read_plugin(const Value& value, const Place& place, Index service, Index route,
                   Index consumer);

  void base(ObjectReader& reader, Entity& entity);
  // Reports a member's text that another entity of its kind has.
  void unique(ObjectReader& reader, std::string_view field, const std::string& text, Ids& ids,
              Index index, std::string_view kind);
  Reference reference(ObjectReader& reader, std::string_view field, Index nested,
                      std::string_view parent_id);
  // Makes the id unless the file gives one. Kong's ids come from an entity's key; what has none
  // gets an id from what it holds, so that it keeps it when its neighbours change.
  void add_id(Entity& entity, std::string_view collection, const std::string& key, Ids& ids,
              Index index);
  void report_second(const Entity& entity, std::string_view field, std::string message,
                     Location first);

  Index resolve(const Reference& reference, const Ids& ids, std::string_view kind);
  void resolve_authorities(const std::vector<Reference>& from, std::vector<Index>& into);
  void resolve_all();
  void resolve_credentials();
  void resolve_targets();
  void resolve_certificates();
  void check_plugins();

  Entities& all_;
  std::vector<Diagnostic>& out_;
  bool old_paths_ = false;         // formats 1.1 and 2.1
  std::vector<std::string> tags_;  // decK's select_tags: all entities have them
  Ids services_, routes_, upstreams_, target_ids_, consumers_, plugin_ids_, instance_names_;
  Ids custom_ids_, certificates_, snis_, authorities_;
  std::vector<Reference> sni_certificates_, upstream_certificates_;
  struct ServiceTls {
    Reference client_certificate;
    std::vector<Reference> authorities;
    std::vector<Reference> client_authorities;  // of verify_client
  };
  std::vector<ServiceTls> service_tls_;
  std::vector<Reference> route_services_;
  std::vector<std::vector<Reference>> route_authorities_;  // of verify_client
  struct Scope {
    Reference service, route, consumer;
  };
  std::vector<Scope> plugin_scopes_;
  struct Owner {
    std::string collection;
    std::size_t index;
    Reference consumer;
  };
  std::vector<Owner> credential_owners_;
  struct TargetOwner {
    Target target;
    Reference upstream;
  };
  std::vector<TargetOwner> targets_;
};

}  // namespace gw::config
