// SPDX-License-Identifier: Apache-2.0
#include "line_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace file_log {

namespace {

constexpr std::size_t k_pipe_piece = PIPE_BUF;

// As many whole lines as fit into one write() to a pipe, at least one.
std::string_view piece_for_pipe(std::string_view lines) {
  if (lines.size() <= k_pipe_piece) return lines;
  std::size_t end = lines.rfind('\n', k_pipe_piece - 1);
  if (end == std::string_view::npos) end = lines.find('\n');
  return lines.substr(0, end + 1);
}

// The standard streams of a service are often sockets, which can't be opened by name.
int standard_stream(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  return path == "/dev/stderr" ? STDERR_FILENO : -1;
}

}  // namespace

int LineFile::open() {
  close();
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
               0644);
  if (fd_ < 0 && errno == ENXIO && standard_stream(path_) >= 0)
    fd_ = ::fcntl(standard_stream(path_), F_DUPFD_CLOEXEC, 3);
  struct stat is {};
  if (fd_ < 0 || ::fstat(fd_, &is) != 0) return errno;
  device_ = is.st_dev;
  inode_ = is.st_ino;
  pipe_ = S_ISFIFO(is.st_mode);
  socket_ = S_ISSOCK(is.st_mode);
  return 0;
}

void LineFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  torn_ = 0;
}

bool LineFile::is_fifo() const {
  struct stat is {};
  return ::stat(path_.c_str(), &is) == 0 && S_ISFIFO(is.st_mode);
}

// Whether the path names another file by now (log rotation).
bool LineFile::moved() const {
  struct stat is {};
  if (socket_) return false;
  return ::stat(path_.c_str(), &is) != 0 || is.st_ino != inode_ || is.st_dev != device_;
}

// A line that is torn is ended before the file is left.
int LineFile::prepare() {
  if (fd_ >= 0 && torn_ == 0 && reopen_) return open();
  return fd_ < 0 || moved() ? open() : 0;
}

std::size_t LineFile::write(std::string_view lines, int& error) {
  error = prepare();
  std::size_t done = 0;
  while (error == 0 && done < lines.size()) {
    const std::string_view rest = lines.substr(done);
    const std::string_view piece = pipe_ ? piece_for_pipe(rest) : rest;
    const ssize_t n = put(piece);
    if (n < 0) {
      if (errno == EINTR) continue;
      error = errno;
      if (error == EPIPE) close();  // its reader has gone, and what it had not read with it
      break;
    }
    const auto written = static_cast<std::size_t>(n);
    const std::size_t end = piece.substr(0, written).rfind('\n');
    const std::size_t whole = end == std::string_view::npos ? 0 : end + 1;
    done += whole;
    torn_ = written - whole;
    if (torn_ > 0) end_ = ::lseek(fd_, 0, SEEK_CUR);
  }
  return done;
}

// Writes of a piece what is not written of it yet; answers how much of it is written then.
ssize_t LineFile::put(std::string_view piece) {
  if (torn_ > 0 && !is_last_writer()) torn_ = 0;
  const ssize_t n = send(piece.substr(torn_));
  return n < 0 ? n : n + static_cast<ssize_t>(torn_);
}

bool LineFile::is_last_writer() const {
  struct stat is {};
  return end_ < 0 || (::fstat(fd_, &is) == 0 && is.st_size == end_);
}

ssize_t LineFile::send(std::string_view bytes) const {
  if (socket_) return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::write(fd_, bytes.data(), bytes.size());
}

}  // namespace file_log
