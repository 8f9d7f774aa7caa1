// SPDX-License-Identifier: Apache-2.0
#include "support/origin.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace support {

std::string response_text(int status, std::string_view body, std::string_view fields) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  text.append(fields);
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text.append(body);
}

void Call::respond(int status, std::string_view body, std::string_view fields) {
  auto text = response_text(status, body, fields);
  if (request.method == "HEAD") text.resize(text.size() - body.size());
  send(text);
}

const std::string& Call::read_body() {
  peer_.read_body(request);
  origin_.replace(number, request);
  return request.body;
}

Origin::Origin(Handler handler, Reads reads, const std::string& ip, std::uint16_t port)
    : handler_(std::move(handler)), reads_(reads), port_(port) {
  if (!handler_) handler_ = [](Call& call) { call.respond(); };
  listener_ = listen_on_loopback(port_, 511, ip);
  if (::pipe2(wake_, O_CLOEXEC) < 0) throw std::runtime_error("pipe2");
  acceptor_ = std::thread([this] { accept_all(); });
}

Origin::~Origin() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::close(wake_[1]);
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  ::close(wake_[0]);
  ::close(listener_);
}

void Origin::accept_all() {
  for (;;) {
    pollfd ready[] = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0) continue;
    if (ready[1].revents != 0) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    const auto index = accepted_++;
    open_.push_back(fd);
    changed_.notify_all();
    threads_.emplace_back([this, fd, index] { serve(fd, index); });
  }
}

// The descriptor is a duplicate of the one in open_: closing it in a handler must not let the
// number be used again while the destructor might still shut it down.
void Origin::serve(int fd, std::size_t index) {
  Connection peer(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  // With a duplicate open, close() alone would send no FIN and no RST.
  const auto forget = [&] {
    std::lock_guard lock(mutex_);
    if (std::erase(open_, fd) > 0) ::close(fd);
    changed_.notify_all();
  };
  try {
    while (peer.fd() >= 0 &&
           (!peer.buffered().empty() || peer.fill(Deadline(Milliseconds(600000))))) {
      Call call(*this, peer, index);
      call.request = reads_ == Reads::heads_only ? peer.read_request_head() : peer.read_request();
      call.number = record(call.request);
      handler_(call);
    }
  } catch (const Closed&) {
  } catch (const std::exception& error) {
    std::lock_guard lock(mutex_);
    if (!stopping_) faults_.push_back(error.what());
  }
  forget();
}

std::size_t Origin::record(const Message& request) {
  std::lock_guard lock(mutex_);
  requests_.push_back(request);
  changed_.notify_all();
  return requests_.size() - 1;
}

void Origin::replace(std::size_t number, const Message& request) {
  std::lock_guard lock(mutex_);
  requests_[number] = request;
  changed_.notify_all();
}

std::vector<Message> Origin::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

Message Origin::wait_for_request(std::size_t n, const Deadline& deadline) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline.when(), [&] { return requests_.size() >= n; })) {
    throw Timeout("request " + std::to_string(n) + " did not reach the origin; there were " +
                  std::to_string(requests_.size()));
  }
  return requests_[n - 1];
}

std::size_t Origin::connections() const {
  std::lock_guard lock(mutex_);
  return accepted_;
}

std::size_t Origin::open_connections() const {
  std::lock_guard lock(mutex_);
  return open_.size();
}

bool Origin::wait_for_open_connections(std::size_t n, const Deadline& deadline) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline.when(), [&] { return open_.size() == n; });
}

std::vector<std::string> Origin::faults() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace support
