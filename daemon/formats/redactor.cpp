#include "daemon/formats/redactor.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

// A shorter text would blank out ordinary words; the configuration refuses such secrets.
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

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
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

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8) | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    out += digits[(bits >> 18) & 63];
    out += digits[(bits >> 12) & 63];
    out += group.size() > 1 ? digits[(bits >> 6) & 63] : '=';
    out += group.size() > 2 ? digits[bits & 63] : '=';
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      std::array<char, 4> code{};
      std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace gonogo
