// SPDX-License-Identifier: Apache-2.0
#include "tools/lint.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "plugin/library.hpp"
#include "tools/elf_symbols.hpp"
#include "tools/option_table.hpp"

namespace gw::tools {

namespace {

constexpr std::string_view k_entry = "gatewright_module_v1";
constexpr std::string_view k_build_so =
    "build it with gatewright_plugin() of the CMake package GatewrightPlugin, or with "
    "-fvisibility=hidden and the SDK's module.map as version script";

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 5; ++i) out += cat(i > 0 ? ", " : "", names[i]);
  if (names.size() > 5) out += cat(" and ", names.size() - 5, " more");
  return out;
}

// A TLS library linked into it: its names would meet those of the gateway's own.
bool is_tls_symbol(std::string_view name) {
  for (const std::string_view prefix : {"SSL_", "TLS_", "OPENSSL_", "CRYPTO_", "EVP_", "X509_"})
    if (name.starts_with(prefix)) return true;
  return false;
}

// Names of the host's own: a plugin reaches all of it through tables.
bool is_gateway_symbol(std::string_view name) {
  for (const std::string_view prefix : {"gatewright_", "gw_", "_ZN2gw", "_ZNK2gw", "_ZTIN2gw"})
    if (name.starts_with(prefix)) return true;
  return false;
}

void check_symbols(const std::string& path, std::vector<Finding>& out) {
  auto read = read_symbols(path);
  if (!read.ok()) return out.push_back({"symbols", read.error().text, "build it again"});
  const ElfSymbols& symbols = read.value();
  std::vector<std::string> others, tls, missing;
  bool entry = false;
  for (const auto& name : symbols.exported) {
    if (name == k_entry)
      entry = true;
    else
      (is_tls_symbol(name) ? tls : others).push_back(name);
  }
  for (const auto& name : symbols.undefined)
    if (is_gateway_symbol(name)) missing.push_back(name);
  if (!entry)
    out.push_back({"entry", cat("it does not export ", k_entry), "add GW_MODULE or GW_PLUGIN"});
  if (!others.empty())
    out.push_back({"exports", cat("it exports more than ", k_entry, ": ", listed(others)),
                   std::string(k_build_so)});
  if (!tls.empty())
    out.push_back({"TLS exports", cat("it exports a TLS library of its own: ", listed(tls)),
                   cat("the gateway's could be taken for it; link the system's OpenSSL as a shared "
                       "library, or hide it: ",
                       k_build_so)});
  if (!symbols.unique.empty())
    out.push_back(
        {"unique symbols", cat("symbols that exist once in a process: ", listed(symbols.unique)),
         cat("two plugins would share them, and none could be loaded anew; ", k_build_so)});
  if (symbols.static_tls)
    out.push_back({"static TLS", "it uses static thread-local storage",
                   "the process may have no room for it when it is loaded; compile without "
                   "-ftls-model=initial-exec"});
  if (!missing.empty())
    out.push_back({"undefined symbols", cat("nobody has these: ", listed(missing)),
                   "call the host through its tables (gatewright/plugin.h)"});
}

void check_note(const std::string& path, std::vector<Finding>& out) {
  auto note = plugin::read_note(path);
  if (!note.ok()) return out.push_back({"note", note.error().text, "add GW_MODULE_NOTE"});
  if (note.value().names.empty())
    out.push_back({"note", "it names no plugin", "give GW_MODULE_NOTE the names"});
  if (auto fit = plugin::check_note(note.value()); !fit.ok())
    out.push_back({"note", fit.error().text, "rebuild it for the gateways that are to run it"});
}

bool read_text(const std::string& path, std::string_view check, std::string& into,
               std::vector<Finding>& out) {
  auto text = read_file(path);
  if (text.ok())
    into = std::move(text).value();
  else
    out.push_back({std::string(check), text.error().text, "name the file"});
  return text.ok();
}

void check_documents(const LintFiles& files, std::vector<Finding>& out) {
  std::string schema, readme;
  if (files.schema.empty() || !read_text(files.schema, "schema", schema, out)) return;
  auto rows = option_rows(schema);
  if (!rows.ok())
    return out.push_back({"schema", cat(files.schema, ": ", rows.error().text),
                          "correct it; it is JSON Schema 2020-12"});
  if (files.readme.empty() || !read_text(files.readme, "README", readme, out)) return;
  for (const auto& fault : table_faults(rows.value(), readme))
    out.push_back({"README", fault, "`gatewright plugin schema --table` prints the table"});
}

}  // namespace

std::vector<Finding> lint(const LintFiles& files) {
  std::vector<Finding> out;
  check_note(files.plugin, out);
  check_symbols(files.plugin, out);
  check_documents(files, out);
  return out;
}

}  // namespace gw::tools
