#include "daemon/formats/embedded_secrets.h"

#include <algorithm>
#include <array>

#include "daemon/formats/url.h"

namespace gonogo {
namespace {

constexpr std::size_t most_secrets = 32;

// Without "-", "_", "." and spaces, in lower case.
constexpr std::array<std::string_view, 26> secret_keys{"password",
                                                       "passwd",
                                                       "pwd",
                                                       "pass",
                                                       "passphrase",
                                                       "sslpassword",
                                                       "secret",
                                                       "clientsecret",
                                                       "secretkey",
                                                       "secretaccesskey",
                                                       "token",
                                                       "accesstoken",
                                                       "authtoken",
                                                       "refreshtoken",
                                                       "apitoken",
                                                       "bearertoken",
                                                       "sessiontoken",
                                                       "apikey",
                                                       "appkey",
                                                       "accesskey",
                                                       "accountkey",
                                                       "sharedaccesskey",
                                                       "sharedaccesssignature",
                                                       "privatekey",
                                                       "signature",
                                                       "sig"};

constexpr std::array<std::string_view, 5> user_keys{"user", "username", "uid", "userid", "login"};

// Hiding these would hide what every message says.
constexpr std::array<std::string_view, 6> plain_words{"true", "false", "null",
                                                      "none", "True",  "False"};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Search {
 public:
  explicit Search(std::string_view text) : text_(text) {}

  std::vector<EmbeddedSecret> all() {
    for (std::size_t at = text_.find("://"); at != std::string_view::npos;
         at = text_.find("://", at + 3))
      take_authority(at + 3);
    for (const std::string_view host : {"@tcp(", "@unix("}) {
      if (const std::size_t at = text_.find(host); at != std::string_view::npos)
        take_user(text_.substr(0, at));
    }
    const auto for_each_key = [this](const auto& keys, const auto& take) {
      for (std::size_t at = text_.find('='); at != std::string_view::npos;
           at = text_.find('=', at + 1)) {
        if (std::find(keys.begin(), keys.end(), key_before(at)) != keys.end()) take(at + 1);
      }
    };
    for_each_key(user_keys, [this](std::size_t at) {
      const std::string_view rest = text_.substr(at);
      add_user(percent_decoded(rest.substr(0, rest.find_first_of(";&# \t\r\n"))));
    });
    for_each_key(secret_keys, [this](std::size_t at) { take_value(at); });
    return std::move(found_);
  }

 private:
  void take_authority(std::size_t begin) {
    const std::string_view rest = text_.substr(begin);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
      take_user(authority.substr(0, at));
      return;
    }
    // A slash in it should be encoded: programs complain of such an address, and show it.
    const std::size_t colon = authority.find(':');
    const bool is_port =
        colon == std::string_view::npos ||
        authority.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    const std::size_t later = rest.substr(0, rest.find_first_of(" \t\r\n")).find('@');
    if (!is_port && later != std::string_view::npos) take_user(rest.substr(0, later));
  }

  // "user:password"
  void take_user(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      add_user(percent_decoded(text));
      return;
    }
    const std::string user(text.substr(0, colon));
    const std::string password(text.substr(colon + 1));
    add({user, password, true});
    add({percent_decoded(user), percent_decoded(password), true});
  }

  // The word before the "=" at this place.
  std::string key_before(std::size_t at) const {
    while (at > 0 && is_blank(text_[at - 1])) --at;  // libpq allows for blanks
    std::string key;
    constexpr std::size_t longest_key = 32;
    while (at > 0 && key.size() < longest_key) {
      const char c = text_[--at];
      if (is_letter_or_digit(c)) {
        key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      } else if (c != '-' && c != '_' && c != '.') {
        break;
      }
    }
    std::reverse(key.begin(), key.end());
    return key;
  }

  void take_value(std::size_t begin) {
    while (begin < text_.size() && is_blank(text_[begin])) ++begin;
    const std::string_view rest = text_.substr(begin);
    if (rest.starts_with('\'') || rest.starts_with('"') || rest.starts_with('{')) take_quoted(rest);
    take_bare(rest);
  }

  // As libpq (a backslash before a quote), ADO.NET (the quote twice) and ODBC (in braces) have it.
  void take_quoted(std::string_view rest) {
    const char quote = rest[0] == '{' ? '}' : rest[0];
    std::string value;
    std::size_t at = 1;
    for (; at < rest.size(); ++at) {
      if (rest[at] == quote) {
        if (at + 1 >= rest.size() || rest[at + 1] != quote) break;
        ++at;
      } else if (rest[at] == '\\' && quote != '}' && at + 1 < rest.size()) {
        // Where no backslash is meant, what is written is hidden as well.
        ++at;
      }
      value += rest[at];
    }
    add_value(rest.substr(1, at - 1));
    add_value(value);
  }

  // Up to where it ends in a URL, in a list with semicolons, and in one with blanks.
  void take_bare(std::string_view rest) {
    for (const std::string_view ends : {"&# \t\r\n", ";&# \t\r\n", ";\r\n"}) {
      const std::string_view value = rest.substr(0, rest.find_first_of(ends));
      add_value(value);
      add_value(percent_decoded(value));
      std::string of_form(value);
      std::replace(of_form.begin(), of_form.end(), '+', ' ');
      add_value(percent_decoded(of_form));
    }
    std::string unescaped;
    std::size_t at = 0;
    for (; at < rest.size() && !is_blank(rest[at]); ++at) {
      if (rest[at] == '\\' && at + 1 < rest.size()) ++at;  // libpq
      unescaped += rest[at];
    }
    add_value(rest.substr(0, at));
    add_value(unescaped);
  }

  void add_user(std::string user) {
    constexpr std::size_t most_users = 2;
    if (!user.empty() && users_.size() < most_users) users_.push_back(std::move(user));
  }

  void add_value(std::string_view value) {
    add({{}, std::string(value), false});
    for (const std::string& user : users_) add({user, std::string(value), true});
  }

  void add(EmbeddedSecret secret) {
    if (secret.text.empty() || secret.text == text_ || found_.size() >= most_secrets) return;
    if (std::find(plain_words.begin(), plain_words.end(), secret.text) != plain_words.end()) return;
    const auto is_same = [&secret](const EmbeddedSecret& other) {
      return other.text == secret.text && other.user == secret.user &&
             other.has_user == secret.has_user;
    };
    if (std::none_of(found_.begin(), found_.end(), is_same)) found_.push_back(std::move(secret));
  }

  std::string_view text_;
  std::vector<std::string> users_;  // to whom the values of keys may belong
  std::vector<EmbeddedSecret> found_;
};

}  // namespace

std::vector<EmbeddedSecret> embedded_secrets(std::string_view secret) {
  return Search(secret).all();
}

}  // namespace gonogo
