// SPDX-License-Identifier: Apache-2.0
#include "tools/templates.hpp"

namespace gw::tools {

namespace {

constexpr std::string_view k_schema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "@NAME@",
  "type": "object",
  "properties": {
    "header": {
      "description": "Request header that is set for the upstream.",
      "type": "string",
      "minLength": 1,
      "default": "X-Greeting"
    },
    "value": {
      "description": "What it is set to.",
      "type": "string",
      "minLength": 1,
      "default": "hello"
    }
  }
}
)";

constexpr std::string_view k_readme = R"(# @NAME@

Sets a request header for the upstream, and turns requests away that bring it themselves.

Phases: request. Priority: 500. Scope: any.

| Option | Type | Default | Description |
|---|---|---|---|
| `header` | string | `"X-Greeting"` | Request header that is set for the upstream. |
| `value` | string | `"hello"` | What it is set to. |

| Status | Reason | When |
|---|---|---|
| 400 | `header_given` | the request brings the header |

Build and test it, with the SDK of Gatewright in PREFIX:

    cmake -S . -B build -DCMAKE_PREFIX_PATH=PREFIX
    cmake --build build
    ctest --test-dir build

Try it: `gatewright run --plugin build/@NAME@.so --upstream http://127.0.0.1:9001`.
)";

constexpr std::string_view k_cases = R"(# gatewright plugin test build/@NAME@.so cases.yaml
cases:
- name: the upstream sees the header
  steps:
  - request: {target: /orders}
    answer: {status: 200, body: ok}
    expect:
      status: 200
      request_headers: {X-Greeting: hello}
      response_body: ok
- name: both are options
  config: {header: X-Tag, value: blue}
  steps:
  - request: {target: /}
    expect: {request_headers: {X-Tag: blue, X-Greeting: null}}
- name: a request that brings it is turned away
  steps:
  - request: {target: /, headers: {X-Greeting: mine}}
    expect: {status: 400, upstream: false, code: header_given}
)";

constexpr std::string_view k_kong = R"(_format_version: "3.0"
gateway:
  plugins: bundled, ./build/@NAME@.so
services:
- name: example
  url: http://127.0.0.1:9001
  routes:
  - name: example
    paths: [/]
    plugins:
    - name: @NAME@
      config: {header: X-Greeting, value: hello}
)";

constexpr std::string_view k_cmake_cpp = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)
find_package(GatewrightPlugin 1.0 REQUIRED)
enable_testing()
gatewright_plugin(@NAME@)
)";

constexpr std::string_view k_cmake_c = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES C)
find_package(GatewrightPlugin 1.0 REQUIRED)
enable_testing()
gatewright_plugin(@NAME@)
)";

constexpr std::string_view k_cpp = R"(#include <gatewright/plugin.hpp>

#include "@NAME@_schema.h"

namespace {

struct @TYPE@ {
  static constexpr auto name = "@NAME@";
  static constexpr int priority = 500;
  static constexpr auto schema = gw_schema;

  // One for each entry of the configuration, which fits the schema.
  explicit @TYPE@(gw::config c) : header(c.header_id(c.str("header"))), value(c.str("value")) {}

  gw::action on_request(gw::request r) const {
    if (gw::present(r.header(header)))
      return r.respond(
          gw::reply(400).code("header_given").message("This header is not for clients to set"));
    r.set_header(header, value);
    return gw::next;
  }

  gw::hid header;
  std::string value;
};

}  // namespace

GW_PLUGIN(@TYPE@)
)";

constexpr std::string_view k_c = R"(#include <gatewright/plugin.h>
#include <stdlib.h>
#include <string.h>

#include "@NAME@_schema.h" /* made from schema.json: gw_schema */

typedef struct @TYPE@ {
  gw_hid header;
  size_t n;
  char value[1024];
} @TYPE@;

static gw_status refuse(gw_error *error, const char *text) {
  error->code = GW_E_INVALID;
  strncpy(error->msg, text, sizeof error->msg - 1);
  return GW_E_INVALID;
}

/* One for each entry of the configuration, which fits the schema. */
static gw_status instance_new(const gw_instance_args *args, void **inst, gw_error *error) {
  const gw_config_api *config = args->host->get_api(args->host, GW_CONFIG_API);
  if (config == NULL) return refuse(error, "this host does not offer " GW_CONFIG_API);
  const gw_str value = config->str(args->cfg, "/value");
  @TYPE@ *made = calloc(1, sizeof *made);
  if (made == NULL) return GW_E_NOMEM;
  if (value.n > sizeof made->value) {
    free(made);
    return refuse(error, "/value: longer than 1024 bytes");
  }
  memcpy(made->value, value.p, value.n);
  made->n = value.n;
  made->header = config->header_id(args->cfg, config->str(args->cfg, "/header"));
  *inst = made;
  return GW_OK;
}

static void instance_free(void *inst) { free(inst); }

static gw_action on_request(gw_req *r, gw_self *self) {
  const @TYPE@ *mine = self->inst;
  if (r->v->hdr_get(r, GW_REQUEST, mine->header).p != NULL) {
    gw_response answer = {0};
    answer.size = sizeof answer;
    answer.status = 400;
    answer.code = (gw_str)GW_STR("header_given");
    answer.message = (gw_str)GW_STR("This header is not for clients to set");
    return r->v->respond(r, &answer) == GW_OK ? GW_RESPOND : GW_FAIL;
  }
  const gw_str value = {mine->value, mine->n}; /* outlives the request, so it is not copied */
  return r->v->hdr_set(r, GW_REQUEST, mine->header, value, GW_BORROW) == GW_OK ? GW_CONTINUE
                                                                               : GW_FAIL;
}

static const gw_plugin_desc k_plugin = {
    .size = sizeof k_plugin,
    .name = "@NAME@",
    .version = "1.0.0",
    .schema = gw_schema,
    .priority = 500,
    .instance_new = instance_new,
    .instance_free = instance_free,
    .on_request = on_request,
};
static const gw_plugin_desc *const k_plugins[] = {&k_plugin};
static const gw_module k_module = GW_MODULE(1, k_plugins);

GW_MODULE_NOTE(1, "@NAME@");
const gw_module *gatewright_module_v1(const gw_host *host, gw_error *error) {
  (void)host, (void)error;
  return &k_module;
}
)";

constexpr std::string_view k_cmake_rust = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES C)
find_package(GatewrightPlugin 1.0 REQUIRED)
enable_testing()
gatewright_rust_plugin(@NAME@ @NAME@.rs)
)";

constexpr std::string_view k_rust = R"(use gatewright::{Action, Config, Header, Plugin, Request};

struct Entry {
    header: Header,
    value: String,
}

impl Plugin for Entry {
    const PHASES: u32 = gatewright::REQUEST;

    // One for each entry of the configuration, which fits the schema.
    fn new(config: &Config) -> Result<Self, String> {
        let name = config.str("/header").unwrap_or_default();
        let value = config.str("/value").unwrap_or_default();
        Ok(Entry { header: config.header(&name), value })
    }

    fn on_request(&self, request: &mut Request) -> Action {
        if request.header(self.header).is_some() {
            return request.respond(400, "header_given", "This header is not for clients to set", &[]);
        }
        request.set_header(self.header, self.value.as_bytes())
    }
}

gatewright::plugin!(Entry, name: "@NAME@", version: "1.0.0", priority: 500, schema: include_str!("schema.json"));
)";

constexpr Template k_of_cpp[] = {{"@NAME@.cpp", k_cpp},     {"CMakeLists.txt", k_cmake_cpp},
                                 {"schema.json", k_schema}, {"README.md", k_readme},
                                 {"cases.yaml", k_cases},   {"kong.yml", k_kong}};
constexpr Template k_of_c[] = {{"@NAME@.c", k_c},         {"CMakeLists.txt", k_cmake_c},
                               {"schema.json", k_schema}, {"README.md", k_readme},
                               {"cases.yaml", k_cases},   {"kong.yml", k_kong}};

constexpr Template k_of_rust[] = {{"@NAME@.rs", k_rust},     {"CMakeLists.txt", k_cmake_rust},
                                  {"schema.json", k_schema}, {"README.md", k_readme},
                                  {"cases.yaml", k_cases},   {"kong.yml", k_kong}};

}  // namespace

std::span<const Template> templates_of(std::string_view lang) {
  if (lang == "cpp") return k_of_cpp;
  if (lang == "c") return k_of_c;
  if (lang == "rust") return k_of_rust;
  return {};
}

}  // namespace gw::tools
