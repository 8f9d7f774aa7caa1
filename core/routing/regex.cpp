// SPDX-License-Identifier: Apache-2.0
#include "routing/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8  // asked for by pcre2.h
#include <pcre2.h>
#include <re2/re2.h>

#include <vector>

#include "base/text.hpp"
#include "routing/regex_syntax.hpp"

namespace gw::routing {

namespace {

constexpr std::size_t k_most_memory = 1 << 20;
constexpr std::uint32_t k_most_steps = 50'000;  // of PCRE2: about a millisecond
constexpr std::uint32_t k_most_depth = 5'000;
constexpr std::uint32_t k_most_heap = 4'096;  // KiB

class Re2Engine final : public RegexEngine {
 public:
  Re2Engine(const std::string& pattern, RegexOptions options)
      : re_(pattern, to_re2(options)),
        anchor_(options.anchored ? RE2::ANCHOR_START : RE2::UNANCHORED) {
    if (!re_.ok()) return;
    groups = std::uint32_t(re_.NumberOfCapturingGroups()) + 1;
    names_.resize(groups);
    for (const auto& [index, name] : re_.CapturingGroupNames()) names_[std::size_t(index)] = name;
  }

  bool ok() const { return re_.ok(); }
  bool too_large() const { return re_.error_code() == RE2::ErrorPatternTooLarge; }

  RegexOutcome match(std::string_view text, std::size_t& end) const override {
    re2::StringPiece whole;
    if (!re_.Match({text.data(), text.size()}, 0, text.size(), anchor_, &whole, 1))
      return RegexOutcome::no;
    end = std::size_t(whole.data() - text.data()) + whole.size();
    return RegexOutcome::yes;
  }

  RegexOutcome capture(std::string_view text, Capture* out) const override {
    re2::StringPiece found[Regex::k_most_groups];
    if (!re_.Match({text.data(), text.size()}, 0, text.size(), anchor_, found, int(groups)))
      return RegexOutcome::no;
    for (std::uint32_t i = 0; i < groups; ++i)
      out[i] = {names_[i], {found[i].data(), found[i].size()}};
    return RegexOutcome::yes;
  }

  bool linear() const override { return true; }

 private:
  static RE2::Options to_re2(RegexOptions options) {
    RE2::Options out;
    out.set_encoding(RE2::Options::EncodingLatin1);
    out.set_log_errors(false);
    out.set_max_mem(std::int64_t(k_most_memory));
    out.set_case_sensitive(!options.ignore_case);
    return out;
  }

  RE2 re_;
  RE2::Anchor anchor_;
  std::vector<std::string> names_;
};

struct PcreFree {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};

class PcreEngine final : public RegexEngine {
 public:
  static Result<std::unique_ptr<RegexEngine>> make(std::string_view pattern, RegexOptions options) {
    std::uint32_t flags = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    if (options.anchored) flags |= PCRE2_ANCHORED;
    if (options.ignore_case) flags |= PCRE2_CASELESS;
    int error = 0;
    PCRE2_SIZE at = 0;
    std::unique_ptr<pcre2_code, PcreFree> code(pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), flags, &error, &at, nullptr));
    if (!code) {
      PCRE2_UCHAR text[160] = {};
      pcre2_get_error_message(error, text, sizeof text);
      return Error{cat(reinterpret_cast<const char*>(text), " at byte ", at)};
    }
    std::size_t size = 0;
    pcre2_pattern_info(code.get(), PCRE2_INFO_SIZE, &size);
    if (size > k_most_memory) return Error{"it needs more than 1 MiB when compiled"};
    return std::unique_ptr<RegexEngine>(new PcreEngine(std::move(code)));
  }

  RegexOutcome match(std::string_view text, std::size_t& end) const override {
    const auto outcome = run(text);
    if (outcome == RegexOutcome::yes) end = pcre2_get_ovector_pointer(data_.get())[1];
    return outcome;
  }

  RegexOutcome capture(std::string_view text, Capture* out) const override {
    const auto outcome = run(text);
    if (outcome != RegexOutcome::yes) return outcome;
    const PCRE2_SIZE* place = pcre2_get_ovector_pointer(data_.get());
    for (std::uint32_t i = 0; i < groups; ++i, place += 2) {
      out[i] = {names_[i], {}};
      if (place[0] != PCRE2_UNSET) out[i].value = text.substr(place[0], place[1] - place[0]);
    }
    return outcome;
  }

  bool linear() const override { return false; }

 private:
  explicit PcreEngine(std::unique_ptr<pcre2_code, PcreFree> code)
      : code_(std::move(code)),
        data_(pcre2_match_data_create_from_pattern(code_.get(), nullptr)),
        context_(pcre2_match_context_create(nullptr)) {
    check(data_ != nullptr && context_ != nullptr);
    pcre2_set_match_limit(context_.get(), k_most_steps);
    pcre2_set_depth_limit(context_.get(), k_most_depth);
    pcre2_set_heap_limit(context_.get(), k_most_heap);
    pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &groups);
    names_.resize(++groups);
    read_names();
  }

  // PCRE2's table: entries of one size, each a big-endian group number, then the name and NUL.
  void read_names() {
    std::uint32_t count = 0;
    std::uint32_t entry_size = 0;
    PCRE2_SPTR entry = nullptr;
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMETABLE, &entry);
    for (; count > 0; --count, entry += entry_size)
      names_[std::size_t(entry[0] << 8 | entry[1])] = reinterpret_cast<const char*>(entry + 2);
  }

  RegexOutcome run(std::string_view text) const {
    const int found = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(), 0, PCRE2_NO_JIT, data_.get(), context_.get());
    if (found == PCRE2_ERROR_NOMATCH) return RegexOutcome::no;
    if (found < 0) return RegexOutcome::gave_up;
    // \K in a look-ahead can put the start behind the end.
    const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data_.get());
    return places[0] <= places[1] ? RegexOutcome::yes : RegexOutcome::no;
  }

  std::unique_ptr<pcre2_code, PcreFree> code_;
  std::unique_ptr<pcre2_match_data, PcreFree> data_;
  std::unique_ptr<pcre2_match_context, PcreFree> context_;
  std::vector<std::string> names_;
};

Result<std::unique_ptr<RegexEngine>> make_engine(std::string_view pattern, RegexOptions options) {
  auto re2 = std::make_unique<Re2Engine>(name_groups(pattern), options);
  if (re2->ok()) return std::unique_ptr<RegexEngine>(std::move(re2));
  if (re2->too_large()) return Error{"it needs more than 1 MiB when compiled"};
  return PcreEngine::make(pattern, options);
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern, RegexOptions options) {
  auto engine = make_engine(pattern, options);
  if (!engine)
    return Error{cat("\"", pattern, "\" is no usable regular expression: ", engine.error().text)};
  if ((*engine)->groups > k_most_groups)
    return Error{cat("\"", pattern, "\" has ", (*engine)->groups - 1,
                     " groups; a regular expression may have ", k_most_groups - 1)};
  return Regex(std::move(engine.value()));
}

}  // namespace gw::routing
