// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <elf.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include "catch.hpp"

using namespace gw::plugin;

namespace {

// A file that is gone with the test.
class TemporaryFile {
 public:
  TemporaryFile() { ::close(::mkstemp(path_)); }
  ~TemporaryFile() { ::unlink(path_); }
  const char* write(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    return path_;
  }

 private:
  char path_[32] = "/tmp/gw-library-XXXXXX";
};

// The smallest file that has the note: head, one segment, the note.
std::string module_bytes() {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_phoff = sizeof head;
  head.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof head + sizeof segment;
  segment.p_filesz = sizeof(gw_note);
  gw_note note = GW_NOTE(2, "one,two");
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  return bytes.append(reinterpret_cast<const char*>(&note), sizeof note);
}

}  // namespace

TEST_CASE("the note is read without loading the file") {
  TemporaryFile file;
  const auto note = read_note(file.write(module_bytes()));
  REQUIRE(note.ok());
  CHECK(note.value().major == 1);
  CHECK(note.value().names == std::vector<std::string>{"one", "two"});
  CHECK(check_note(note.value()).ok());
}

TEST_CASE("a file cut off at any byte is refused") {
  TemporaryFile file;
  const std::string whole = module_bytes();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK_FALSE(read_note(file.write(whole.substr(0, n))).ok());
  }
}

TEST_CASE("a file with wrong bytes is read or refused, never more") {
  TemporaryFile file;
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = module_bytes();
    for (int i = 0; i < 3; ++i) bytes[4 + random() % (bytes.size() - 4)] = char(random());
    const auto note = read_note(file.write(bytes));
    CHECK((note.ok() || !note.error().text.empty()));
  }
}

TEST_CASE("what is no module says so") {
  TemporaryFile file;
  CHECK(read_note(file.write("#!/bin/sh\n")).error().text.find("is no ELF file") !=
        std::string::npos);
  CHECK_FALSE(read_note("/nonexistent/plugin.so").ok());
  CHECK(read_note("/proc/self/exe").error().text.find("has no .note.gatewright") !=
        std::string::npos);
}

TEST_CASE("a note of another major, or of a newer minor, does not fit") {
  CHECK_FALSE(check_note({GW_ABI_MAJOR + 1, 0, 0, 1, {}}).ok());
  CHECK_FALSE(check_note({GW_ABI_MAJOR, GW_ABI_MINOR + 1, GW_ABI_MINOR + 1, 1, {}}).ok());
  CHECK(check_note({GW_ABI_MAJOR, GW_ABI_MINOR + 1, GW_ABI_MINOR, 1, {}, GW_ABI_DRAFT}).ok());
}

TEST_CASE("a note of another draft does not fit, and says what to do") {
  const auto fault = [](std::uint32_t draft) {
    const auto fit = check_note({GW_ABI_MAJOR, GW_ABI_MINOR, GW_ABI_MINOR, 1, {}, draft});
    return fit.ok() ? "" : fit.error().text;
  };
  CHECK(fault(GW_ABI_DRAFT) == "");
  const std::string newer = fault(GW_ABI_DRAFT + 1);
  CHECK(newer.find("1.0 (draft " + std::to_string(GW_ABI_DRAFT + 1) +
                   "), this is plugin ABI 1.0") != std::string::npos);
  CHECK(newer.find("rebuild it with this version's SDK") != std::string::npos);
  CHECK(fault(GW_ABI_DRAFT - 1) != "");
}

TEST_CASE("a note of before the drafts had numbers is told as such") {
  std::string bytes = module_bytes();
  bytes.resize(bytes.size() - sizeof(gw_note::draft));
  const std::size_t note = bytes.size() - offsetof(gw_note, draft);
  const std::uint32_t size = 16 + GW_NOTE_NAMES;
  bytes.replace(note + offsetof(gw_note, descsz), sizeof size, reinterpret_cast<const char*>(&size),
                sizeof size);
  const std::size_t file_size = offsetof(Elf64_Phdr, p_filesz) + sizeof(Elf64_Ehdr);
  const std::uint64_t length = offsetof(gw_note, draft);
  bytes.replace(file_size, sizeof length, reinterpret_cast<const char*>(&length), sizeof length);
  TemporaryFile file;
  const auto note_read = read_note(file.write(bytes));
  REQUIRE(note_read.ok());
  CHECK(note_read.value().names == std::vector<std::string>{"one", "two"});
  CHECK(check_note(note_read.value()).error().text.find("1.0 (an early draft)") !=
        std::string::npos);
}
