// Keeps secrets out of everything that leaves this process.
#pragma once

#include <bitset>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/core/text_cleaner.h"

namespace gonogo {

// Knows secrets and hides them. May be used by several threads at once.
class Redactor {
 public:
  Redactor() = default;
  Redactor(const Redactor& other);
  Redactor& operator=(const Redactor& other);

  // Hides `secret` from now on, also in base64 and as the usual encoders escape it
  // (escaped_forms.h), and each of its lines. If it is a URL, its password is hidden too.
  void hide(std::string_view secret);
  // Hides the password, also in the base64 of "user:password".
  void hide_credentials(std::string_view user, std::string_view password);
  void hide_all_of(const Redactor& other);

  // `text` with every hidden value replaced by "[secret]". What is left of a value at a torn end
  // is replaced too, if it is longer than three bytes.
  std::string clean(std::string_view text, Torn torn = {}) const;

  // Cleans so much of `text` that a value which begins within the first `most` bytes is recognised,
  // however long it is.
  std::string clean_beginning(std::string_view text, std::size_t most, Torn torn = {}) const;

  bool is_empty() const;

 private:
  class Marks;
  using Forms = std::vector<std::string>;

  void add(std::string form);
  void add_lines(std::string_view secret);
  void add_base64(std::string_view secret);
  std::string clean_unlocked(std::string_view text, Torn torn) const;
  const Forms* forms_at(std::string_view text) const;
  std::size_t known_prefix(std::string_view text) const;
  std::size_t known_suffix(std::string_view text) const;

  mutable std::shared_mutex guard_;
  // By the first four bytes, so that a text is read once whatever is hidden; and whether one begins
  // with these two, because most bytes of a text begin none.
  std::unordered_map<std::uint32_t, Forms> forms_;
  std::bitset<65536> starts_;
  std::size_t longest_ = 0;
};

}  // namespace gonogo
