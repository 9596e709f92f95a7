#include "probes/version.h"

#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "probes/resources.h"
#include "probes/shared/text_source.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t shortest_abbreviation = 7;

class ReleaseProbe : public Probe {
 public:
  explicit ReleaseProbe(std::shared_ptr<TextSource> source) : source_(std::move(source)) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    const std::string release = co_await ask(source_, attempt);
    Finding finding = Finding::pass("the release is " + release);
    finding.release = release;
    co_return finding;
  }

 private:
  std::shared_ptr<TextSource> source_;
};

class VersionProbe : public Probe {
 public:
  VersionProbe(std::shared_ptr<TextSource> source, std::string wanted, bool may_be_short,
               Resources& resources)
      : source_(std::move(source)),
        wanted_(std::move(wanted)),
        may_be_short_(may_be_short),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    const std::string running = co_await ask(source_, attempt);
    const std::string wanted = wanted_.empty() ? resources_.release() : wanted_;
    if (wanted.empty())
      co_return Finding::fail(Reason::missing,
                              "runs " + running + ", and no release is announced to compare with");
    if (!is_same(running, wanted))
      co_return Finding::fail(Reason::content, "runs " + running + ", wanted " + wanted);
    Finding finding = Finding::pass("runs " + running);
    finding.note("version", running);
    co_return finding;
  }

 private:
  bool is_same(const std::string& a, const std::string& b) const {
    if (a == b) return true;
    const bool is_long_enough = std::min(a.size(), b.size()) >= shortest_abbreviation;
    return may_be_short_ && is_long_enough && (a.starts_with(b) || b.starts_with(a));
  }

  std::shared_ptr<TextSource> source_;
  std::string wanted_;
  bool may_be_short_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_release(Settings& settings, Resources& resources) {
  auto source = read_text_source(settings, resources);
  return std::make_unique<ReleaseProbe>(std::move(source));
}

std::unique_ptr<Probe> make_version(Settings& settings, Resources& resources) {
  auto source = read_text_source(settings, resources);
  std::string wanted = settings.text_or("is", "");
  if (settings.has("is") && wanted.empty())
    settings.complain_at("is", "is empty (give a version, or leave it out for the release)");
  const bool may_be_short = settings.flag_or("abbreviated", false);
  settings.finish();
  return std::make_unique<VersionProbe>(std::move(source), std::move(wanted), may_be_short,
                                        resources);
}

}  // namespace gonogo
