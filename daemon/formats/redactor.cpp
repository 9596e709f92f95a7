#include "daemon/formats/redactor.h"

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

// Hiding a shorter text would hide ordinary words; the configuration refuses such secrets.
constexpr std::size_t shortest_secret = 4;

// The password of "scheme://user:password@host", empty when there is none.
std::string_view password_in_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = url.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view user = authority.substr(0, at);
  const std::size_t colon = user.find(':');
  return colon == std::string_view::npos ? std::string_view{} : user.substr(colon + 1);
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void Redactor::add(std::string form) {
  if (form.size() >= shortest_secret) hidden_.insert(std::move(form));
}

void Redactor::hide(std::string_view secret) {
  if (secret.size() < shortest_secret) return;
  add(std::string(secret));
  add(std::string(trimmed(secret)));
  add(base64(secret));
  add(percent_encoded(secret));
  add(json_escaped(secret));
  add(on_one_line(secret, secret.size() * 4));
  if (const std::string_view password = password_in_url(secret); !password.empty()) {
    add(std::string(password));
    add(percent_decoded(password));
  }
}

void Redactor::hide_credentials(std::string_view user, std::string_view password) {
  hide(password);
  add(base64(std::string(user) + ":" + std::string(password)));
}

void Redactor::hide_all_of(const Redactor& other) {
  hidden_.insert(other.hidden_.begin(), other.hidden_.end());
}

std::string Redactor::clean(std::string text) const {
  for (const std::string& secret : hidden_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "[secret]");
      at += 8;
    }
  }
  return text;
}

}  // namespace gonogo
