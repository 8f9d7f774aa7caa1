// SPDX-License-Identifier: Apache-2.0
// Configuration: where what is served comes from, the last one that was accepted, and reading it
// again. The same for a supervisor and for a process that is its own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/snapshot.hpp"

namespace gw::server {

class Gateway;

// Read and checked, plugins not included.
struct Candidate {
  config::Source source;
  std::shared_ptr<const config::Snapshot> snapshot;
};

class Configuration {
 public:
  // `path`: the file, read again for reloads; empty or `-`: there is none to be read again, and a
  // reload makes anew what was given.
  Configuration(Candidate first, std::string path)
      : accepted_(std::move(first)), path_(std::move(path)) {}

  const config::Source& source() const { return accepted_.source; }
  const config::Snapshot& snapshot() const { return *accepted_.snapshot; }
  const std::shared_ptr<const config::Snapshot>& shared_snapshot() const {
    return accepted_.snapshot;
  }
  const config::Settings& settings() const { return accepted_.snapshot->settings; }

  // Reads and checks the file again, with the flags of the start. Logs what is wrong, and which
  // settings have changed that take effect at a start only.
  std::optional<Candidate> read_again() const;
  void accept(Candidate next) { accepted_ = std::move(next); }

 private:
  Candidate accepted_;
  std::string path_;
};

// Lets the gateway prepare it. `log_warnings`: workers all see the same ones, so one of them tells.
// Null: refused, and `why` holds the faults, rendered.
std::shared_ptr<const config::Snapshot> prepare(Gateway& gateway, std::uint64_t generation,
                                                config::Source source, bool log_warnings,
                                                std::string& why);
// The same for what is loaded already.
bool prepare(Gateway& gateway, std::uint64_t generation, const Candidate& candidate,
             std::string& why);

}  // namespace gw::server
