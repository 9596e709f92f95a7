#include "daemon/formats/key_types.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <cmath>

#include "daemon/core/text.h"
#include "daemon/formats/postgres_target.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

bool is_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{"true", "false", "1", "0", "yes", "no",
                                                   "on",   "off",   "t", "f", "y",   "n"};
  const std::string word = lower_case(text);
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() < 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_network(const std::string& text) {
  boost::system::error_code error;
  asio::ip::make_network_v4(text, error);
  if (!error) return true;
  asio::ip::make_network_v6(text, error);
  return !error;
}

bool is_address(const std::string& text) {
  boost::system::error_code error;
  asio::ip::make_address(text, error);
  return !error;
}

bool is_email(std::string_view text) {
  static const RE2 form(R"([^@\s<>"]+@([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})");
  return RE2::FullMatch(text, form);
}

bool is_url(const std::string& text, bool wants_https) {
  // The application replaces what is in braces ({CHECKOUT_SESSION_ID}).
  std::string filled = text;
  for (char& c : filled) c = c == '{' || c == '}' ? '_' : c;
  const auto url = parse_url(filled);
  return url && (url->is_tls || !wants_https);
}

bool is_local_url(const std::string& text) {
  std::string filled = text;
  for (char& c : filled) c = c == '{' || c == '}' ? '_' : c;
  const auto url = parse_url(filled);
  if (!url) return false;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(url->target.host, error);
  return url->target.host == "localhost" || (!error && address.is_loopback());
}

bool is_origin(const std::string& text) {
  const auto url = parse_url(text);
  return url && url->is_tls && url->path == "/" && !text.ends_with('/') &&
         text.find('*') == std::string::npos && url->user.empty();
}

const std::array<KeyType, 12>& types() {
  static const std::array<KeyType, 12> all{
      {{"boolean", [](const std::string& t) { return is_boolean(t); }, "true or false"},
       {"integer", [](const std::string& t) { return is_integer(t); }, "a whole number"},
       {"number", [](const std::string& t) { return number_in(t).has_value(); }, "a number"},
       {"port",
        [](const std::string& t) {
          return is_integer(t) && *number_in(t) >= 1 && *number_in(t) <= 65535;
        },
        "a port from 1 to 65535"},
       {"url", [](const std::string& t) { return is_url(t, false); }, "an http or https URL"},
       {"https_url", [](const std::string& t) { return is_url(t, true) && !is_local_url(t); },
        "an https URL of another host than this"},
       {"origin", is_origin, "an https origin without a path or *"},
       {"email", [](const std::string& t) { return is_email(t); }, "an e-mail address"},
       {"address", is_address, "an IP address"},
       {"network", is_network, "a network such as 10.0.0.0/8"},
       {"address_or_network", [](const std::string& t) { return is_address(t) || is_network(t); },
        "an IP address or a network"},
       {"postgres_url",
        [](const std::string& t) {
          std::string problem;
          const bool has_scheme = t.starts_with("postgresql://") || t.starts_with("postgresql+") ||
                                  t.starts_with("postgres://");
          return has_scheme && parse_postgres_target(t, problem).has_value();
        },
        "a postgresql:// URL"}}};
  return all;
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

const KeyType* find_key_type(std::string_view name) {
  for (const KeyType& type : types()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

std::vector<std::string_view> names_of_key_types() {
  std::vector<std::string_view> names;
  for (const KeyType& type : types()) names.push_back(type.name);
  return names;
}

}  // namespace gonogo
