#include "daemon/http/listener_renewal.h"

#include <utility>

namespace gonogo {

FileStamps stamps_of(const ListenerTlsSettings& settings) {
  std::vector<std::string> paths;
  for (const PemSource* source : {&settings.certificate, &settings.key, &settings.client_ca}) {
    if (!source->file.empty()) paths.push_back(source->file);
  }
  return stamps_of(paths);
}

ListenerRenewal::ListenerRenewal(const ListenerTlsSource& source, std::string digest, Doors doors)
    : settings_(source.settings),
      stamps_(source.stamps),
      digest_(std::move(digest)),
      doors_(std::move(doors)) {}

std::function<Renewable::Renewal()> ListenerRenewal::reader() {
  return [this, settings = settings_] {
    Renewal renewal;
    renewal.stamps = stamps_of(settings);
    std::vector<ListenerTlsProblem> problems;
    const std::shared_ptr<const ListenerTls> tls = load_listener_tls(settings, problems);
    std::string problem;
    for (const ListenerTlsProblem& each : problems)
      problem += (problem.empty() ? "" : "; ") + std::string(each.key) + ": " + each.text;
    renewal.is_sound = tls != nullptr;
    renewal.put_in_force = [this, tls, problem, stamps = renewal.stamps] {
      return take(tls, problem, stamps);
    };
    return renewal;
  };
}

bool ListenerRenewal::take(const std::shared_ptr<const ListenerTls>& tls,
                           const std::string& problem, const FileStamps& stamps) {
  stamps_ = stamps;
  if (!tls) {
    if (std::exchange(problem_, problem) != problem) doors_.keep_former(problem);
    return false;
  }
  problem_.clear();
  if (tls->digest() == digest_) return false;
  digest_ = tls->digest();
  doors_.use(tls);
  return true;
}

}  // namespace gonogo
