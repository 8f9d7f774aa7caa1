// SPDX-License-Identifier: Apache-2.0
#include "tools/elf_symbols.hpp"

#include <elf.h>

#include <cstring>

#include "base/file.hpp"
#include "base/text.hpp"

namespace gw::tools {

namespace {

// A file's bytes as structures, bounds checked: the file may be anything.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}
  template <class T>
  bool read(std::uint64_t at, T& out) const {
    if (at > bytes_.size() || sizeof out > bytes_.size() - at) return false;
    std::memcpy(&out, bytes_.data() + at, sizeof out);
    return true;
  }
  // The text that begins at `index` of a string table; empty when there is none.
  std::string_view text(const Elf64_Shdr& table, std::uint32_t index) const {
    if (index >= table.sh_size || table.sh_offset > bytes_.size() ||
        table.sh_size > bytes_.size() - table.sh_offset)
      return {};
    const char* at = bytes_.data() + table.sh_offset + index;
    return {at, ::strnlen(at, std::size_t(table.sh_size - index))};
  }

 private:
  std::string bytes_;
};

bool section(const Image& image, const Elf64_Ehdr& head, std::uint64_t index, Elf64_Shdr& out) {
  return index < head.e_shnum && image.read(head.e_shoff + index * sizeof out, out);
}

void add_symbols(const Image& image, const Elf64_Shdr& table, const Elf64_Shdr& names,
                 ElfSymbols& out) {
  Elf64_Sym symbol;
  for (std::uint64_t at = sizeof symbol; at + sizeof symbol <= table.sh_size; at += sizeof symbol) {
    if (!image.read(table.sh_offset + at, symbol)) return;
    const std::string name(image.text(names, symbol.st_name));
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (name.empty() || binding == STB_LOCAL) continue;
    if (symbol.st_shndx == SHN_UNDEF) {
      if (binding != STB_WEAK) out.undefined.push_back(name);
      continue;
    }
    if (visibility == STV_HIDDEN || visibility == STV_INTERNAL) continue;
    out.exported.push_back(name);
    if (binding == STB_GNU_UNIQUE) out.unique.push_back(name);
  }
}

void add_flags(const Image& image, const Elf64_Shdr& table, ElfSymbols& out) {
  Elf64_Dyn entry;
  for (std::uint64_t at = 0; at + sizeof entry <= table.sh_size; at += sizeof entry) {
    if (!image.read(table.sh_offset + at, entry) || entry.d_tag == DT_NULL) return;
    if (entry.d_tag == DT_FLAGS) out.static_tls |= (entry.d_un.d_val & DF_STATIC_TLS) != 0;
  }
}

}  // namespace

Result<ElfSymbols> read_symbols(const std::string& path) {
  auto bytes = read_file(path);
  if (!bytes.ok()) return bytes.error();
  const Image image(std::move(bytes).value());
  Elf64_Ehdr head;
  if (!image.read(0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
      head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shentsize != sizeof(Elf64_Shdr))
    return Error{cat(path, ": is no 64-bit ELF file with sections; expected a plugin's .so")};
  ElfSymbols out;
  bool found = false;
  for (std::uint64_t i = 0; i < head.e_shnum; ++i) {
    Elf64_Shdr table, names;
    if (!section(image, head, i, table)) break;
    if (table.sh_type == SHT_DYNAMIC) add_flags(image, table, out);
    if (table.sh_type != SHT_DYNSYM || !section(image, head, table.sh_link, names)) continue;
    found = true;
    add_symbols(image, table, names, out);
  }
  if (!found) return Error{cat(path, ": has no table of dynamic symbols")};
  return out;
}

}  // namespace gw::tools
