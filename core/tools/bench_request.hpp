// SPDX-License-Identifier: Apache-2.0
// One request through the phases of a chain, as the exchange would lead it, but without peers: the
// upstream answers 200 at once.
#pragma once

#include <string>
#include <string_view>

#include "net/loop.hpp"
#include "plugin/chain.hpp"
#include "tools/bench.hpp"

namespace gw::tools {

class BenchRequest final : public plugin::Resumable {
 public:
  // REQUIRES: each header of `wanted` has a name and a colon.
  BenchRequest(net::Loop& loop, const Bench& wanted);

  // Once. wait: a plugin waits for something; fail and the like: as of phases.
  plugin::Outcome run(plugin::Generation& generation);
  // What it came to: "went upstream", "was answered with 401".
  std::string summary() const;

  void resume() override {}
  void resume_body(plugin::Phase) override {}
  std::string_view server_ip() override { return "192.0.2.1"; }
  std::uint64_t elapsed_ns() override { return 1; }

 private:
  struct Header {
    http::HeaderId id;
    std::string name, value;
  };
  void begin(plugin::Generation& generation);
  plugin::Outcome go_upstream();
  plugin::Outcome answer();
  plugin::Outcome pass_body(plugin::BodyFlow* flow, std::string_view bytes);

  const Bench& wanted_;
  std::string path_, query_;
  std::vector<Header> headers_;
  std::string bodies_[2];
  Arena arena_;
  http::RequestHead request_;
  http::ResponseHead response_;
  plugin::Request seen_;
  std::uint64_t runs_ = 0;
  int status_ = 0;
  bool went_upstream_ = false;
};

}  // namespace gw::tools
