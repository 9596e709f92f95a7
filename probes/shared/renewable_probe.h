// A probe whose options hold secrets from outside: it is made anew when they change.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/probe.h"
#include "daemon/formats/redactor.h"
#include "daemon/io/renewable.h"

namespace gonogo {

struct Resources;

// A probe with the secrets that were filled into its options.
struct MadeProbe {
  std::shared_ptr<Probe> probe;
  std::string lack;  // which secret is not there or does not fit; then nothing is run
  std::vector<std::string> values;
  Redactor redactor;  // hides them
  FileStamps stamps;  // as they were before the secrets were read
  std::vector<std::string> push_keys;
  std::vector<std::shared_ptr<Renewable>> parts;
};

// While a secret lacks, each run fails with reason `secret`. When the other side refuses the
// credentials of a run that writes nothing, the secrets are read again, and if they differ the run
// is tried once more.
class RenewableProbe : public Probe, public Renewable {
 public:
  // Reads the secrets and makes the probe. Blocks, owns what it touches: for the pool. Throws
  // IoError when this daemon could not read.
  using Maker = std::function<MadeProbe()>;

  RenewableProbe(MadeProbe first, Maker again, Resources& resources);

  boost::asio::awaitable<Finding> run(Attempt& attempt) override;
  std::string memory_key() const override;
  std::string note_name() const override;

  const FileStamps& stamps() const override { return made_.stamps; }
  std::function<Renewal()> reader() override;
  std::vector<std::shared_ptr<Renewable>> parts() const override { return made_.parts; }
  bool is_as(const Renewable& other) const override;

  const std::vector<std::string>& push_keys() const { return made_.push_keys; }

 private:
  boost::asio::awaitable<Finding> run_once(std::shared_ptr<Probe> probe, Attempt& attempt);
  boost::asio::awaitable<bool> read_again(const std::vector<std::string>& refused);
  // The redactor knows the new values before anything uses them. False: they are as before.
  bool take(MadeProbe made);

  MadeProbe made_;
  Maker again_;
  Resources& resources_;
};

}  // namespace gonogo
