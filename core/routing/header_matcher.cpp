// SPDX-License-Identifier: Apache-2.0
#include "routing/header_matcher.hpp"

#include "base/text.hpp"

namespace gw::routing {

Result<Span> HeaderMatcher::add(const std::vector<config::HeaderMatch>& headers) {
  std::vector<Rule> rules;
  std::vector<Alternative> alternatives;
  std::vector<Regex> regexes;
  for (const auto& header : headers) {
    Rule rule;
    rule.name = names_.insert(header.name, std::uint32_t(names_.size()));
    rule.alternatives.begin = std::uint32_t(alternatives_.size() + alternatives.size());
    for (const auto& value : header.values) {
      Alternative alternative{value, -1};
      if (value.starts_with("~*")) {
        auto regex = Regex::compile(std::string_view(value).substr(2), {false, true});
        if (!regex) return Error{cat(header.name, ": ", regex.error().text)};
        alternative.regex = std::int32_t(regexes_.size() + regexes.size());
        regexes.push_back(std::move(regex.value()));
      }
      alternatives.push_back(std::move(alternative));
    }
    rule.alternatives.end = std::uint32_t(alternatives_.size() + alternatives.size());
    rules.push_back(rule);
  }
  Span out{std::uint32_t(rules_.size()), std::uint32_t(rules_.size() + rules.size())};
  rules_.insert(rules_.end(), rules.begin(), rules.end());
  for (auto& alternative : alternatives) alternatives_.push_back(std::move(alternative));
  for (auto& regex : regexes) regexes_.push_back(std::move(regex));
  return out;
}

void HeaderMatcher::gather(const Query& query) {
  gathered_ = true;
  fields_.clear();
  if (query.each_header == nullptr) return;
  const auto visit = [](void* self, Header header) {
    auto& matcher = *static_cast<HeaderMatcher*>(self);
    const auto name = matcher.names_.find(header.name);
    if (name != FoldMap::k_absent) matcher.fields_.push_back({name, header.value});
  };
  query.each_header(query.context, visit, this);
}

RegexOutcome HeaderMatcher::check_value(const Alternative& alternative,
                                        std::string_view value) const {
  if (alternative.regex < 0)
    return iequals(alternative.literal, value) ? RegexOutcome::yes : RegexOutcome::no;
  std::size_t end = 0;
  return regexes_[std::size_t(alternative.regex)].match(value, end);
}

RegexOutcome HeaderMatcher::check_rule(const Rule& rule) const {
  auto best = RegexOutcome::no;
  for (const Field& field : fields_) {
    if (field.name != rule.name) continue;
    for (auto i = rule.alternatives.begin; i < rule.alternatives.end; ++i) {
      const auto outcome = check_value(alternatives_[i], field.value);
      if (outcome == RegexOutcome::yes) return outcome;
      if (outcome == RegexOutcome::gave_up) best = outcome;
    }
  }
  return best;
}

RegexOutcome HeaderMatcher::check(Span rules, const Query& query) {
  if (!gathered_) gather(query);
  auto all = RegexOutcome::yes;
  for (auto i = rules.begin; i < rules.end; ++i) {
    const auto outcome = check_rule(rules_[i]);
    if (outcome == RegexOutcome::no) return outcome;
    if (outcome == RegexOutcome::gave_up) all = outcome;
  }
  return all;
}

}  // namespace gw::routing
