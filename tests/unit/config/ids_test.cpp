// SPDX-License-Identifier: Apache-2.0
// Ids that a file does not give. Those of Kong's own sample file are the ones that its tests name.
#include <set>

#include "catch.hpp"
#include "config/snapshot.hpp"

using namespace gw::config;

namespace {

Entities read(const std::string& body) {
  Source source;
  source.file = "kong.yml";
  source.text = "_format_version: \"3.0\"\n" + body;
  auto loaded = load(std::move(source));
  INFO(render(loaded.diagnostics, "kong.yml", "", false));
  REQUIRE(loaded.snapshot != nullptr);
  return loaded.snapshot->entities;
}

}  // namespace

TEST_CASE("nested entities have the ids that Kong gives them") {
  const auto all = read(
      "services:\n- name: my-service\n  url: http://example.com\n  plugins:\n"
      "  - {name: file-log, config: {path: /tmp/file.log}}\n  - name: key-auth\n"
      "  routes: [{name: my-route, paths: [/]}]\n"
      "consumers:\n- username: my-user\n  keyauth_credentials: [{key: my-key}]\n");
  CHECK(all.services[0].id == "0855b320-0dd2-547d-891d-601e9b38647f");
  CHECK(all.routes[0].id == "481a9539-f49c-51b6-b2e2-fe99ee68866c");
  CHECK(all.plugins[0].id == "661199ff-aa1c-5498-982c-d57a4bd6e48b");
  CHECK(all.plugins[1].id == "0611a5a9-de73-5a2d-a4e6-6a38ad4c3cb2");
  CHECK(all.consumers[0].id == "4b1b701d-de2b-5588-9aa2-3b97061d9f52");
  CHECK(all.credentials.at("keyauth_credentials")[0].id == "487ab43c-b2c9-51ec-8da5-367586ea2b61");
}

TEST_CASE("global plugins, targets and credentials have the ids that Kong gives them") {
  const auto all = read(
      "plugins: [{name: http-log}, {name: key-auth}]\n"
      "upstreams: [{name: first-upstream, targets: [{target: \"127.0.0.1:6661\"}]}]\n"
      "consumers:\n- username: bob\n  acls: [{group: g}]\n"
      "  basicauth_credentials: [{username: james, password: x}]\n");
  CHECK(all.plugins[0].id == "15ca6031-32b9-5aa3-be2b-2716051287c0");
  CHECK(all.plugins[1].id == "efeca52a-d05c-5f67-aa8f-2b43790b45ed");
  CHECK(all.upstreams[0].targets[0].id == "28d7a069-6f90-557c-8ea1-21866fb422e0");
  CHECK(all.credentials.at("acls")[0].id == "5c57158b-4868-5d6b-970a-67e29fcdca28");
  CHECK(all.credentials.at("basicauth_credentials")[0].id ==
        "6d57cce8-9167-56d5-a0f7-63e543110dd8");
}

TEST_CASE("a flat entity's id is made with its reference as written, as Kong's is") {
  const auto all = read(
      "services: [{name: s, host: h}]\nplugins: [{name: p, service: s}, {name: q, "
      "instance_name: mine}]\n");
  // uuid5(uuid5(namespace, "plugins"), "plugins:p::s:") and, with an instance name, of that.
  CHECK(all.plugins[0].id == "8c46c573-b976-529e-aaff-e2934cba625d");
  CHECK(all.plugins[1].id == "af8b551c-4ff9-5e1a-adfc-4513fd3cbfcf");
}

TEST_CASE("what has no name keeps its id when its neighbours change") {
  const std::string route = "routes:\n- {paths: [/a], methods: [GET]}\n";
  const auto id = read(route).routes[0].id;
  const auto more =
      read("routes:\n- paths: [/b]\n- {strip_path: false, methods: [GET], paths: [/a]}\n");
  CHECK(more.routes[1].id == id);
  CHECK(more.routes[0].id != id);
}

TEST_CASE("ids are different whatever entities have in common") {
  const auto all = read(
      "services: [{host: h}, {host: h}, {host: h, port: 81}]\n"
      "routes: [{paths: [/a]}, {paths: [/a]}, {hosts: [a]}]\n");
  std::set<std::string> ids;
  for (const auto& service : all.services) ids.insert(service.id);
  for (const auto& route : all.routes) ids.insert(route.id);
  CHECK(ids.size() == 6);
}

TEST_CASE("an id is a UUID of either case, and references find it") {
  const auto all = read(
      "services: [{id: ABCDEF00-1111-4111-8111-111111111111, host: h}]\n"
      "routes:\n- {paths: [/a], service: {id: abcdef00-1111-4111-8111-111111111111}}\n"
      "- {paths: [/b], service: ABCDEF00-1111-4111-8111-111111111111}\n");
  CHECK(all.routes[0].service == 0);
  CHECK(all.routes[1].service == 0);
}
