// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "plugin/descriptor.hpp"

namespace gw::plugin {

namespace {

constexpr std::string_view k_owner = "Gatewright";
constexpr std::size_t k_max_note = 4096;

// Bytes of a file by place, bounds checked: the file may be anything.
class File {
 public:
  explicit File(const std::string& path) : in_(path, std::ios::binary | std::ios::ate) {
    if (in_) size_ = std::uint64_t(in_.tellg());
  }
  bool open() const { return bool(in_); }
  bool holds(std::uint64_t offset, std::uint64_t n) const {
    return offset <= size_ && n <= size_ - offset;
  }
  bool read(std::uint64_t offset, void* out, std::size_t n) {
    if (!holds(offset, n)) return false;
    in_.clear();
    in_.seekg(std::streamoff(offset));
    return bool(in_.read(static_cast<char*>(out), std::streamsize(n)));
  }

 private:
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

// The names are shown to people: what could not be one is left out.
bool is_plugin_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// One note's descriptor, if it is ours.
std::optional<NoteInfo> parse_note(const char* note, std::size_t size) {
  Elf64_Nhdr head;
  if (size < sizeof head) return std::nullopt;
  std::memcpy(&head, note, sizeof head);
  const std::size_t name_size = (head.n_namesz + 3) & ~std::size_t{3};
  const bool ours = head.n_type == GW_NOTE_TYPE && head.n_namesz == k_owner.size() + 1 &&
                    size >= sizeof head + name_size &&
                    std::memcmp(note + sizeof head, k_owner.data(), k_owner.size()) == 0;
  if (!ours || head.n_descsz < 16 || size - sizeof head - name_size < head.n_descsz)
    return std::nullopt;
  const char* desc = note + sizeof head + name_size;
  std::uint32_t words[4];
  std::memcpy(words, desc, sizeof words);
  NoteInfo info{words[0], words[1], words[2], words[3], {}, NoteInfo::k_unnumbered};
  std::size_t room = head.n_descsz - sizeof words;
  if (room >= GW_NOTE_NAMES + sizeof info.draft)
    std::memcpy(&info.draft, desc + sizeof words + GW_NOTE_NAMES, sizeof info.draft);
  room = std::min<std::size_t>(room, GW_NOTE_NAMES);
  const std::string_view names(desc + sizeof words, strnlen(desc + sizeof words, room));
  for (const auto name : split(names, ','))
    if (is_plugin_name(name)) info.names.emplace_back(name);
  return info;
}

// The notes of one segment, one behind the other.
std::optional<NoteInfo> find_in_segment(File& file, std::uint64_t offset, std::uint64_t size) {
  char buffer[k_max_note];
  const std::size_t n = std::size_t(std::min<std::uint64_t>(size, sizeof buffer));
  if (!file.read(offset, buffer, n)) return std::nullopt;
  for (std::size_t at = 0; at + sizeof(Elf64_Nhdr) <= n;) {
    if (auto info = parse_note(buffer + at, n - at)) return info;
    Elf64_Nhdr head;
    std::memcpy(&head, buffer + at, sizeof head);
    at += sizeof head + ((head.n_namesz + std::uint64_t{3}) & ~std::uint64_t{3}) +
          ((head.n_descsz + std::uint64_t{3}) & ~std::uint64_t{3});
  }
  return std::nullopt;
}

std::string version(std::uint32_t major, std::uint32_t minor) { return cat(major, ".", minor); }

// "1.0 (draft 3)"
std::string version(std::uint32_t major, std::uint32_t minor, std::uint32_t draft) {
  if (draft == NoteInfo::k_unnumbered) return cat(version(major, minor), " (an early draft)");
  if (draft == 0) return version(major, minor);
  return cat(version(major, minor), " (draft ", draft, ")");
}

}  // namespace

Result<NoteInfo> read_note(const std::string& path) {
  struct stat facts;
  if (::stat(path.c_str(), &facts) != 0)
    return Error{cat(path, ": cannot be read: ", std::strerror(errno))};
  if (!S_ISREG(facts.st_mode)) return Error{cat(path, ": is no file")};
  File file(path);
  if (!file.open()) return Error{cat(path, ": cannot be read: ", std::strerror(errno))};
  Elf64_Ehdr head;
  if (!file.read(0, &head, sizeof head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
    return Error{cat(path, ": is no ELF file; expected a plugin's .so")};
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB)
    return Error{cat(path, ": is built for another machine; expected 64-bit little-endian")};
  std::optional<NoteInfo> found;
  for (std::uint16_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr segment;
    const std::uint64_t at = std::uint64_t(i) * sizeof segment;
    if (head.e_phoff > ~at || !file.read(head.e_phoff + at, &segment, sizeof segment)) break;
    // A file whose copying broke off would end the process with SIGBUS when it is loaded.
    if (segment.p_type == PT_LOAD && !file.holds(segment.p_offset, segment.p_filesz))
      return Error{cat(path, ": is cut off: it is shorter than its own segments; copy it again")};
    if (segment.p_type == PT_NOTE && !found)
      found = find_in_segment(file, segment.p_offset, segment.p_filesz);
  }
  if (found) return *std::move(found);
  return Error{cat(path,
                   ": has no .note.gatewright: it is no Gatewright plugin, or was built without "
                   "GW_MODULE_NOTE")};
}

Status check_note(const NoteInfo& note) {
  if (note.major != GW_ABI_MAJOR)
    return Error{cat("it is built for plugin ABI ", version(note.major, note.minor_built),
                     ", this is ", version(GW_ABI_MAJOR, GW_ABI_MINOR),
                     ": rebuild it with this version's SDK")};
  if (note.minor_required > GW_ABI_MINOR)
    return Error{cat("it needs plugin ABI ", version(note.major, note.minor_required), ", this is ",
                     version(GW_ABI_MAJOR, GW_ABI_MINOR),
                     ": upgrade the gateway, or rebuild it with GW_ABI_TARGET_MINOR=",
                     std::uint32_t(GW_ABI_MINOR))};
  // Layouts move between the drafts of a minor; what is older than this one is released.
  const std::uint32_t draft = note.minor_required == GW_ABI_MINOR ? GW_ABI_DRAFT : 0;
  if (note.draft != draft)
    return Error{cat("it is built for plugin ABI ",
                     version(note.major, note.minor_required, note.draft), ", this is plugin ABI ",
                     version(GW_ABI_MAJOR, GW_ABI_MINOR, GW_ABI_DRAFT),
                     ": rebuild it with this version's SDK")};
  return ok_status();
}

Result<NoteInfo> check_file(const std::string& path) {
  auto note = read_note(path);
  if (!note.ok()) return note;
  if (auto fit = check_note(note.value()); !fit.ok())
    return Error{cat(path, ": ", fit.error().text)};
  return note;
}

Result<const gw_module*> load_module(const std::string& path, const gw_host& host) {
  auto note = check_file(path);
  if (!note.ok()) return note.error();
  const std::unique_ptr<char, decltype(&std::free)> absolute(::realpath(path.c_str(), nullptr),
                                                             std::free);
  if (!absolute) return Error{cat(path, ": cannot be read: ", std::strerror(errno))};
  void* library = ::dlopen(absolute.get(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return Error{cat("cannot load ", path, ": ", ::dlerror())};
  using Entry = const gw_module* (*)(const gw_host*, gw_error*);
  const auto entry = reinterpret_cast<Entry>(::dlsym(library, "gatewright_module_v1"));
  if (entry == nullptr) return Error{cat(path, ": does not export gatewright_module_v1")};
  gw_error error{};
  error.size = sizeof error;
  const gw_module* module = entry(&host, &error);
  error.msg[sizeof error.msg - 1] = '\0';
  if (module == nullptr) return Error{cat(path, ": refuses to load: ", error.msg)};
  if (auto good = check_module(module, note.value()); !good.ok())
    return Error{cat(path, ": ", good.error().text)};
  return module;
}

}  // namespace gw::plugin
