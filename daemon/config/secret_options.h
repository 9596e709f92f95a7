// Options into which secrets are filled, and probes that are made of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/secrets.h"
#include "daemon/core/probe.h"

namespace gonogo {

struct Resources;

// The names of the secrets in `options` and below, each once.
std::vector<std::string> secrets_in(const Node& options);

// Reads the options of a section.
using ProbeMaking = std::function<std::shared_ptr<Probe>(Settings& section, Resources& resources)>;

// What `make` makes of the section at `key` of `parent`. Where secrets from outside are filled into
// it, this is a probe that is made anew when they change, and that fails with reason `secret` while
// one of them lacks or does not fit. What the world lacks is moved from the reading's lacks to
// `lacks`.
std::shared_ptr<Probe> make_with_secrets(Settings& parent, const std::string& key,
                                         const ProbeMaking& make, Resources& resources,
                                         std::vector<Lack>& lacks);

}  // namespace gonogo
