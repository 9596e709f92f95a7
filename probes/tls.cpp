#include "probes/tls.h"

#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/starttls.h"
#include "daemon/io/tls.h"
#include "probes/resources.h"
#include "probes/shared/certificate_rules.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct TlsSettings {
  HostPort target;
  std::string file;
  std::string server_name;
  std::string starttls;
  std::shared_ptr<const TlsContext> context;
  CertificateRules rules;
};

class TlsProbe : public Probe {
 public:
  TlsProbe(TlsSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    std::unique_ptr<PlainConn> plain = co_await connect(settings_.target, resources_, attempt);
    if (!settings_.starttls.empty()) {
      attempt.enter(Stage::request);
      co_await ask_for_tls(*plain, settings_.starttls);
    }
    TlsSession session =
        co_await start_tls(std::move(plain), settings_.context, settings_.server_name, attempt);
    attempt.enter(Stage::judge);
    co_return judge_chain(session.report, settings_.rules, resources_.clock.wall_reading());
  }

 private:
  TlsSettings settings_;
  Resources& resources_;
};

class PemFileProbe : public Probe {
 public:
  PemFileProbe(TlsSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [file = settings_.file, context = *settings_.context,
                 name = settings_.server_name] { return read_chain_file(file, context, name); };
    auto reading = offload(resources_.pool, std::move(read));
    const ChainReport report = co_await std::move(reading);
    attempt.enter(Stage::judge);
    co_return judge_chain(report, settings_.rules, resources_.clock.wall_reading());
  }

 private:
  TlsSettings settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_tls(Settings& settings, Resources& resources) {
  TlsSettings tls;
  tls.file = settings.text_or("file", "");
  const auto address = settings.text("address");
  if (address.has_value() == !tls.file.empty()) {
    settings.complain("needs either `address` or `file` (such as address: example.org:443)");
  } else if (address) {
    tls.target = read_target(settings, "address", 443, "example.org:443").value_or(HostPort{});
  }
  tls.server_name = read_server_name(settings, tls.target);
  tls.starttls =
      settings.one_of("starttls", {"smtp", "imap", "pop3", "ftp", "postgres", "ldap"}).value_or("");
  tls.context = read_tls_context(settings);
  tls.rules.min_left = settings.duration("min_left");
  tls.rules.warn_left = settings.duration("warn_left");
  tls.rules.issuer_contains = settings.text_or("issuer", "");
  tls.rules.min_key_bits = static_cast<int>(settings.integer("min_key_bits", 0, 65536).value_or(0));
  settings.finish();
  if (!tls.file.empty()) return std::make_unique<PemFileProbe>(std::move(tls), resources);
  return std::make_unique<TlsProbe>(std::move(tls), resources);
}

}  // namespace gonogo
