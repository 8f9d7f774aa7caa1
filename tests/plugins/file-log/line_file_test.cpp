// SPDX-License-Identifier: Apache-2.0
#include "file-log/line_file.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "log_lines.hpp"

using namespace file_log_test;
using file_log::LineFile;

namespace {

// Files of this process end at so many bytes: what comes behind is written in part, then not at
// all, as on a full disk.
struct FileSizeLimit {
  explicit FileSizeLimit(rlim_t bytes) {
    before_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { lift(); }
  void lift() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, before_);
  }

 private:
  rlimit old_{};
  sighandler_t before_;
};

std::string line(char c, std::size_t size) { return std::string(size - 1, c) + '\n'; }

std::string read_all(int fd) {
  std::string out(1 << 20, '\0');
  const ssize_t n = ::read(fd, out.data(), out.size());
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

}  // namespace

GW_TEST_CASE("a file is made with mode 0644, less the umask") {
  Folder folder;
  const mode_t before = ::umask(027);
  LineFile file(folder / "log", false);
  const int error = file.open();
  ::umask(before);
  REQUIRE(error == 0);
  struct stat is {};
  REQUIRE(::stat((folder / "log").c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0640);
}

GW_TEST_CASE("a folder that is missing, or in the file's place, is told") {
  Folder folder;
  CHECK(LineFile(folder / "none/log", false).open() == ENOENT);
  CHECK(LineFile(folder.path, false).open() == EISDIR);
}

GW_TEST_CASE("a line that a full disk took in part is continued") {
  Folder folder;
  LineFile file(folder / "log", false);
  const std::string lines = line('a', 60) + line('b', 60) + line('c', 60);
  int error = 0;
  FileSizeLimit limit(100);
  CHECK(file.write(lines, error) == 60);
  CHECK(error == EFBIG);
  CHECK(file.write(lines.substr(60), error) == 0);
  limit.lift();
  CHECK(file.write(lines.substr(60), error) == 120);
  CHECK(error == 0);
  CHECK(content(folder / "log") == lines);
}

GW_TEST_CASE("a torn line that somebody has written behind is written anew") {
  Folder folder;
  LineFile file(folder / "log", false), other(folder / "log", false);
  const std::string lines = line('a', 60) + line('b', 60);
  int error = 0;
  FileSizeLimit limit(100);
  CHECK(file.write(lines, error) == 60);
  limit.lift();
  CHECK(other.write(line('x', 10), error) == 10);
  CHECK(file.write(lines.substr(60), error) == 60);
  CHECK(content(folder / "log") ==
        line('a', 60) + std::string(40, 'b') + line('x', 10) + line('b', 60));
}

GW_TEST_CASE("a file that was moved, removed or emptied is found again at the next write") {
  Folder folder;
  for (const bool reopen : {false, true}) {
    LineFile file(folder / "log", reopen);
    int error = 0;
    file.write("1\n", error);
    std::filesystem::rename(folder / "log", folder / "log.1");
    file.write("2\n", error);
    CHECK(content(folder / "log.1") == "1\n");
    CHECK(content(folder / "log") == "2\n");
    std::filesystem::remove(folder / "log");
    file.write("3\n", error);
    CHECK(content(folder / "log") == "3\n");
    std::filesystem::resize_file(folder / "log", 0);
    file.write("4\n", error);
    CHECK(content(folder / "log") == "4\n");
    CHECK(error == 0);
    std::filesystem::remove(folder / "log");
  }
}

GW_TEST_CASE("a FIFO without a reader is no failure, and is written to once there is one") {
  Folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  LineFile file(path, false);
  CHECK(file.open() == ENXIO);
  CHECK(file.is_fifo());
  int error = 0;
  CHECK(file.write("1\n", error) == 0);
  CHECK(error == ENXIO);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  CHECK(file.write("1\n2\n", error) == 4);
  CHECK(read_all(reader) == "1\n2\n");
  ::close(reader);
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  CHECK(file.write("3\n", error) == 0);
  CHECK(error == EPIPE);
  CHECK(file.write("3\n", error) == 0);
  CHECK(error == ENXIO);
  ::signal(SIGPIPE, before);
}

GW_TEST_CASE("a pipe gets whole lines in pieces that it takes at once, and never waits") {
  Folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  LineFile file(path, false);
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += line('a', 1000);
  int error = 0;
  const std::size_t done = file.write(lines, error);
  CHECK(error == EAGAIN);
  CHECK(done % 1000 == 0);
  CHECK(done >= 32'000);
  std::string got = read_all(reader);
  CHECK(got.size() == done);
  got += (file.write(lines.substr(done), error), read_all(reader));
  CHECK(got.find_first_not_of("a\n") == std::string::npos);
  // Longer than a pipe takes at once: in several pieces.
  const std::string longer = line('l', 10'000);
  while (!read_all(reader).empty()) continue;
  CHECK(file.write(longer, error) == longer.size());
  CHECK(read_all(reader) == longer);
  ::close(reader);
}

GW_TEST_CASE("standard output that is a socket is written to") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    LineFile file("/dev/stdout", true);
    int error = 0;
    ::_exit(file.write("to a socket\n", error) == 12 && error == 0 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(read_all(ends[0]) == "to a socket\n");
  ::close(ends[0]);
  ::close(ends[1]);
}
