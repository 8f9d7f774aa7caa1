// SPDX-License-Identifier: Apache-2.0
#include "net/line_limit.hpp"

#include "base/text.hpp"

namespace gw::net {

namespace {

constexpr std::uint64_t k_second = 1000;  // ms

}  // namespace

LineLimit::LineLimit(Loop& loop)
    : loop_(loop), deadline_([](void* self) { static_cast<LineLimit*>(self)->tell(); }, this) {}

bool LineLimit::allow(log::Level level, std::string_view text, log::Pair about) {
  if (!log::enabled(level)) return false;
  if (limit_ == 0) return true;
  const std::uint64_t now = loop_.now_ms();
  if (now - since_ >= k_second) {
    tell();
    since_ = now;
  }
  Kind& kind = kinds_[{std::string(text), std::string(about.value)}];
  if (kind.lines++ < limit_) return true;
  kind.level = level;
  kind.key = about.key;
  if (!deadline_.is_set()) deadline_.set(loop_.deadlines(), since_ + k_second - now);
  return false;
}

void LineLimit::tell() {
  deadline_.clear();
  for (const auto& [name, kind] : kinds_)
    if (kind.lines > limit_)
      log::write(kind.level, cat(name.first, ": more of this kind within a second"),
                 {{kind.key, name.second}, {"lines", cat(kind.lines - limit_)}});
  kinds_.clear();
}

}  // namespace gw::net
