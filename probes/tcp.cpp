#include "probes/tcp.h"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/core/units.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/pattern.h"
#include "daemon/formats/template.h"
#include "daemon/io/each_address.h"
#include "daemon/io/tls.h"
#include "probes/resources.h"
#include "probes/shared/certificate_rules.h"
#include "probes/shared/side_by_side.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct DialogueStep {
  enum class Act : std::uint8_t { send, expect, starttls } act = Act::send;
  std::string text;  // to send, a template
  bool is_secret = false;
  Pattern pattern;
};

struct CapturedValue {
  std::string name;
  std::string capture;
  std::string unit;
  std::optional<double> min;
  std::optional<double> max;
};

struct TcpSettings {
  HostPort target;
  bool by_udp = false;
  bool by_tls = false;
  bool refused = false;
  std::string server_name;
  std::shared_ptr<const TlsContext> tls;
  CertificateRules certificate;
  std::vector<DialogueStep> dialogue;
  std::vector<CapturedValue> values;
  std::size_t max_read = 64 << 10;
};

// The state of a dialogue. It outlives the coroutine, so that a timeout can report how far it came.
struct Dialogue {
  std::unique_ptr<PlainConn> plain;  // while it can still be encrypted
  std::unique_ptr<Conn> conn;
  std::string unread;
  Captures captures;
  std::optional<Finding> certificate;
  std::size_t step = 0;
  bool has_heard = false;  // something came
};

class TcpProbe : public Probe {
 public:
  TcpProbe(TcpSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    if (settings_.refused) co_return co_await find_refusal(attempt);
    auto dialogue = std::make_shared<Dialogue>();
    if (settings_.by_udp) {
      co_await talk_by_datagrams(dialogue, attempt);
    } else {
      dialogue->plain = co_await connect(settings_.target, resources_, attempt);
      if (settings_.by_tls) co_await encrypt(*dialogue, attempt);
      if (!settings_.dialogue.empty()) {
        attempt.enter(Stage::response);
        const std::optional<Finding> failure = co_await hold(dialogue, deadline_of_parts(attempt));
        if (failure) throw RunEnded(explained(*failure, *dialogue));
      }
    }
    attempt.enter(Stage::judge);
    co_return judge(*dialogue, attempt);
  }

 private:
  // Holds the whole dialogue. Gives why it failed.
  asio::awaitable<std::optional<Finding>> hold(std::shared_ptr<Dialogue> dialogue,
                                               SteadyTime deadline) {
    std::vector<Part<int>> parts;
    parts.emplace_back([this, dialogue](Attempt& part) { return talk(dialogue, part); });
    auto talking = side_by_side<int>(resources_, deadline, std::move(parts));
    const std::vector<PartEnd<int>> ends = co_await std::move(talking);
    std::optional<Finding> failure;
    if (!ends.front().answer) failure = ends.front().failure;
    co_return failure;
  }

  asio::awaitable<void> talk_by_datagrams(std::shared_ptr<Dialogue> dialogue, Attempt& attempt) {
    auto finding = endpoints_of(settings_.target, resources_, attempt);
    std::vector<Endpoint> endpoints = co_await std::move(finding);
    EachAddress<int> each(std::move(endpoints),
                          [this, dialogue, &attempt](Endpoint endpoint, SteadyTime deadline) {
                            return talk_to(endpoint, deadline, dialogue, attempt);
                          });
    auto talking = first_answer(std::move(each), resources_, attempt);
    co_await std::move(talking);
  }

  // Nothing connects a datagram socket: only an answer shows that the address is the right one.
  asio::awaitable<int> talk_to(Endpoint endpoint, SteadyTime deadline,
                               std::shared_ptr<Dialogue> dialogue, Attempt& attempt) {
    *dialogue = Dialogue();
    dialogue->conn = connect_datagram(endpoint, resources_, attempt);
    attempt.enter(Stage::response);
    const bool is_last = deadline == attempt.deadline();
    // Time is left to report what was heard.
    const SteadyTime now = resources_.clock.now();
    const SteadyTime latest = now + (deadline - now) * 9 / 10;
    const std::optional<Finding> failure = co_await hold(dialogue, latest);
    if (!failure) co_return 0;
    if (!is_last && !dialogue->has_heard && failure->outcome == Outcome::fail)
      throw IoError(Reason::timeout, failure->summary);
    throw RunEnded(explained(*failure, *dialogue));
  }

  // Passes when every address refuses connections: the port has to be closed.
  asio::awaitable<Finding> find_refusal(Attempt& attempt) {
    auto finding = endpoints_of(settings_.target, resources_, attempt);
    const std::vector<Endpoint> endpoints = co_await std::move(finding);
    std::vector<Part<int>> parts;
    for (const Endpoint& endpoint : endpoints)
      parts.emplace_back(
          [this, endpoint](Attempt& part) { return try_to_connect(endpoint, part); });
    auto trying = side_by_side<int>(resources_, deadline_of_parts(attempt), std::move(parts));
    const std::vector<PartEnd<int>> ends = co_await std::move(trying);
    attempt.enter(Stage::judge);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].answer)
        co_return Finding::fail(Reason::connect,
                                endpoints[i].text + " accepts connections, wanted it closed");
      // A problem of this host proves nothing about the target.
      if (ends[i].failure.outcome == Outcome::unknown) co_return ends[i].failure;
    }
    co_return Finding::pass("closed: " + ends.front().failure.summary);
  }

  asio::awaitable<int> try_to_connect(Endpoint endpoint, Attempt& attempt) {
    const std::unique_ptr<PlainConn> conn = co_await connect(endpoint, resources_, attempt);
    co_return 0;
  }

  asio::awaitable<void> encrypt(Dialogue& dialogue, Attempt& attempt) {
    TlsSession session = co_await start_tls(std::move(dialogue.plain), settings_.tls,
                                            settings_.server_name, attempt);
    Finding chain =
        judge_chain(session.report, settings_.certificate, resources_.clock.wall_reading());
    // Nothing is sent to a server whose certificate does not verify.
    if (!session.report.errors.empty()) throw RunEnded(std::move(chain));
    dialogue.certificate = std::move(chain);
    dialogue.conn = std::move(session.conn);
  }

  asio::awaitable<int> talk(std::shared_ptr<Dialogue> dialogue, Attempt& attempt) {
    for (dialogue->step = 0; dialogue->step < settings_.dialogue.size(); ++dialogue->step) {
      const DialogueStep& step = settings_.dialogue[dialogue->step];
      switch (step.act) {
        case DialogueStep::Act::send: co_await send(*dialogue, step, attempt); break;
        case DialogueStep::Act::expect: co_await expect(*dialogue, step, attempt); break;
        case DialogueStep::Act::starttls:
          // Text that came before the handshake would pass for encrypted text (CVE-2011-0411).
          if (!dialogue->unread.empty()) {
            throw RunEnded(Finding::fail(
                Reason::protocol, "said " +
                                      in_quotes(cleaned(dialogue->unread, torn_at_both_ends)) +
                                      " before the handshake"));
          }
          co_await encrypt(*dialogue, attempt);
          break;
      }
    }
    co_return 0;
  }

  static Conn& conn_of(Dialogue& dialogue) {
    return dialogue.conn ? *dialogue.conn : *dialogue.plain;
  }

  asio::awaitable<void> send(Dialogue& dialogue, const DialogueStep& step, Attempt& attempt) {
    attempt.enter(Stage::request);
    const std::string text = fill_template(step.text, dialogue.captures);
    const asio::const_buffer out = asio::buffer(text);
    co_await conn_of(dialogue).write(out);
  }

  asio::awaitable<void> expect(Dialogue& dialogue, const DialogueStep& step, Attempt& attempt) {
    attempt.enter(Stage::response);
    std::array<char, 8192> chunk;
    bool has_matched = take_match(dialogue, *step.pattern);
    while (!has_matched) {
      const asio::mutable_buffer into = asio::buffer(chunk);
      const std::size_t size = co_await conn_of(dialogue).read_some(into);
      if (size == 0) {
        // A character that had begun is none.
        if (take_match(dialogue, *step.pattern, true)) co_return;
        throw RunEnded(Finding::fail(Reason::protocol, "closed the connection; " + got(dialogue)));
      }
      dialogue.has_heard = true;
      dialogue.unread.append(chunk.data(), size);
      has_matched = take_match(dialogue, *step.pattern);
      if (!has_matched && dialogue.unread.size() > settings_.max_read) {
        if (take_match(dialogue, *step.pattern, true)) co_return;
        throw RunEnded(Finding::fail(
            Reason::threshold, "said more than " +
                                   size_in_words(static_cast<std::int64_t>(settings_.max_read)) +
                                   "; " + got(dialogue)));
      }
    }
  }

  // On a match, removes the text up to its end and keeps the named groups.
  // More may come unless it `has_ended`.
  static bool take_match(Dialogue& dialogue, const TextPattern& pattern, bool has_ended = false) {
    const std::string_view text = dialogue.unread;
    const auto groups = pattern.find(text, !has_ended);
    if (!groups) return false;
    for (const auto& [name, index] : pattern.named_groups()) {
      const auto& group = (*groups)[static_cast<std::size_t>(index)];
      dialogue.captures[name] = std::string(group.value_or(""));
    }
    const std::string_view whole = *groups->front();
    const auto end = static_cast<std::size_t>(whole.data() + whole.size() - text.data());
    dialogue.unread.erase(0, end);
    return true;
  }

  static std::string got(const Dialogue& dialogue) {
    if (dialogue.unread.empty()) return "got nothing";
    // A match before it, and the end of what has arrived so far, may lie inside a secret.
    return "got " + in_quotes(cleaned(dialogue.unread, torn_at_both_ends), 120);
  }

  // Adds which step failed and what was wanted there.
  Finding explained(Finding failure, const Dialogue& dialogue) const {
    const std::size_t index = std::min(dialogue.step, settings_.dialogue.size() - 1);
    const DialogueStep& step = settings_.dialogue[index];
    std::string text = "step " + std::to_string(index + 1) + ": ";
    if (failure.reason == Reason::timeout && step.act == DialogueStep::Act::expect) {
      text += got(dialogue) + " in time";
    } else {
      text += failure.summary;
    }
    if (step.act == DialogueStep::Act::expect)
      text += ", wanted a match of " + in_quotes(step.pattern->pattern());
    failure.summary = text;
    return failure;
  }

  Finding judge(Dialogue& dialogue, Attempt& attempt) const {
    const std::string what = settings_.dialogue.empty() ? "connected" : "answered as wanted";
    Finding finding = Finding::pass(what + " in " + to_words(attempt.elapsed()));
    for (const CapturedValue& value : settings_.values)
      judge_value(value, dialogue.captures, finding);
    if (!dialogue.certificate) return finding;
    for (Value& value : dialogue.certificate->values) finding.values.push_back(std::move(value));
    if (finding.outcome == Outcome::pass && dialogue.certificate->outcome != Outcome::pass) {
      finding.outcome = dialogue.certificate->outcome;
      finding.reason = dialogue.certificate->reason;
      finding.summary = "certificate: " + dialogue.certificate->summary;
    }
    return finding;
  }

  static void judge_value(const CapturedValue& wanted, const Captures& captures, Finding& finding) {
    const auto found = captures.find(wanted.capture);
    const std::string text = found == captures.end() ? "" : found->second;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto fail = [&](Reason reason, const std::string& words) {
      if (finding.outcome == Outcome::fail) return;
      finding.outcome = Outcome::fail;
      finding.reason = reason;
      finding.summary = words;
    };
    if (error != std::errc{} || end != text.data() + text.size()) {
      fail(Reason::content, wanted.name + " is " + in_quotes(cleaned(text, torn_at_both_ends)) +
                                ", wanted a number");
      return;
    }
    finding.measure(wanted.name, number, wanted.unit);
    if (wanted.min && number < *wanted.min)
      fail(Reason::threshold, wanted.name + " is " + number_in_words(number) +
                                  ", wanted at least " + number_in_words(*wanted.min));
    if (wanted.max && number > *wanted.max)
      fail(Reason::threshold, wanted.name + " is " + number_in_words(number) + ", wanted at most " +
                                  number_in_words(*wanted.max));
  }

  TcpSettings settings_;
  Resources& resources_;
};

// "0d 0a", with blanks anywhere.
std::optional<std::string> bytes_of_hex(std::string text) {
  std::erase(text, ' ');
  return from_hex(text);
}

DialogueStep read_step(Settings& settings, bool of_bytes) {
  DialogueStep step;
  int given = 0;
  if (settings.has("send")) {
    ++given;
    Node* node = settings.raw("send");
    step.text = settings.text_or("send", "");
    if (node->holds_secret) settings.secret("send");
  }
  if (const auto hex = settings.text("send_hex")) {
    ++given;
    const auto bytes = bytes_of_hex(*hex);
    if (!bytes)
      settings.complain_at("send_hex", in_quotes(*hex) + " is no row of bytes (such as \"0d 0a\")");
    step.text = bytes.value_or("");
  }
  if (const auto text = settings.text("expect")) {
    ++given;
    step.act = DialogueStep::Act::expect;
    step.pattern = compile_pattern(settings, "expect", *text, of_bytes);
  }
  if (settings.flag_or("starttls", false)) {
    ++given;
    step.act = DialogueStep::Act::starttls;
  }
  if (given != 1)
    settings.complain(
        "needs one of send, send_hex, expect and starttls: true (such as expect: \"^220 \")");
  settings.finish();
  return step;
}

void read_dialogue(Settings& settings, TcpSettings& tcp) {
  const bool of_bytes = settings.flag_or("bytes", false);
  bool may_encrypt = !tcp.by_tls && !tcp.by_udp;
  for (auto& [number, step] : settings.sections("dialogue")) {
    tcp.dialogue.push_back(read_step(step, of_bytes));
    if (tcp.dialogue.back().act != DialogueStep::Act::starttls) continue;
    if (!may_encrypt)
      step.complain_at("starttls",
                       "cannot begin here (the connection is encrypted already, or UDP)");
    may_encrypt = false;
  }
  for (auto& [name, value] : settings.sections("values")) {
    CapturedValue captured;
    captured.name = name;
    captured.capture = value.text_or("capture", name);
    captured.unit = value.text_or("unit", "count");
    captured.min = value.number("min", -1e300, 1e300);
    captured.max = value.number("max", -1e300, 1e300);
    value.finish();
    tcp.values.push_back(std::move(captured));
  }
}

}  // namespace

std::unique_ptr<Probe> make_tcp(Settings& settings, Resources& resources) {
  TcpSettings tcp;
  if (!settings.has("address"))
    settings.complain("`address` is missing (such as address: \"127.0.0.1:6379\")");
  tcp.target =
      read_target(settings, "address", 0, "127.0.0.1:6379").value_or(HostPort{"127.0.0.1", 1});
  tcp.by_udp = settings.one_of("transport", {"tcp", "udp"}).value_or("tcp") == "udp";
  tcp.by_tls = settings.flag_or("tls", false);
  tcp.refused = settings.flag_or("refused", false);
  read_dialogue(settings, tcp);
  bool needs_tls = tcp.by_tls;
  for (const DialogueStep& step : tcp.dialogue)
    needs_tls = needs_tls || step.act == DialogueStep::Act::starttls;
  if (needs_tls) {
    tcp.tls = read_tls_context(settings);
    tcp.server_name = read_server_name(settings, tcp.target);
  } else {
    for (const char* key :
         {"ca", "client_certificate", "client_key", "min_tls", "verify", "server_name"})
      settings.has(key);
  }
  tcp.certificate.min_left = settings.duration("min_left");
  tcp.certificate.warn_left = settings.duration("warn_left");
  if (const auto most = settings.size("max_read")) tcp.max_read = static_cast<std::size_t>(*most);
  if (tcp.by_udp && tcp.target.via == HostPort::Via::unix_socket)
    settings.complain_at("address", "is a UNIX socket (transport: udp needs host:port)");
  if (tcp.by_udp && tcp.dialogue.empty())
    settings.complain("`dialogue` is missing: without one, UDP proves nothing");
  if (tcp.refused && (tcp.by_tls || tcp.by_udp || !tcp.dialogue.empty()))
    settings.complain_at("refused", "needs a bare TCP address (no tls, udp or dialogue)");
  settings.finish();
  return std::make_unique<TcpProbe>(std::move(tcp), resources);
}

}  // namespace gonogo
