// SPDX-License-Identifier: Apache-2.0
// HeaderMatcher: the `headers` criteria of all routes. Every name must be there (AND) with any of
// its values (OR) in any of the request's fields of that name. Values are compared without case;
// `~*PATTERN` is a regex, found anywhere in the value, without case. Kong lower-cases value and
// pattern instead, which turns `\D` into `\d`; ours is what the writer meant.
// A request's fields are asked for once, by the first route that needs them; those that no route
// names are skipped. Keeps scratch memory: one thread.
#pragma once

#include <string>
#include <vector>

#include "routing/fold_map.hpp"
#include "routing/prefix_forest.hpp"
#include "routing/regex.hpp"
#include "routing/router.hpp"

namespace gw::routing {

class HeaderMatcher {
 public:
  // The rules of one route, for check(). On error nothing is added.
  Result<Span> add(const std::vector<config::HeaderMatch>& headers);

  // To be called before the first check() of a request.
  void start_request() { gathered_ = false; }
  RegexOutcome check(Span rules, const Query& query);

 private:
  struct Alternative {
    std::string literal;
    std::int32_t regex = -1;  // in regexes_; -1: literal counts
  };
  struct Rule {
    std::uint32_t name = 0;
    Span alternatives;
  };
  struct Field {
    std::uint32_t name;
    std::string_view value;
  };
  void gather(const Query& query);
  RegexOutcome check_rule(const Rule& rule) const;
  RegexOutcome check_value(const Alternative& alternative, std::string_view value) const;

  FoldMap names_;
  std::vector<Rule> rules_;
  std::vector<Alternative> alternatives_;
  std::vector<Regex> regexes_;
  std::vector<Field> fields_;  // of the present request
  bool gathered_ = false;
};

}  // namespace gw::routing
