// Whether the people a check asks for have signed it off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/check.h"
#include "daemon/core/signoff.h"

namespace gonogo {

struct SignoffRuling {
  std::vector<const Signoff*> counting;
  std::size_t people = 0;          // different ones among those that count
  std::optional<WallTime> until;   // the first end of one that counts
  std::optional<WallTime> lapsed;  // the last end of one that counts no more
  std::string other_release;       // of one that was given for another release
};

// `given`: the sign-offs of the check. `release`: the one in force, empty when none is announced.
SignoffRuling rule_on(const SignoffRule& rule, const std::vector<const Signoff*>& given,
                      const std::string& release, WallTime now);

// What is missing, for a check that is not signed off by enough people.
std::string words_for_missing(const SignoffRule& rule, const SignoffRuling& ruling,
                              const std::string& release);

}  // namespace gonogo
