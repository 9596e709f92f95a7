// The answer of a name server, read record by record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct DnsRecord {
  std::string name;  // lower case, without the last dot
  int type = 0;
  std::uint32_t ttl = 0;  // seconds
  // Written as in a zone file, with names in lower case without the last dot: "10 mail.example.org"
  // for an MX, "0 issue letsencrypt.org" for a CAA (RFC 8659). The strings of a TXT are joined.
  std::string text;
};

struct DnsAnswer {
  std::string rcode;  // "NOERROR", "NXDOMAIN", "SERVFAIL"
  bool is_authoritative = false;
  bool is_truncated = false;
  std::vector<DnsRecord> records;  // of the answer section
};

// The number of "A", "MX", ...; nothing for a type that is not read here.
std::optional<int> dns_type(std::string_view name);

// "1.0.0.127.in-addr.arpa" for "127.0.0.1"; nothing when `address` is no address.
std::optional<std::string> reverse_name(std::string_view address);

// Nothing when `message` is no DNS message (RFC 1035, 4.1).
std::optional<DnsAnswer> parse_dns_message(std::string_view message);

}  // namespace gonogo
