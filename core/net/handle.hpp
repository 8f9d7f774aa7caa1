// SPDX-License-Identifier: Apache-2.0
// Handle<T>: owner of one libuv handle. States: open, closing, closed. Destruction starts the
// close, and the close callback frees the memory: libuv may touch a handle until then. After
// destruction no callback of it reaches its former owner. No other file calls uv_close.
#pragma once

#include <uv.h>

#include <utility>

namespace gw::net {

template <class T>
class Handle {
 public:
  Handle() = default;
  // `owner` is what callbacks find in handle->data.
  explicit Handle(void* owner) : handle_(new T) { handle_->data = owner; }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~Handle() { close(); }

  // REQUIRES: the handle was initialised by its uv_…_init.
  void close() {
    if (handle_ == nullptr) return;
    handle_->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle_),
             [](uv_handle_t* handle) { delete reinterpret_cast<T*>(handle); });
    handle_ = nullptr;
  }
  // Frees one whose uv_…_init failed or was not called.
  void discard() { delete std::exchange(handle_, nullptr); }

  void set_owner(void* owner) { handle_->data = owner; }
  T* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  T* handle_ = nullptr;
};

}  // namespace gw::net
