// SPDX-License-Identifier: Apache-2.0
// EntityReader: a document's tree into Kong's entities: nested or flat, fields checked, defaults
// filled, ids made, references resolved, uniqueness held. Everything that is wrong is a diagnostic.
// Used once.
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

 private:
  // A reference as it stands in the file, resolved when everything is read.
  struct Reference {
    const Value* value = nullptr;  // null: none
    Index given = k_none;          // by nesting
    std::string path;
  };
  using Ids = std::unordered_map<std::string, Index>;

  void read_top(ObjectReader& reader);
  template <class F>
  void each(ObjectReader& reader, std::string_view name, F&& f);

  void read_service(const Value& value, const Place& place);
  void read_route(const Value& value, const Place& place, Index service);
  void read_upstream(const Value& value, const Place& place);
  void read_target(const Value& value, const Place& place, Index upstream);
  void each_target(ObjectReader& reader, Index upstream);
  void read_consumer(const Value& value, const Place& place);
  void read_plugin(const Value& value, const Place& place, Index service, Index route,
                   Index consumer);
  void read_credential(const std::string& collection, const Value& value, const Place& place,
                       Index consumer);
  void read_credentials(ObjectReader& reader, Index consumer);

  void base(ObjectReader& reader, Entity& entity);
  void url(ObjectReader& reader, Service& service);
  void route_match(ObjectReader& reader, Route& route);
  void route_protocols(ObjectReader& reader, Route& route);
  void healthchecks(ObjectReader& reader);
  void name(ObjectReader& reader, std::string_view field, std::string& into, Ids& ids, Index index,
            std::string_view kind);
  void check(ObjectReader& reader, std::string_view field, const std::string& text,
             const std::string& expected);
  void check_each(ObjectReader& reader, std::string_view field,
                  const std::vector<std::string>& list, std::string (*rule)(std::string_view));
  Reference reference(ObjectReader& reader, std::string_view field, Index nested);
  Index resolve(const Reference& reference, const Ids& ids, std::string_view kind);
  void add_id(Entity& entity, std::string_view collection, const std::string& key, Ids& ids,
              Index index);

  void resolve_all();
  void check_plugins();
  std::string converted_path(const std::string& path) const;

  Entities& all_;
  std::vector<Diagnostic>& out_;
  bool old_paths_ = false;  // formats 1.1 and 2.1
  Ids services_, routes_, upstreams_, consumers_, plugin_ids_, instance_names_;
  std::vector<Reference> route_services_;
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
