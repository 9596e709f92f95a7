// Takes secrets out of a text before the text is cut.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace gonogo {

// Where a text may have been cut before it was cleaned, by the bound of what is read or by a
// library: a secret may lie across that place.
struct Torn {
  bool begin = false;
  bool end = false;
  bool dots = false;    // at each "..." in it
  bool quotes = false;  // at each double quote in it
};
constexpr Torn torn_at_both_ends{.begin = true, .end = true};

// Cleans the beginning of `text` of which `most` bytes will be shown, and at least all of it if it
// is not longer.
using CleanText = std::function<std::string(std::string_view text, std::size_t most, Torn torn)>;

// While one lives, in_quotes() and on_one_line() clean every text before they cut it, on every
// thread. Redaction has to come first: the cut leaves only the beginning of a secret, which nobody
// recognises. The latest one counts; `clean` has to be safe to call on any thread, and makes no
// message itself.
class TextCleaner {
 public:
  explicit TextCleaner(CleanText clean);
  ~TextCleaner();
  TextCleaner(const TextCleaner&) = delete;
  TextCleaner& operator=(const TextCleaner&) = delete;

 private:
  CleanText clean_;
};

// `text` without secrets, and without what torn places show of them.
std::string cleaned(std::string_view text, Torn torn);

// The beginning of `text` that is enough to show `most` bytes of it, cleaned.
std::string cleaned_beginning(std::string_view text, std::size_t most);

// As on_one_line(), but not cleaned: for texts that are compared, not shown.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace gonogo
