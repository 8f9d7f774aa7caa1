// SPDX-License-Identifier: Apache-2.0
#include "server/listen_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/address.hpp"

namespace gw::server {

namespace {

using Kind = ListenSocket::Kind;

constexpr std::array<std::string_view, 3> k_kinds{"proxy", "admin", "status"};

std::string address_text(const config::Listen& listen) {
  const bool v6 = listen.host.find(':') != std::string::npos;
  return v6 ? cat("[", listen.host, "]:", listen.port) : cat(listen.host, ":", listen.port);
}

Result<ListenSocket> open_socket(config::Listen listen, Kind kind) {
  const std::string host = listen.host == "localhost" ? "127.0.0.1" : listen.host;
  const auto address = net::Address::parse(host, listen.port);
  if (!address) return Error{cat("cannot listen on ", listen.text, ": expected an IP address")};
  const auto fail = [&](int fd) {
    const int why = errno;
    if (fd >= 0) ::close(fd);
    return Error{cat("cannot listen on ", address_text(listen), ": ", std::strerror(why))};
  };
  const int fd = ::socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(fd);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (kind == Kind::proxy) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd, &address->any, address->size()) != 0) return fail(fd);
  if (::listen(fd, listen.backlog) != 0) return fail(fd);
  listen.port = net::Address::of_local(fd)->port();
  return ListenSocket{listen, fd, kind};
}

// Another gateway on the same port would share its connections, since both set SO_REUSEPORT: find
// out first.
Status check_free(const config::Listen& listen) {
  if (listen.port == 0) return ok_status();
  const auto address =
      net::Address::parse(listen.host == "localhost" ? "127.0.0.1" : listen.host, listen.port);
  if (!address) return ok_status();
  const int fd = ::socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool taken = ::bind(fd, &address->any, address->size()) != 0 && errno == EADDRINUSE;
  ::close(fd);
  if (taken)
    return Error{cat("cannot listen on ", address_text(listen), ": ", std::strerror(EADDRINUSE))};
  return ok_status();
}

}  // namespace

ListenSockets::~ListenSockets() {
  for (std::size_t worker = 0; worker < of_worker.size(); ++worker)
    for (const ListenSocket& socket : of_worker[worker])
      if (socket.kind == Kind::proxy || worker == 0) ::close(socket.fd);
}

void ListenSockets::close_for_clients() {
  for (std::size_t worker = 1; worker < of_worker.size(); ++worker)
    std::erase_if(of_worker[worker],
                  [](const ListenSocket& socket) { return socket.kind == Kind::admin; });
  for (auto& sockets : of_worker) server::close_for_clients(sockets);
}

void close_for_clients(std::vector<ListenSocket>& sockets) {
  std::erase_if(sockets, [](const ListenSocket& socket) {
    if (socket.kind == Kind::status) return false;
    ::close(socket.fd);
    return true;
  });
}

Result<ListenSockets> open_sockets(const config::Settings& settings, std::uint32_t workers) {
  const std::size_t each =
      settings.proxy_listen.size() + settings.admin_listen.size() + settings.status_listen.size();
  if (each > k_max_sockets)
    return Error{cat(each, " listeners are configured; expected at most ", k_max_sockets)};
  ListenSockets out;
  out.of_worker.resize(workers);
  for (config::Listen listen : settings.proxy_listen) {
    if (auto free = check_free(listen); !free.ok()) return free.error();
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
      auto opened = open_socket(listen, Kind::proxy);
      if (!opened.ok()) return opened.error();
      listen.port = opened.value().listen.port;
      out.of_worker[worker].push_back(opened.value());
    }
  }
  for (const auto& [list, kind] :
       {std::pair{&settings.admin_listen, Kind::admin}, {&settings.status_listen, Kind::status}}) {
    for (const config::Listen& listen : *list) {
      auto opened = open_socket(listen, kind);
      if (!opened.ok()) return opened.error();
      for (auto& sockets : out.of_worker) sockets.push_back(opened.value());
    }
  }
  return out;
}

void log_listening(const ListenSockets& sockets) {
  for (const ListenSocket& socket : sockets.of_worker[0])
    log::notice("listening",
                {{"address", address_text(socket.listen)}, {"kind", kind_name(socket.kind)}});
}

std::string_view kind_name(Kind kind) { return k_kinds[std::size_t(kind)]; }

std::string describe_socket(const ListenSocket& socket) {
  return cat(std::size_t(socket.kind), "\t", socket.listen.host, "\t", socket.listen.port, "\t",
             socket.listen.backlog, "\t", int(socket.listen.proxy_protocol), "\t",
             int(socket.listen.ssl));
}

bool parse_socket(std::string_view line, ListenSocket& into) {
  const auto parts = split(line, '\t');
  if (parts.size() != 6) return false;
  const auto kind = to_u64(parts[0]), port = to_u64(parts[2]), backlog = to_u64(parts[3]);
  if (!kind || *kind >= k_kinds.size() || !port || *port > 0xFFFF || !backlog || *backlog > INT_MAX)
    return false;
  for (const auto flag : {parts[4], parts[5]})
    if (flag != "0" && flag != "1") return false;
  into.kind = Kind(*kind);
  into.listen.host = parts[1];
  into.listen.port = std::uint16_t(*port);
  into.listen.backlog = int(*backlog);
  into.listen.proxy_protocol = parts[4] == "1";
  into.listen.ssl = parts[5] == "1";
  return true;
}

}  // namespace gw::server
