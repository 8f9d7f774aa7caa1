// SPDX-License-Identifier: Apache-2.0
// LineFile: a file, FIFO, terminal or socket to which whole lines are appended. Not for more than
// one thread at a time. Nothing here waits for a reader or for room: what cannot be written now is
// left to the caller to try again.
//
// Several workers append to one file. Lines of theirs do not mix, because the kernel does one
// write() to a file opened with O_APPEND after the other, and a write() of up to PIPE_BUF bytes to
// a FIFO or pipe all at once: so a file gets all lines in one write(), a pipe as many whole lines
// as fit into PIPE_BUF. What is left to chance: a line longer than PIPE_BUF (4096 bytes) in a pipe
// that several workers share, and a line that a disk took only the start of because it was full.
// Such a line is continued when nobody has written behind it meanwhile, and else written anew,
// whole.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace file_log {

class LineFile {
 public:
  LineFile(std::string path, bool reopen) : path_(std::move(path)), reopen_(reopen) {}
  ~LineFile() { close(); }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  const std::string& path() const { return path_; }
  // Opens it now. 0, or the errno by which it failed. A FIFO without a reader answers ENXIO: it is
  // not a failure, write() opens it when there is one.
  int open();
  bool is_fifo() const;
  // Writes lines, each with its line end, and answers how many bytes of them are done with, which
  // is whole lines; error is 0, or the errno that stopped it. The rest is to be given again, as it
  // is, with more lines behind it or not.
  // A file that was moved or removed since is made anew; with `reopen`, opened anew each time.
  std::size_t write(std::string_view lines, int& error);

 private:
  int prepare();
  bool moved() const;
  ssize_t put(std::string_view piece);
  ssize_t send(std::string_view bytes) const;
  bool is_last_writer() const;
  void close();

  std::string path_;
  bool reopen_;
  int fd_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool pipe_ = false, socket_ = false;
  std::size_t torn_ = 0;  // bytes that are written of the line that comes next
  off_t end_ = -1;        // the file's end behind them
};

}  // namespace file_log
