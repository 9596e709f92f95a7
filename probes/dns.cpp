#include "probes/dns.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/dns_message.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/conn.h"
#include "daemon/io/dns_channel.h"
#include "daemon/io/each_address.h"
#include "daemon/io/resolve.h"
#include "probes/resources.h"
#include "probes/shared/side_by_side.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct DnsSettings {
  std::string name;
  std::string type_name;
  int type = 0;
  std::vector<HostPort> servers;  // none: those that this daemon resolves names with
  bool by_tcp = false;
  std::string rcode;
  std::set<std::string> equals;
  std::vector<std::string> contains;
  std::vector<Pattern> matches;
  std::int64_t min_answers = 1;
  std::optional<std::int64_t> max_answers;
  std::optional<Duration> min_ttl;
  std::optional<Duration> max_ttl;
  bool authoritative = false;
  bool agree = false;             // all servers have to give the same answers
  bool same_serial = false;       // for an SOA: all servers have to have the same serial
  std::size_t least_servers = 0;  // how many have to answer as expected; 0: all
};

// One server's answer to the question.
struct Seen {
  std::set<std::string> answers;
  std::uint32_t least_ttl = 0;
  std::uint32_t most_ttl = 0;
  std::string objection;  // empty: the answer is as expected
  Reason reason = Reason::content;
};

std::string in_words(const std::set<std::string>& texts) {
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : ", ") + on_one_line(one, 80);
  return text.empty() ? "nothing" : on_one_line(text, 200);
}

std::string serial_of(const std::string& soa) {
  std::string_view rest = soa;
  for (int i = 0; i < 2; ++i) {
    const std::size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return {};
    rest.remove_prefix(blank + 1);
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

class DnsProbe : public Probe {
 public:
  DnsProbe(DnsSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    std::vector<Part<Seen>> parts;
    std::vector<std::string> names;
    for (const HostPort& server : settings_.servers) {
      names.push_back(to_text(server));
      parts.emplace_back([this, server](Attempt& part) { return ask(server, part); });
    }
    if (parts.empty()) {
      names.emplace_back("the system's servers");
      attempt.needed().name_server = true;
      parts.emplace_back([this](Attempt& part) { return ask(std::nullopt, part); });
    }
    attempt.enter(Stage::resolve);
    auto asking = side_by_side<Seen>(resources_, deadline_of_parts(attempt), std::move(parts));
    const std::vector<PartEnd<Seen>> ends = co_await std::move(asking);
    attempt.enter(Stage::judge);
    co_return judge(names, ends);
  }

 private:
  asio::awaitable<Seen> ask(std::optional<HostPort> server, Attempt& attempt) {
    std::string message;
    if (server) {
      auto finding = endpoints_of(*server, resources_, attempt);
      std::vector<Endpoint> endpoints = co_await std::move(finding);
      EachAddress<std::string> each(std::move(endpoints), [this](Endpoint endpoint, SteadyTime) {
        return reply_of({endpoint.text});
      });
      auto asking = first_answer(std::move(each), resources_, attempt);
      message = co_await std::move(asking);
    } else {
      auto asking = reply_of(resources_.resolver.servers());
      message = co_await std::move(asking);
    }
    const auto answer = parse_dns_message(message);
    if (!answer) {
      throw RunEnded(Finding::fail(Reason::protocol, "the answer is no DNS message"));
    }
    co_return judge_answer(*answer);
  }

  // What the first of these servers that answers says; the system's when there are none.
  asio::awaitable<std::string> reply_of(std::vector<std::string> servers) {
    DnsOptions options;
    options.as_it_is = true;
    options.by_tcp = settings_.by_tcp;
    options.servers = std::move(servers);
    DnsChannel channel(resources_.loop.get_executor(), options);
    auto asking = channel.reply_to(settings_.name, settings_.type);
    co_return co_await std::move(asking);
  }

  Seen judge_answer(const DnsAnswer& answer) const {
    Seen seen;
    bool is_first = true;
    for (const DnsRecord& record : answer.records) {
      // The answer may also hold the CNAME that leads to an A.
      if (record.type != settings_.type) continue;
      seen.answers.insert(record.text);
      seen.least_ttl = is_first ? record.ttl : std::min(seen.least_ttl, record.ttl);
      seen.most_ttl = std::max(seen.most_ttl, record.ttl);
      is_first = false;
    }
    seen.objection = objection_to(answer, seen);
    if (answer.rcode != settings_.rcode) seen.reason = Reason::dns;
    return seen;
  }

  std::string objection_to(const DnsAnswer& answer, const Seen& seen) const {
    if (answer.rcode != settings_.rcode)
      return "answers " + answer.rcode + ", wanted " + settings_.rcode;
    if (settings_.authoritative && !answer.is_authoritative)
      return "gives no authoritative answer, wanted one";
    const auto count = static_cast<std::int64_t>(seen.answers.size());
    const std::string all = in_words(seen.answers);
    if (!settings_.equals.empty() && seen.answers != settings_.equals)
      return "answers " + all + ", wanted " + in_words(settings_.equals);
    for (const std::string& wanted : settings_.contains) {
      if (seen.answers.find(wanted) == seen.answers.end())
        return "answers " + all + ", wanted " + in_quotes(wanted) + " among them";
    }
    for (const Pattern& pattern : settings_.matches) {
      const auto fits = [&pattern](const std::string& text) { return pattern->matches(text); };
      if (std::none_of(seen.answers.begin(), seen.answers.end(), fits))
        return "answers " + all + ", wanted a match of " + in_quotes(pattern->pattern());
    }
    if (settings_.rcode == "NOERROR" && count < settings_.min_answers)
      return "answers " + all + ", wanted at least " + counted(settings_.min_answers, "answer");
    if (settings_.max_answers && count > *settings_.max_answers)
      return "answers " + all + ", wanted at most " + counted(*settings_.max_answers, "answer");
    return ttl_objection(seen);
  }

  std::string ttl_objection(const Seen& seen) const {
    const Duration least = std::chrono::seconds{seen.least_ttl};
    const Duration most = std::chrono::seconds{seen.most_ttl};
    if (settings_.min_ttl && least < *settings_.min_ttl)
      return "answers with a TTL of " + to_words(least) + ", wanted at least " +
             to_words(*settings_.min_ttl);
    if (settings_.max_ttl && most > *settings_.max_ttl)
      return "answers with a TTL of " + to_words(most) + ", wanted at most " +
             to_words(*settings_.max_ttl);
    return {};
  }

  Finding judge(const std::vector<std::string>& names,
                const std::vector<PartEnd<Seen>>& ends) const {
    std::size_t good = 0;
    std::size_t not_asked = 0;  // because of this daemon
    std::string bad;
    Reason reason = Reason::content;
    std::set<std::string> answers;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const PartEnd<Seen>& end = ends[i];
      const std::string objection = end.answer ? end.answer->objection : end.failure.summary;
      if (objection.empty()) {
        ++good;
        answers.insert(end.answer->answers.begin(), end.answer->answers.end());
        continue;
      }
      if (!end.answer && end.failure.outcome == Outcome::unknown) ++not_asked;
      const Reason why = end.answer ? end.answer->reason : end.failure.reason;
      // A silent server is a failure of the name service, not a timeout of this run.
      if (bad.empty()) reason = why == Reason::timeout ? Reason::dns : why;
      bad += (bad.empty() ? "" : "; ") + names[i] + " " + objection;
    }
    const std::size_t wanted = settings_.least_servers == 0 ? ends.size() : settings_.least_servers;
    Finding finding =
        Finding::pass(settings_.type_name + " of " + settings_.name + ": " + in_words(answers));
    if (good < wanted && good + not_asked >= wanted) {
      finding = Finding::unknown(Reason::prober, on_one_line(bad, 400));
    } else if (good < wanted) {
      finding = Finding::fail(reason, on_one_line(bad, 400));
    } else if (const std::string objection = disagreement(names, ends); !objection.empty()) {
      finding = Finding::fail(Reason::content, on_one_line(objection, 400));
    } else if (!bad.empty()) {
      finding.note("failing", on_one_line(bad, 400));
    }
    finding.measure("servers_good", static_cast<double>(good), "count");
    finding.measure("answers", static_cast<double>(answers.size()), "count");
    for (const PartEnd<Seen>& end : ends) {
      if (!end.answer || end.answer->answers.empty()) continue;
      finding.measure("ttl", end.answer->least_ttl, "seconds");
      break;
    }
    return finding;
  }

  std::string disagreement(const std::vector<std::string>& names,
                           const std::vector<PartEnd<Seen>>& ends) const {
    const PartEnd<Seen>* first = nullptr;
    std::size_t first_index = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (!ends[i].answer || !ends[i].answer->objection.empty()) continue;
      if (first == nullptr) {
        first = &ends[i];
        first_index = i;
        continue;
      }
      const std::set<std::string>& a = first->answer->answers;
      const std::set<std::string>& b = ends[i].answer->answers;
      if (settings_.agree && a != b) {
        return names[first_index] + " answers " + in_words(a) + ", " + names[i] + " answers " +
               in_words(b) + ", wanted the same";
      }
      const std::string serial = a.empty() ? "" : serial_of(*a.begin());
      const std::string other = b.empty() ? "" : serial_of(*b.begin());
      if (settings_.same_serial && (serial.empty() || serial != other)) {
        std::string text = "serial ";
        text.append(serial).append(" at ").append(names[first_index]).append(", ").append(other);
        text.append(" at ").append(names[i]).append(", wanted the same");
        return text;
      }
    }
    return {};
  }

  DnsSettings settings_;
  Resources& resources_;
};

// A name in the form that answers have: lower case, without the last dot.
std::string plain(std::string_view name) {
  std::string text = lower_case(name);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void read_question(Settings& settings, DnsSettings& dns) {
  dns.name = settings.required_text("name", "example.org");
  dns.type_name = settings.text_or("type", "A");
  const auto type = dns_type(dns.type_name);
  if (!type)
    settings.complain_at("type",
                         in_quotes(dns.type_name) +
                             " is not known (A, AAAA, CNAME, MX, TXT, NS, SOA, SRV, CAA, PTR)");
  dns.type = type.value_or(1);
  if (dns.type_name == "PTR") {
    if (const auto reverse = reverse_name(dns.name)) dns.name = *reverse;
  }
  for (const std::string& text : settings.texts("servers")) {
    const bool is_bare_v6 = text.find(':') != text.rfind(':') && !text.starts_with('[') &&
                            !text.starts_with("docker://");
    const auto server = parse_target(is_bare_v6 ? "[" + text + "]" : text, 53);
    if (server && server->via != HostPort::Via::unix_socket) {
      dns.servers.push_back(*server);
    } else {
      settings.complain_at(
          "servers", in_quotes(text) + " is no name server (such as 9.9.9.9, 127.0.0.1:5353)");
    }
  }
  dns.by_tcp = settings.one_of("transport", {"udp", "tcp"}).value_or("udp") == "tcp";
}

}  // namespace

std::unique_ptr<Probe> make_dns(Settings& settings, Resources& resources) {
  DnsSettings dns;
  read_question(settings, dns);
  dns.rcode =
      settings.one_of("rcode", {"NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"}).value_or("NOERROR");
  const bool is_text = dns.type_name == "TXT" || dns.type_name == "CAA";
  for (const std::string& text : settings.texts("equals"))
    dns.equals.insert(is_text ? text : plain(text));
  for (const std::string& text : settings.texts("contains"))
    dns.contains.push_back(is_text ? text : plain(text));
  dns.matches = read_patterns(settings, "matches");
  dns.min_answers = settings.integer("min_answers", 0, 1000).value_or(1);
  dns.max_answers = settings.integer("max_answers", 0, 1000);
  dns.min_ttl = settings.duration("min_ttl");
  dns.max_ttl = settings.duration("max_ttl");
  dns.authoritative = settings.flag_or("authoritative", false);
  dns.agree = settings.flag_or("agree", dns.servers.size() > 1 && dns.type_name != "SOA");
  dns.same_serial = settings.flag_or("same_serial", false);
  if (dns.same_serial && dns.type_name != "SOA")
    settings.complain_at("same_serial", "needs type: SOA");
  dns.least_servers = static_cast<std::size_t>(settings.integer("min_servers", 1, 100).value_or(0));
  settings.finish();
  return std::make_unique<DnsProbe>(std::move(dns), resources);
}

}  // namespace gonogo
