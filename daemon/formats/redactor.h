// Keeps secrets out of everything that leaves this process.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gonogo {

class Redactor {
 public:
  // Hides `secret` from now on, also in base64, percent-encoded and JSON-escaped. If it is a URL,
  // its password is hidden too.
  void hide(std::string_view secret);
  // Hides the password, also in the base64 of "user:password".
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

  // The longest comes first, so that a secret that contains another is replaced as a whole.
  std::set<std::string, LongerFirst> hidden_;
};

}  // namespace gonogo
