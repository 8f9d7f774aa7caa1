// SPDX-License-Identifier: Apache-2.0
// PrefixForest: a radix tree of paths for each bucket (a host), all in flat arrays. Built once from
// all candidates; a look-up walks down once, its cost bounded by the path and not by the number of
// candidates. What it finds is the deepest node whose path begins the request's; `up` leads to the
// shorter ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/entities.hpp"

namespace gw::routing {

struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// A part of a route (rank.hpp): what the index has not compared, and what a match gives.
struct Entry {
  config::Index route = config::k_none;
  std::uint32_t prefix_length = 0;
  bool regex = false;
  Span methods;
  Span snis;
  Span headers;
  Span paths;  // regex: in regexes; else in prefixes, which are sorted and of one length
};

// One way in which a part of a route can match: here by bucket and path. It holds all that a
// look-up needs of the part, in one line of the processor's cache.
struct alignas(64) Candidate {
  static constexpr std::uint32_t k_path_known = 0xFFFFFFFF;   // the tree has compared the path
  static constexpr std::uint32_t k_search_path = 0xFFFFFFFE;  // any of the part's paths will do
  std::uint32_t place = 0;            // of the part in the order of ranks; lower is better
  std::int32_t port = -1;             // that the request must have; -1: any
  std::uint32_t path = k_path_known;  // else the number of a regex that must match
  Entry entry;
  // Whether the bucket and the path are all that it asks for.
  bool is_sure() const;
};
static_assert(sizeof(Candidate) == 64);

class PrefixForest {
 public:
  static constexpr std::uint32_t k_none = 0xFFFFFFFF;

  struct Item {
    std::uint32_t bucket = 0;
    std::string_view path;
    bool regex = false;
    Candidate candidate;
  };
  // Candidates at one path, in the order of their places. best_*: the lowest place among them and
  // those of all nodes above; k_none: there is none. A node is one line of the processor's cache:
  // short labels and few children are told in it, and the usual winner, so that its candidates,
  // another line, need not be waited for.
  struct alignas(64) Node {
    static constexpr std::size_t k_own_label = 10;
    static constexpr std::size_t k_own_children = 12;
    // First bytes of the children's labels, if there are no more. These two in front, since memchr
    // and memcmp read 32 bytes at once, and these shall not reach into the next line.
    char own_children[k_own_children] = {};
    char own_label[k_own_label] = {};
    std::uint16_t children = 0;
    std::uint32_t label = 0;  // in labels_, when it is longer than own_label
    std::uint32_t label_size = 0;
    std::uint32_t first_child = 0;
    std::uint32_t up = k_none;  // the next node above that has candidates
    std::uint32_t best_plain = k_none;
    std::uint32_t best_regex = k_none;
    // The route of the plain candidate at best_plain, if it stands here and asks for no more than
    // the bucket and the path; else config::k_none.
    std::uint32_t sure_route = config::k_none;
    // In candidates(): first the plain ones, then the regexes.
    std::uint32_t first = 0;
    std::uint32_t first_regex = 0;
    std::uint32_t end = 0;
    Span plain() const { return {first, first_regex}; }
    Span regex() const { return {first_regex, end}; }
    bool empty() const { return first == end; }
  };
  static_assert(sizeof(Node) == 64);

  // Buckets are numbered from 0 to buckets - 1.
  void build(std::vector<Item> items, std::uint32_t buckets);

  // A node and the length of its path.
  struct Hit {
    std::uint32_t node = k_none;
    std::uint32_t depth = 0;
  };
  // node == k_none: no candidate's path begins `path`.
  Hit find(std::uint32_t bucket, std::string_view path) const;
  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  const Candidate* candidates() const { return candidates_.data(); }

 private:
  using Items = std::vector<Item>;
  void fill(std::uint32_t node, const Items& items, Span range, std::size_t depth,
            std::uint32_t up);
  // Puts the candidates of items[range] that stand at this node into it; returns what is left.
  Span take_own(Node& node, const Items& items, Span range, std::size_t depth);
  void add_child(const Items& items, Span group, std::size_t depth);
  // k_none: no child's label begins with this byte.
  std::uint32_t child(const Node& node, char first) const;
  std::string_view label(const Node& node) const;

  std::vector<Node> nodes_;
  std::string first_bytes_;  // of the label of each node; children stand side by side
  std::string labels_;
  std::vector<Candidate> candidates_;
};

}  // namespace gw::routing
