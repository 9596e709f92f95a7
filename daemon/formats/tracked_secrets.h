// Text in the form of a secret, and what of it is known to be none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/pattern.h"

namespace gonogo {

class Settings;

// The forms of credentials that nobody tracks on purpose, as POSIX extended expressions: the
// richest kind that every build of git grep understands.
std::vector<std::string> usual_secrets();

class TrackedSecrets {
 public:
  // `forms` are POSIX extended expressions; `exceptions` are matched against the text.
  TrackedSecrets(const std::vector<std::string>& forms, std::vector<Pattern> exceptions);

  // Whether a secret is left in a line that git grep has found, once what is excepted is taken out
  // of it. Amazon's documentation keys always are. When in doubt, it is.
  bool is_in(std::string_view line) const;

 private:
  std::vector<Pattern> forms_;  // matched as bytes; null: no RE2 expression
  std::vector<Pattern> exceptions_;
};

// The files in what "git grep -z -H" has printed, of each line its file, in which a secret is left.
std::vector<std::string> files_with_secrets(std::string_view printed,
                                            const TrackedSecrets& secrets);

// Reads the exceptions at `key`; one that excepts every text is a problem.
std::vector<Pattern> read_secret_exceptions(Settings& settings, std::string_view key);

}  // namespace gonogo
