// The answer of a name server.
#include "daemon/formats/dns_message.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

bool is_same(const DnsRecord& one, const DnsRecord& other) {
  return one.name == other.name && one.type == other.type && one.ttl == other.ttl &&
         one.text == other.text;
}

bool is_lower_case(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

void fuzz(std::string_view input) {
  static_cast<void>(reverse_name(input));
  const auto answer = parse_dns_message(input);
  if (!answer) return;
  hold(!answer->rcode.empty(), "an answer has a code");
  hold(answer->records.size() <= input.size() / 11, "a record takes eleven bytes at least");
  for (const DnsRecord& record : answer->records) {
    hold(is_lower_case(record.name), "names are in lower case: " + record.name);
    hold(record.text.size() <= 65'536 + 1100, "a record is bounded");
  }
  // A message that was cut says nothing else than the whole.
  for (const std::size_t size : {input.size() - 1, input.size() / 2}) {
    const auto part = parse_dns_message(input.substr(0, size));
    if (!part) continue;
    hold(part->rcode == answer->rcode && part->is_truncated == answer->is_truncated,
         "the head of a cut message is the same");
    hold(std::equal(part->records.begin(), part->records.end(), answer->records.begin(),
                    answer->records.end(), is_same),
         "a cut message has all answers or none");
  }
}

}  // namespace gonogo
