// SPDX-License-Identifier: Apache-2.0
#include "routing/prefix_forest.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace gw::routing {

namespace {

// Bytes that the paths of all items in the range share, which are sorted.
std::size_t shared_prefix(const std::vector<PrefixForest::Item>& items, Span range) {
  const auto a = items[range.begin].path;
  const auto b = items[range.end - 1].path;
  const auto most = std::min(a.size(), b.size());
  return std::size_t(std::mismatch(a.begin(), a.begin() + std::ptrdiff_t(most), b.begin()).first -
                     a.begin());
}

bool is_empty(Span span) { return span.begin == span.end; }

}  // namespace

bool Candidate::is_sure() const {
  return port < 0 && path == k_path_known && !entry.regex && is_empty(entry.methods) &&
         is_empty(entry.snis) && is_empty(entry.headers);
}

void PrefixForest::build(std::vector<Item> items, std::uint32_t buckets) {
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.bucket, a.path, a.regex, a.candidate.place, a.candidate.path) <
           std::tie(b.bucket, b.path, b.regex, b.candidate.place, b.candidate.path);
  });
  nodes_.assign(buckets, {});
  first_bytes_.assign(buckets, '\0');
  candidates_.reserve(items.size());
  Span range;
  for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
    range.begin = range.end;
    while (range.end < items.size() && items[range.end].bucket == bucket) ++range.end;
    if (range.begin < range.end) fill(bucket, items, range, 0, k_none);
  }
}

Span PrefixForest::take_own(Node& node, const Items& items, Span range, std::size_t depth) {
  auto take = [&](bool regex, std::uint32_t& best) {
    for (; range.begin < range.end; ++range.begin) {
      const Item& item = items[range.begin];
      if (item.path.size() != depth || item.regex != regex) break;
      best = std::min(best, item.candidate.place);
      candidates_.push_back(item.candidate);
    }
    return std::uint32_t(candidates_.size());
  };
  node.first = std::uint32_t(candidates_.size());
  node.first_regex = take(false, node.best_plain);
  node.end = take(true, node.best_regex);
  if (node.first < node.first_regex) {
    const Candidate& best = candidates_[node.first];
    if (best.place == node.best_plain && best.is_sure()) node.sure_route = best.entry.route;
  }
  return range;
}

void PrefixForest::add_child(const Items& items, Span group, std::size_t depth) {
  const auto path = items[group.begin].path;
  Node child;
  child.label_size = std::uint32_t(shared_prefix(items, group) - depth);
  const auto label = path.substr(depth, child.label_size);
  if (label.size() <= Node::k_own_label) {
    label.copy(child.own_label, label.size());
  } else {
    child.label = std::uint32_t(labels_.size());
    labels_.append(label);
  }
  first_bytes_.push_back(path[depth]);
  nodes_.push_back(child);
}

void PrefixForest::fill(std::uint32_t index, const Items& items, Span range, std::size_t depth,
                        std::uint32_t up) {
  Node made = nodes_[index];
  made.up = up;
  if (up != k_none) {
    made.best_plain = nodes_[up].best_plain;
    made.best_regex = nodes_[up].best_regex;
  }
  range = take_own(made, items, range, depth);
  made.first_child = std::uint32_t(nodes_.size());
  std::vector<Span> groups;
  while (range.begin < range.end) {
    Span group{range.begin, range.begin};
    while (group.end < range.end && items[group.end].path[depth] == items[group.begin].path[depth])
      ++group.end;
    add_child(items, group, depth);
    groups.push_back(group);
    range.begin = group.end;
  }
  made.children = std::uint16_t(groups.size());
  if (made.children <= Node::k_own_children)
    first_bytes_.copy(made.own_children, made.children, made.first_child);
  nodes_[index] = made;
  if (!made.empty()) up = index;
  for (std::uint32_t i = 0; i < made.children; ++i) {
    const auto child = made.first_child + i;
    fill(child, items, groups[i], depth + nodes_[child].label_size, up);
  }
}

std::uint32_t PrefixForest::child(const Node& node, char first) const {
  const char* bytes = node.children <= Node::k_own_children
                          ? node.own_children
                          : first_bytes_.data() + node.first_child;
  const void* hit = std::memchr(bytes, static_cast<unsigned char>(first), node.children);
  if (hit == nullptr) return k_none;
  return node.first_child + std::uint32_t(static_cast<const char*>(hit) - bytes);
}

std::string_view PrefixForest::label(const Node& node) const {
  if (node.label_size <= Node::k_own_label) return {node.own_label, node.label_size};
  return std::string_view(labels_).substr(node.label, node.label_size);
}

PrefixForest::Hit PrefixForest::find(std::uint32_t bucket, std::string_view path) const {
  std::uint32_t index = bucket;
  std::uint32_t depth = 0;
  Hit deepest;
  for (;;) {
    const Node& node = nodes_[index];
    if (!node.empty()) {
      deepest = {index, depth};
      if (node.sure_route == config::k_none) __builtin_prefetch(candidates_.data() + node.first);
    }
    if (path.size() == depth) return deepest;
    index = child(node, path[depth]);
    if (index == k_none) return deepest;
    // The first byte has been compared.
    const auto text = label(nodes_[index]);
    if (text.size() > 1 && !path.substr(depth).starts_with(text)) return deepest;
    depth += std::uint32_t(text.size());
  }
}

}  // namespace gw::routing
