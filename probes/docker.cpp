#include "probes/docker.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/times.h"
#include "daemon/formats/url.h"
#include "daemon/io/docker_engine.h"
#include "daemon/io/subprocess.h"
#include "probes/resources.h"
#include "probes/shared/container_restarts.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

struct ServiceRule {
  std::string name;
  bool has_ended = false;  // it has to have ended with exit_code, instead of running
  std::int64_t exit_code = 0;
  std::optional<bool> healthy;  // true: needs a passing health check; false: health is not judged
  std::int64_t min_containers = 1;
  std::optional<std::int64_t> max_restarts;
  std::optional<Duration> min_uptime;
  std::optional<std::int64_t> max_image_size;
  std::string image_digest;  // the end of a repo digest, "sha256:..."
  bool image_current = false;
  std::optional<double> max_memory_percent;

  bool asks_image() const { return max_image_size || !image_digest.empty() || image_current; }
};

using Version = std::vector<int>;

struct DockerSettings {
  Version min_version;
  std::string min_version_text;
  Version min_compose;
  std::string min_compose_text;
  std::vector<std::string> compose_command;
  std::string project;
  std::vector<ServiceRule> services;
  bool no_rising_restarts = true;
  Duration restart_window{};
  std::string note_name;
};

// "20.10.24+dfsg1" is 20, 10, 24.
Version version_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  while (version.size() < 4) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) break;
    version.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  return version;
}

// An image's name as part of a path: its slashes are not encoded.
std::string image_path(std::string_view name) {
  std::string path;
  while (true) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    path += percent_encoded(name.substr(0, slash));
    if (slash == name.size()) return path;
    path += '/';
    name.remove_prefix(slash + 1);
  }
}

// What is remembered from run to run; nothing before the first.
using Remembered = std::optional<ContainerRestarts>;

class DockerProbe : public Probe {
 public:
  DockerProbe(DockerSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  std::string memory_key() const override { return "docker " + settings_.project; }
  std::string note_name() const override { return settings_.note_name; }

  asio::awaitable<Finding> run(Attempt& attempt) override {
    Finding finding;
    auto asking = ask_engine("/version", resources_, attempt);
    const json version = co_await std::move(asking);
    const std::string engine = printable(text_of(member(version, "Version")), 200);
    if (version_of(engine) < settings_.min_version) {
      fail(Reason::threshold, "Docker Engine is " + in_quotes(engine) + ", wanted at least " +
                                  settings_.min_version_text);
    }
    finding = Finding::pass("Docker Engine " + engine);
    if (!settings_.compose_command.empty()) co_await inspect_compose(finding, attempt);
    if (!settings_.project.empty()) co_await inspect_project(finding, attempt);
    attempt.enter(Stage::judge);
    co_return finding;
  }

 private:
  [[noreturn]] static void fail(Reason reason, const std::string& text) {
    throw RunEnded(Finding::fail(reason, text));
  }

  static std::int64_t restarts_of(const json& details) {
    return whole_number_of(member(details, "RestartCount"), 0);
  }

  asio::awaitable<void> inspect_compose(Finding& finding, Attempt& attempt) {
    Program program;
    program.argv = settings_.compose_command;
    program.environment = plain_environment();
    auto running = run_program(std::move(program), resources_, attempt);
    const ProgramEnd end = co_await std::move(running);
    const std::string seen = printable(trimmed(end.output), 200);
    if (end.exit_status != 0)
      fail(Reason::missing,
           "Docker Compose: " + in_words(end) + ", " + on_one_line(trimmed(end.errors), 160));
    if (version_of(seen) < settings_.min_compose || version_of(seen).empty())
      fail(Reason::threshold, "Docker Compose is " + in_quotes(seen) + ", wanted at least " +
                                  settings_.min_compose_text);
    finding.summary += ", Compose " + seen;
  }

  asio::awaitable<void> inspect_project(Finding& finding, Attempt& attempt) {
    auto asking = containers_of_project(settings_.project, resources_, attempt);
    const json containers = co_await std::move(asking);
    if (containers.empty()) {
      fail(Reason::missing, "no container of project " + in_quotes(settings_.project));
    }
    std::int64_t restarts = 0;
    ContainerRestarts& remembered = recalled(attempt);
    for (const ServiceRule& rule : settings_.services) {
      auto inspecting = inspect_service(rule, containers, remembered, attempt);
      restarts += co_await std::move(inspecting);
    }
    finding.summary += ", " + counted(settings_.services.size(), "service") + " of " +
                       settings_.project + " as wanted";
    finding.measure("containers", static_cast<double>(containers.size()), "count");
    finding.measure("restarts", static_cast<double>(restarts), "count");
  }

  // The note is for a later process: it does not hold all that is known here.
  ContainerRestarts& recalled(Attempt& attempt) const {
    const Now now = resources_.clock.both();
    Remembered& remembered = attempt.memory().state<Remembered>();
    if (!remembered) remembered.emplace(attempt.memory().note().value_or(""), now);
    // Containers that are gone are forgotten.
    remembered->forget_unseen_since(now.steady - settings_.restart_window - std::chrono::hours{1});
    return *remembered;
  }

  // Every container of the service has to meet the rule: a single broken replica still receives
  // requests. Returns how often the containers were restarted in all.
  asio::awaitable<std::int64_t> inspect_service(const ServiceRule& rule, const json& containers,
                                                ContainerRestarts& remembered, Attempt& attempt) {
    std::int64_t good = 0;
    std::int64_t restarts = 0;
    for (const json& container : containers) {
      if (service_of(container) != rule.name) continue;
      auto inspecting = ask_engine("/containers/" + text_of(member(container, "Id")) + "/json",
                                   resources_, attempt);
      const json details = co_await std::move(inspecting);
      const std::int64_t count = restarts_of(details);
      remembered.count(text_of(member(details, "Id")), count, resources_.clock.now());
      restarts += count;
      // Here, since a container that breaks a rule ends the run.
      attempt.memory().write_note(remembered.note(resources_.clock.both()));
      const std::string objection = objection_to(rule, details, remembered);
      if (!objection.empty()) fail(Reason::status, rule.name + " is " + objection);
      if (rule.asks_image()) co_await inspect_image(rule, details, attempt);
      if (rule.max_memory_percent) co_await inspect_memory(rule, details, attempt);
      ++good;
    }
    if (good == 0) fail(Reason::missing, rule.name + " has no container");
    if (good < rule.min_containers) {
      fail(Reason::threshold, rule.name + " has " + counted(good, "good container") +
                                  ", wanted at least " + std::to_string(rule.min_containers));
    }
    co_return restarts;
  }

  // Which part of the rule the container breaks; empty when none.
  std::string objection_to(const ServiceRule& rule, const json& details,
                           const ContainerRestarts& remembered) const {
    const json& state = member(details, "State");
    const std::string status = printable(text_of(member(state, "Status")), 200);
    const auto code = whole_number_of(member(state, "ExitCode"), -1);
    if (rule.has_ended) {
      if (status == "exited" && code == rule.exit_code) return {};
      return status + (status == "exited" ? " with " + std::to_string(code) : "") +
             ", wanted it to have ended with " + std::to_string(rule.exit_code);
    }
    if (status != "running" || member(state, "Restarting") == true) {
      const bool was_killed = member(state, "OOMKilled") == true;
      return status + " (last exit code " + std::to_string(code) +
             (was_killed ? ", out of memory" : "") + "), wanted running";
    }
    const std::string health = text_of(member(member(state, "Health"), "Status"));
    if (rule.healthy.value_or(!health.empty()) && health != "healthy") {
      return health.empty() ? "running without a health check, wanted one"
                            : on_one_line(health, 20) + ", wanted healthy";
    }
    const std::int64_t restarts = restarts_of(details);
    if (rule.max_restarts && restarts > *rule.max_restarts)
      return "restarted " + counted(restarts, "time") + ", wanted at most " +
             std::to_string(*rule.max_restarts);
    if (has_rising_restarts(remembered, details))
      return "restarting (" + counted(restarts, "time") + " in all), wanted no restart within " +
             to_words(settings_.restart_window);
    if (rule.min_uptime) {
      const auto started = parse_rfc3339(text_of(member(state, "StartedAt")));
      const Duration up = started ? resources_.clock.wall() - *started : Duration::zero();
      if (up < *rule.min_uptime)
        return "up for " + to_words(up) + ", wanted at least " + to_words(*rule.min_uptime);
    }
    return {};
  }

  asio::awaitable<void> inspect_image(const ServiceRule& rule, const json& details,
                                      Attempt& attempt) {
    const std::string running = text_of(member(details, "Image"));
    const std::string name = text_of(member(member(details, "Config"), "Image"));
    auto asking = ask_engine("/images/" + image_path(rule.image_current ? name : running) + "/json",
                             resources_, attempt);
    const json image = co_await std::move(asking);
    if (rule.image_current && text_of(member(image, "Id")) != running) {
      fail(Reason::content,
           rule.name + " runs another image than " + in_quotes(name) + " refers to now");
    }
    const auto size = whole_number_of(member(image, "Size"), 0);
    if (rule.max_image_size && size > *rule.max_image_size) {
      fail(Reason::threshold, "the image of " + rule.name + " has " + size_in_words(size) +
                                  ", wanted at most " + size_in_words(*rule.max_image_size));
    }
    if (rule.image_digest.empty()) co_return;
    bool is_it = text_of(member(image, "Id")) == rule.image_digest;
    for (const json& digest : member(image, "RepoDigests"))
      is_it = is_it || text_of(digest).ends_with(rule.image_digest);
    if (!is_it) fail(Reason::content, "the image of " + rule.name + " is not " + rule.image_digest);
  }

  asio::awaitable<void> inspect_memory(const ServiceRule& rule, const json& details,
                                       Attempt& attempt) {
    auto asking = ask_engine(
        "/containers/" + text_of(member(details, "Id")) + "/stats?stream=false&one-shot=true",
        resources_, attempt);
    const json stats = co_await std::move(asking);
    const json& memory = member(stats, "memory_stats");
    const double limit = number_of(member(memory, "limit"), 0);
    const double cache = number_of(member(member(memory, "stats"), "inactive_file"), 0);
    const double used = number_of(member(memory, "usage"), 0) - cache;
    if (limit <= 0) fail(Reason::missing, rule.name + " reports no memory limit, wanted one");
    const double share = 100 * used / limit;
    if (share > *rule.max_memory_percent) {
      fail(Reason::threshold, rule.name + " uses " + number_in_words(std::floor(share)) +
                                  "% of its memory, wanted at most " +
                                  number_in_words(*rule.max_memory_percent) + "%");
    }
  }

  bool has_rising_restarts(const ContainerRestarts& remembered, const json& details) const {
    const auto rose = remembered.last_rise(text_of(member(details, "Id")));
    return settings_.no_rising_restarts && rose &&
           resources_.clock.now() - *rose < settings_.restart_window;
  }

  DockerSettings settings_;
  Resources& resources_;
};

ServiceRule read_service(const std::string& name, Settings settings) {
  ServiceRule rule;
  rule.name = name;
  rule.has_ended = settings.has("exit_code");
  rule.exit_code = settings.integer("exit_code", 0, 255).value_or(0);
  rule.healthy = settings.flag("healthy");
  rule.min_containers = settings.integer("min_containers", 1, 1000).value_or(1);
  rule.max_restarts = settings.integer("max_restarts", 0, 1'000'000);
  rule.min_uptime = settings.duration("min_uptime");
  rule.max_image_size = settings.size("max_image_size");
  rule.image_digest = settings.text_or("image_digest", "");
  rule.image_current = settings.flag_or("image_current", false);
  rule.max_memory_percent = settings.number("max_memory_percent", 0, 100);
  settings.finish();
  return rule;
}

void read_version(Settings& settings, std::string_view key, Version& version, std::string& text) {
  text = settings.text_or(key, "");
  version = version_of(text);
  if (!text.empty() && version.empty())
    settings.complain_at(key, in_quotes(text) + " is no version (such as \"20.10\")");
}

void read_services(Settings& settings, DockerSettings& docker) {
  Node* node = settings.raw("services");
  if (node != nullptr && node->is_map()) {
    for (auto& [name, service] : settings.sections("services"))
      docker.services.push_back(read_service(name, service));
  } else {
    for (const std::string& name : settings.texts("services")) {
      ServiceRule rule;
      rule.name = name;
      docker.services.push_back(std::move(rule));
    }
  }
  if (docker.project.empty() == !docker.services.empty())
    settings.complain(
        "`project` and `services` go together (such as project: shop, services: [db, api])");
}

}  // namespace

std::unique_ptr<Probe> make_docker(Settings& settings, Resources& resources) {
  DockerSettings docker;
  read_version(settings, "min_version", docker.min_version, docker.min_version_text);
  if (settings.has("compose")) {
    Settings compose = settings.section("compose");
    read_version(compose, "min_version", docker.min_compose, docker.min_compose_text);
    docker.compose_command = compose.texts("command");
    compose.finish();
    if (docker.compose_command.empty())
      docker.compose_command = {"docker", "compose", "version", "--short"};
  }
  docker.project = settings.text_or("project", "");
  read_services(settings, docker);
  docker.no_rising_restarts = settings.flag_or("no_rising_restarts", true);
  docker.note_name = settings.path();
  docker.restart_window = settings.duration("restart_window").value_or(std::chrono::minutes{10});
  settings.finish();
  return std::make_unique<DockerProbe>(std::move(docker), resources);
}

}  // namespace gonogo
