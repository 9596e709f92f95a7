// Keeps secrets out of everything that leaves this process.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gonogo {

class Redactor {
 public:
  // Hides `secret` from now on, also in the forms in which it travels: base64 (also as part of
  // "user:secret"), percent-encoded and JSON-escaped; of a URL its password too.
  void hide(std::string_view secret);
  void hide_credentials(std::string_view user, std::string_view password);
  void hide_all_of(const Redactor& other);

  // `text` with every hidden value replaced by "[secret]".
  std::string clean(std::string text) const;

  bool is_empty() const { return hidden_.empty(); }

 private:
  struct LongerFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  void add(std::string form);

  // The longest first: a secret that contains another is replaced whole.
  std::set<std::string, LongerFirst> hidden_;
};

// RFC 4648 base64 with padding.
std::string base64(std::string_view bytes);

// RFC 3986: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text);
std::string percent_decoded(std::string_view text);

}  // namespace gonogo
