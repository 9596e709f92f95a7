#include "daemon/formats/dns_message.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstring>

#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr int caa_type = 257;

struct Type {
  std::string_view name;
  int number;
};
constexpr std::array<Type, 10> types{{{"A", ns_t_a},
                                      {"AAAA", ns_t_aaaa},
                                      {"CNAME", ns_t_cname},
                                      {"MX", ns_t_mx},
                                      {"TXT", ns_t_txt},
                                      {"NS", ns_t_ns},
                                      {"SOA", ns_t_soa},
                                      {"SRV", ns_t_srv},
                                      {"PTR", ns_t_ptr},
                                      {"CAA", caa_type}}};

constexpr std::array<const char*, 6> rcodes{"NOERROR",  "FORMERR", "SERVFAIL",
                                            "NXDOMAIN", "NOTIMP",  "REFUSED"};

std::string plain_name(std::string name) {
  name = lower_case(name);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

// Reads the data of one record; every step checks that it stays inside.
class Data {
 public:
  Data(const ns_msg& message, const ns_rr& record)
      : begin_(ns_msg_base(message)),
        end_(ns_msg_end(message)),
        at_(ns_rr_rdata(record)),
        until_(at_ + ns_rr_rdlen(record)) {}

  bool is_broken() const { return is_broken_; }
  bool is_at_end() const { return at_ >= until_; }

  unsigned long number(int bytes) {
    if (until_ - at_ < bytes) return broken();
    unsigned long value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | *at_++;
    return value;
  }
  std::string name() {
    std::array<char, NS_MAXDNAME> text{};
    const int size = ::dn_expand(begin_, end_, at_, text.data(), text.size());
    if (size < 0 || at_ + size > until_) {
      broken();
      return {};
    }
    at_ += size;
    return plain_name(text.data());
  }
  std::string bytes(std::size_t size) {
    if (static_cast<std::size_t>(until_ - at_) < size) {
      broken();
      return {};
    }
    std::string text(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return text;
  }
  std::string rest() { return bytes(static_cast<std::size_t>(until_ - at_)); }
  std::string counted_text() { return bytes(number(1)); }

 private:
  unsigned long broken() {
    is_broken_ = true;
    at_ = until_;
    return 0;
  }
  const unsigned char* begin_;
  const unsigned char* end_;
  const unsigned char* at_;
  const unsigned char* until_;
  bool is_broken_ = false;
};

std::string address_text(Data& data, std::size_t size) {
  const std::string bytes = data.bytes(size);
  if (data.is_broken()) return {};
  if (size == 4) {
    asio::ip::address_v4::bytes_type raw;
    std::memcpy(raw.data(), bytes.data(), raw.size());
    return asio::ip::address_v4(raw).to_string();
  }
  asio::ip::address_v6::bytes_type raw;
  std::memcpy(raw.data(), bytes.data(), raw.size());
  return asio::ip::address_v6(raw).to_string();
}

std::string text_of(const ns_msg& message, const ns_rr& record, bool& is_broken) {
  Data data(message, record);
  const auto number = [&data](int bytes) { return std::to_string(data.number(bytes)); };
  std::string text;
  switch (static_cast<int>(ns_rr_type(record))) {
    case ns_t_a: text = address_text(data, 4); break;
    case ns_t_aaaa: text = address_text(data, 16); break;
    case ns_t_cname:
    case ns_t_ns:
    case ns_t_ptr: text = data.name(); break;
    case ns_t_mx:
      text = number(2);
      text += " " + data.name();
      break;
    case ns_t_srv:
      for (int i = 0; i < 3; ++i) text += number(2) + " ";
      text += data.name();
      break;
    case ns_t_soa:
      text = data.name();
      text += " " + data.name();
      for (int i = 0; i < 5; ++i) text += " " + number(4);
      break;
    case ns_t_txt:
      while (!data.is_at_end()) text += data.counted_text();
      break;
    case caa_type:
      text = number(1);
      text += " " + data.counted_text();
      text += " " + data.rest();
      break;
    default: break;
  }
  is_broken = is_broken || data.is_broken();
  return text;
}

}  // namespace

std::optional<int> dns_type(std::string_view name) {
  for (const Type& type : types) {
    if (type.name == name) return type.number;
  }
  return std::nullopt;
}

std::optional<std::string> reverse_name(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return std::nullopt;
  std::string name;
  if (parsed.is_v4()) {
    for (const unsigned char byte : parsed.to_v4().to_bytes())
      name.insert(0, std::to_string(byte).append(name.empty() ? "" : "."));
    return name + ".in-addr.arpa";
  }
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : parsed.to_v6().to_bytes())
    name.insert(0, std::string{digits[byte & 15U], '.', digits[byte >> 4U], '.'});
  return name + "ip6.arpa";
}

std::optional<DnsAnswer> parse_dns_message(std::string_view message) {
  ns_msg handle;
  if (::ns_initparse(reinterpret_cast<const unsigned char*>(message.data()),
                     static_cast<int>(message.size()), &handle) != 0)
    return std::nullopt;
  DnsAnswer answer;
  const auto code = static_cast<std::size_t>(ns_msg_getflag(handle, ns_f_rcode));
  answer.rcode = code < rcodes.size() ? rcodes.at(code) : "RCODE" + std::to_string(code);
  answer.is_authoritative = ns_msg_getflag(handle, ns_f_aa) != 0;
  answer.is_truncated = ns_msg_getflag(handle, ns_f_tc) != 0;
  for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
    ns_rr record;
    if (::ns_parserr(&handle, ns_s_an, i, &record) != 0) return std::nullopt;
    bool is_broken = false;
    DnsRecord read;
    read.name = plain_name(ns_rr_name(record));
    read.type = ns_rr_type(record);
    read.ttl = ns_rr_ttl(record);
    read.text = text_of(handle, record, is_broken);
    if (is_broken) return std::nullopt;
    answer.records.push_back(std::move(read));
  }
  return answer;
}

}  // namespace gonogo
