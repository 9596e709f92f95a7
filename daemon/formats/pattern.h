// Regular expressions (RE2: linear time, bounded memory) read from the configuration.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/formats/settings.h"

namespace gonogo {

using Pattern = std::shared_ptr<const RE2>;

// With `of_bytes`, \xNN is a byte and not a character. Returns null and reports a problem at `key`
// when `text` is no RE2 expression.
inline Pattern compile_pattern(Settings& settings, std::string_view key, const std::string& text,
                               bool of_bytes = false) {
  RE2::Options options;
  if (of_bytes) options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  auto pattern = std::make_shared<const RE2>(text, options);
  if (pattern->ok()) return pattern;
  settings.complain_at(key, "is no RE2 expression: " + pattern->error() +
                                " (see github.com/google/re2/wiki/Syntax)");
  return nullptr;
}

inline std::vector<Pattern> read_patterns(Settings& settings, std::string_view key) {
  std::vector<Pattern> patterns;
  for (const std::string& text : settings.texts(key)) {
    if (Pattern pattern = compile_pattern(settings, key, text))
      patterns.push_back(std::move(pattern));
  }
  return patterns;
}

}  // namespace gonogo
