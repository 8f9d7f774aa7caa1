// SPDX-License-Identifier: Apache-2.0
// Posts from other threads and real descriptors, as gw.loop/1 has them.
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>

#include "tracing.hpp"
#include "world.hpp"

namespace gw::test {

gw_status post(gw_worker* worker, gw_post_cb cb, void* ud) {
  world& w = *worker->world;
  if (cb == nullptr) return GW_E_INVALID;
  const std::lock_guard<std::mutex> lock(w.resume_lock);
  if (worker->ended) return GW_E_STATE;
  const auto waiting = std::count_if(w.posts.begin(), w.posts.end(),
                                     [worker](const auto& p) { return p.worker == worker; });
  if (waiting >= GW_POST_MAX) return GW_E_BUSY;
  w.posts.push_back(waiting_post{worker, cb, ud});
  return GW_OK;
}

bool world::deliver_posts(gw_worker* only) {
  std::vector<waiting_post> due;
  {
    const std::lock_guard<std::mutex> lock(resume_lock);
    const auto first = std::stable_partition(posts.begin(), posts.end(), [only](const auto& p) {
      return only != nullptr && p.worker != only;
    });
    due.assign(first, posts.end());
    posts.erase(first, posts.end());
  }
  for (const waiting_post& p : due) {
    const tracing::note n("post");
    p.cb(p.worker, p.ud);
  }
  return !due.empty();
}

gw_handle watch_fd(gw_worker* worker, int32_t fd, uint32_t mask, gw_fd_cb cb, void* ud,
                   gw_error* error) {
  world& w = *worker->world;
  pollfd probe{fd, 0, 0};
  const bool open = fd >= 0 && ::poll(&probe, 1, 0) >= 0 && (probe.revents & POLLNVAL) == 0;
  if (!open || cb == nullptr || (mask & ~(GW_FD_READ | GW_FD_WRITE)) != 0)
    return write_error(error, "no callback, a mask with other bits, or the fd is not open"), 0;
  for (const auto& [h, other] : w.watches) {
    if (other.fd != fd || other.worker->index != worker->index) continue;
    write_error(error, "descriptor " + std::to_string(fd) + " is watched already");
    if (error != nullptr) error->code = GW_E_EXISTS;
    return 0;
  }
  const gw_handle h = w.next_handle++;
  w.watches[h] = fd_watch{worker, fd, mask, cb, ud};
  return h;
}

gw_status update_fd(gw_worker* worker, gw_handle h, uint32_t mask) {
  const auto it = worker->world->watches.find(h);
  if (it == worker->world->watches.end()) return GW_E_NOTFOUND;
  if ((mask & ~(GW_FD_READ | GW_FD_WRITE)) != 0) return GW_E_INVALID;
  it->second.mask = mask;
  return GW_OK;
}

gw_status unwatch_fd(gw_worker* worker, gw_handle h) {
  return worker->world->watches.erase(h) != 0 ? GW_OK : GW_E_NOTFOUND;
}

void world::note_left_fds(gw_worker* worker) {
  for (const auto& [h, w] : watches) {
    struct stat on {};
    if (w.worker == worker && ::fstat(w.fd, &on) == 0)
      left_fds.push_back(left_fd{worker->owner, w.fd, on.st_dev, on.st_ino});
  }
}

void world::check_left_fds(const instance& of) {
  for (const left_fd& left : left_fds) {
    struct stat on {};
    if (left.owner != &of || ::fstat(left.fd, &on) != 0) continue;
    if (on.st_dev == left.device && on.st_ino == left.inode)
      broke(of.desc().name, "fd_watch", "worker",
            "descriptor " + std::to_string(left.fd) +
                " was watched to the end and is still open: it leaks");
  }
  left_fds.erase(std::remove_if(left_fds.begin(), left_fds.end(),
                                [&of](const left_fd& left) { return left.owner == &of; }),
                 left_fds.end());
}

// Tells each that is ready, once. Waits in real time for the first.
bool world::poll_fds(int wait_ms) {
  std::vector<pollfd> fds;
  std::vector<gw_handle> handles;
  for (const auto& [h, w] : watches) {
    if (w.mask == 0) continue;
    const int events =
        ((w.mask & GW_FD_READ) != 0 ? POLLIN : 0) | ((w.mask & GW_FD_WRITE) != 0 ? POLLOUT : 0);
    fds.push_back(pollfd{w.fd, static_cast<short>(events), 0});
    handles.push_back(h);
  }
  if (fds.empty() || ::poll(fds.data(), fds.size(), wait_ms) <= 0) return false;
  for (size_t i = 0; i < fds.size(); ++i) {
    const auto it = watches.find(handles[i]);  // an earlier callback may have ended it
    if (fds[i].revents == 0 || it == watches.end()) continue;
    const fd_watch w = it->second;
    uint32_t events = 0;
    if ((fds[i].revents & (POLLIN | POLLHUP)) != 0) events |= w.mask & GW_FD_READ;
    if ((fds[i].revents & (POLLOUT | POLLHUP)) != 0) events |= w.mask & GW_FD_WRITE;
    if ((fds[i].revents & (POLLERR | POLLNVAL)) != 0) events = w.mask | GW_FD_ERROR;
    if (events == 0) continue;
    const tracing::note n("descriptor");
    w.cb(w.worker, w.fd, events, w.ud);
  }
  return true;
}

}  // namespace gw::test
