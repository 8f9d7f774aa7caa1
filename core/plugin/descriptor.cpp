// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace gw::plugin {

namespace {

constexpr std::uint32_t k_max_plugins = 64;  // of one module
constexpr std::uint32_t k_max_collections = 64;
constexpr std::uint32_t k_max_struct = 64 * 1024;
constexpr std::uint32_t k_max_state = 1 << 20;
constexpr std::size_t k_max_name = 64;
constexpr std::size_t k_max_text = 1 << 20;
constexpr std::uint32_t k_known_flags = GW_P_SECURITY | GW_P_NO_ROUTE | GW_P_NO_SERVICE |
                                        GW_P_NO_CONSUMER | GW_P_AUTH | GW_P_BODY_ASKED;

// The sizes of ABI 1.0: no plugin is older. Members that a later minor adds do not count here.
constexpr std::uint32_t k_module_1_0 = offsetof(gw_module, plugins) + sizeof(gw_module::plugins);
constexpr std::uint32_t k_desc_1_0 =
    offsetof(gw_plugin_desc, get_ext) + sizeof(gw_plugin_desc::get_ext);
constexpr std::uint32_t k_collection_1_0 =
    offsetof(gw_collection_desc, key) + sizeof(gw_collection_desc::key);

template <class T>
bool aligned(const T* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % alignof(T) == 0;
}

// A struct with its size in front: what is wrong with it, else nothing.
template <class T>
std::optional<Error> bad_struct(const T* given, std::uint32_t least, std::string_view what) {
  if (given == nullptr) return Error{cat(what, " is NULL")};
  if (!aligned(given)) return Error{cat(what, " is not aligned to ", alignof(T), " bytes")};
  if (given->size < least || given->size > k_max_struct)
    return Error{cat(what, " says that it has ", given->size, " bytes, expected ", least, " to ",
                     k_max_struct)};
  return std::nullopt;
}

// A list of n pointers.
template <class T>
std::optional<Error> bad_list(const T* list, std::uint32_t n, std::uint32_t most,
                              std::string_view what) {
  if (n > most) return Error{cat("it lists ", n, " ", what, ", expected at most ", most)};
  if (n > 0 && list == nullptr) return Error{cat("its list of ", n, " ", what, " is NULL")};
  if (n > 0 && !aligned(list)) return Error{cat("its list of ", what, " is not aligned")};
  return std::nullopt;
}

// A text that ends within `most` bytes.
bool ends(const char* text, std::size_t most) { return ::strnlen(text, most + 1) <= most; }

bool is_name(const char* name, char joint) {
  return name != nullptr && ends(name, k_max_name) && name[0] != '\0' &&
         std::all_of(name, name + std::strlen(name), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint;
         });
}

// By its end the configuration's reader knows it from an entity.
bool is_collection(std::string_view name) {
  return name.ends_with("_credentials") || name.ends_with("_secrets") || name == "acls";
}

std::optional<Error> bad_collection(const gw_collection_desc* given) {
  if (auto bad = bad_struct(given, k_collection_1_0, "a collection's descriptor")) return bad;
  if (!is_name(given->name, '_') || !is_collection(given->name))
    return Error{
        "a collection's name is not of a-z, 0-9 and _, at most 64 bytes long, with _credentials or "
        "_secrets at its end"};
  if (given->flags != 0) return Error{cat("collection ", given->name, ": its flags are not 0")};
  if (given->schema != nullptr && !ends(given->schema, k_max_text))
    return Error{cat("collection ", given->name, ": its schema is longer than 1 MiB")};
  if (given->key != nullptr && !ends(given->key, k_max_name))
    return Error{cat("collection ", given->name, ": its key is longer than 64 bytes")};
  return std::nullopt;
}

std::optional<Error> bad_collections(const gw_plugin_desc& desc) {
  if (auto bad = bad_list(desc.collections, desc.ncollections, k_max_collections, "collections"))
    return bad;
  for (std::uint32_t i = 0; i < desc.ncollections; ++i) {
    if (auto bad = bad_collection(desc.collections[i])) return bad;
    for (std::uint32_t j = 0; j < i; ++j)
      if (std::strcmp(desc.collections[i]->name, desc.collections[j]->name) == 0)
        return Error{cat("collection ", desc.collections[i]->name, " is listed twice")};
  }
  return std::nullopt;
}

// What stands in a copied descriptor.
std::optional<Error> bad_descriptor(const gw_plugin_desc& desc) {
  if (!is_name(desc.name, '-'))
    return Error{"a plugin's name is not of a-z, 0-9 and -, at most 64 bytes long"};
  if (desc.version != nullptr && !ends(desc.version, k_max_name))
    return Error{cat(desc.name, ": its version is longer than 64 bytes")};
  if (desc.schema != nullptr && !ends(desc.schema, k_max_text))
    return Error{cat(desc.name, ": its schema is longer than 1 MiB")};
  if ((desc.flags & ~k_known_flags) != 0 || desc.protocols != 0 || desc.rsv != 0)
    return Error{
        cat(desc.name, ": a bit is set in flags, protocols or rsv that means nothing yet")};
  const std::uint32_t align = desc.req_state_align;
  if (align > 16 || (align & (align - 1)) != 0)
    return Error{
        cat(desc.name, ": req_state_align is ", align, ", expected a power of two up to 16")};
  if (desc.req_state_size > k_max_state)
    return Error{cat(desc.name, ": req_state_size is ", desc.req_state_size, ", expected at most ",
                     k_max_state)};
  if (auto bad = bad_collections(desc)) return Error{cat(desc.name, ": ", bad->text)};
  return std::nullopt;
}

}  // namespace

Status check_module(const gw_module* module, const NoteInfo& note) {
  if (auto bad = bad_struct(module, k_module_1_0, "its module")) return *bad;
  if (module->minor_required > GW_ABI_MINOR)
    return Error{cat("its module needs plugin ABI ", GW_ABI_MAJOR, ".", module->minor_required,
                     ", this is ", GW_ABI_MAJOR, ".", GW_ABI_MINOR)};
  if (module->minor_required != note.minor_required || module->draft != note.draft)
    return Error{cat("its module needs plugin ABI ", GW_ABI_MAJOR, ".", module->minor_required,
                     " (draft ", module->draft, ") and its note promises ", GW_ABI_MAJOR, ".",
                     note.minor_required, " (draft ", note.draft, ")")};
  if (module->n == 0) return Error{"it offers no plugin"};
  if (auto bad = bad_list(module->plugins, module->n, k_max_plugins, "plugins")) return *bad;
  for (std::uint32_t i = 0; i < module->n; ++i)
    if (auto bad = bad_struct(module->plugins[i], k_desc_1_0, "a plugin's descriptor")) return *bad;
  if (module->n != note.count)
    return Error{cat("it offers ", module->n, " plugins and its note promises ", note.count)};
  return ok_status();
}

Result<gw_plugin_desc> copy_descriptor(const gw_plugin_desc* given) {
  if (auto bad = bad_struct(given, k_desc_1_0, "a plugin's descriptor")) return *bad;
  // Longer: built for a newer minor, whose tail it does not require.
  gw_plugin_desc desc{};
  std::memcpy(&desc, given, std::min<std::size_t>(given->size, sizeof desc));
  desc.size = sizeof desc;
  if (auto bad = bad_descriptor(desc)) return *bad;
  return desc;
}

}  // namespace gw::plugin
