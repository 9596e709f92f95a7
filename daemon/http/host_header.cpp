#include "daemon/http/host_header.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035

// True when `text` is ":" and a port number, which is put into `port`; the number may be missing.
bool take_port(std::string_view text, std::optional<std::uint16_t>& port) {
  if (!text.starts_with(':')) return text.empty();
  text.remove_prefix(1);
  if (text.empty()) return true;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > 65535) return false;
  port = static_cast<std::uint16_t>(number);
  return true;
}

std::optional<RequestHost> parse_v6(std::string_view text) {
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  RequestHost host;
  boost::system::error_code error;
  const auto address = asio::ip::make_address_v6(std::string(text.substr(1, end - 1)), error);
  if (error || address.scope_id() != 0 || !take_port(text.substr(end + 1), host.port))
    return std::nullopt;
  host.name = address.to_string();
  host.is_address = true;
  return host;
}

}  // namespace

std::string host_name_in_lower_case(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const bool is_name = !name.empty() && name.size() <= longest_name &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                       });
  return is_name ? lower_case(name) : std::string();
}

std::optional<RequestHost> parse_host(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[')) return parse_v6(text);
  RequestHost host;
  const std::size_t colon = std::min(text.find(':'), text.size());
  if (!take_port(text.substr(colon), host.port)) return std::nullopt;
  host.name = host_name_in_lower_case(text.substr(0, colon));
  if (host.name.empty()) return std::nullopt;
  boost::system::error_code error;
  asio::ip::make_address_v4(host.name, error);
  host.is_address = !error;
  return host;
}

}  // namespace gonogo
