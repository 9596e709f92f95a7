#include "daemon/config/secret_options.h"

#include <algorithm>
#include <utility>

#include "probes/resources.h"
#include "probes/shared/renewable_probe.h"

namespace gonogo {
namespace {

using Readings = std::map<std::string, SecretReading>;

void collect_secrets(const Node& node, std::vector<std::string>& names) {
  for (const Node::Part& part : node.parts) {
    if (part.is_secret && std::find(names.begin(), names.end(), part.text) == names.end())
      names.push_back(part.text);
  }
  for (const Node& item : node.items) collect_secrets(item, names);
  for (const Node::Entry& entry : node.entries) collect_secrets(entry.value, names);
}

// Fills other values in.
void refill(Node& node, const Readings& readings) {
  if (!node.parts.empty()) {
    node.scalar.clear();
    node.is_of_world = false;
    for (const Node::Part& part : node.parts) {
      if (!part.is_secret) {
        node.scalar += part.text;
        continue;
      }
      const SecretReading& reading = readings.at(part.text);
      node.scalar += reading.text();
      node.is_of_world = node.is_of_world || reading.is_of_world;
    }
  }
  for (Node& item : node.items) refill(item, readings);
  for (Node::Entry& entry : node.entries) refill(entry.value, readings);
}

std::string last_of(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// The value is not shown, not even a part of it that a problem's words quote.
std::string misfit(const Problem& problem, const SecretSource& source) {
  const bool quotes = problem.text.find('"') != std::string::npos;
  if (quotes || !problem.text.starts_with("is "))
    return in_words(source) + " does not fit `" + last_of(problem.path) + "`";
  return in_words(source) + " " + problem.text;
}

struct Options {
  Node node;  // as written, with the places of the secrets
  Place place;
  std::string path;
  std::map<std::string, SecretSource> sources;
  ProbeMaking make;
  Resources& resources;

  std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& [name, source] : sources) {
      if (!source.file.empty()) all.push_back(source.file);
    }
    return all;
  }
};

// Which secret is not there, or does not fit where it is used.
std::string lack_of(const Options& options, const Readings& readings,
                    const std::vector<Lack>& misfits) {
  std::string text;
  const auto add = [&text](const std::string& lack) {
    if (text.find(lack) == std::string::npos) text += (text.empty() ? "" : "; ") + lack;
  };
  for (const auto& [name, reading] : readings) {
    if (!reading.lack.empty()) add(reading.lack);
  }
  if (!text.empty()) return text;
  for (const Lack& lack : misfits) {
    if (!lack.secrets.empty()) add(misfit(lack.problem, options.sources.at(lack.secrets.front())));
  }
  return text;
}

MadeProbe make_again(const Options& options) {
  MadeProbe made;
  made.stamps = stamps_of(options.files());
  Readings readings;
  Reading reading;
  for (const auto& [name, source] : options.sources) {
    readings[name] = read_secret(source);
    made.values.push_back(readings[name].value);
    if (readings[name].is_of_world) reading.redactor.hide(readings[name].value);
  }
  Node filled = options.node;
  refill(filled, readings);
  Settings section(&filled, options.place, options.path, reading);
  made.probe = options.make(section, options.resources);
  made.lack = lack_of(options, readings, reading.lacks);
  // The wording was understood at the load, so it can only be the value.
  if (made.lack.empty() && !reading.problems.empty())
    made.lack = misfit(reading.problems.front(), options.sources.begin()->second);
  made.redactor = std::move(reading.redactor);
  made.push_keys = std::move(reading.push_keys);
  made.parts = std::move(reading.renewables);
  return made;
}

// What was added to `all` since it had `before` entries.
template <typename Thing>
std::vector<Thing> taken_since(std::vector<Thing>& all, std::size_t before) {
  std::vector<Thing> taken(std::make_move_iterator(all.begin() + static_cast<long>(before)),
                           std::make_move_iterator(all.end()));
  all.resize(before);
  return taken;
}

}  // namespace

std::vector<std::string> secrets_in(const Node& options) {
  std::vector<std::string> names;
  collect_secrets(options, names);
  return names;
}

std::shared_ptr<Probe> make_with_secrets(Settings& parent, const std::string& key,
                                         const ProbeMaking& make, Resources& resources,
                                         std::vector<Lack>& lacks) {
  Reading& reading = parent.reading();
  const Node* const node = parent.raw(key);
  const std::size_t lacks_before = reading.lacks.size();
  const std::size_t keys_before = reading.push_keys.size();
  const std::size_t renewables_before = reading.renewables.size();
  Settings section = parent.section(key);
  const std::vector<std::string> names =
      node == nullptr ? std::vector<std::string>() : secrets_in(*node);
  Options options{
      names.empty() ? Node() : *node, section.place(), section.path(), {}, make, resources};
  std::shared_ptr<Probe> probe = make(section, resources);
  std::vector<Lack> found = taken_since(reading.lacks, lacks_before);
  if (names.empty() || reading.secrets == nullptr) {
    lacks.insert(lacks.end(), found.begin(), found.end());
    return probe;
  }
  MadeProbe made;
  Readings readings;
  for (const std::string& name : names) {
    const SecretTable::Entry& entry = reading.secrets->entries.at(name);
    options.sources.emplace(name, entry.source);
    readings.emplace(name, entry.reading);
    if (const auto stamp = reading.secrets->stamps.find(entry.source.file);
        stamp != reading.secrets->stamps.end())
      made.stamps.insert(*stamp);
  }
  for (const auto& [name, secret] : readings) made.values.push_back(secret.value);
  made.probe = std::move(probe);
  made.lack = lack_of(options, readings, found);
  const bool all_there = std::all_of(readings.begin(), readings.end(),
                                     [](const auto& entry) { return entry.second.lack.empty(); });
  // A secret that is not there is named once for all checks; with it, nothing else is a lack.
  for (Lack& lack : found) {
    if (lack.reason == Reason::secret && !all_there) continue;
    if (lack.reason == Reason::secret)
      lack.problem.text = misfit(lack.problem, options.sources.at(lack.secrets.front()));
    lacks.push_back(std::move(lack));
  }
  for (std::size_t i = keys_before; i < reading.push_keys.size(); ++i)
    made.push_keys.push_back(reading.push_keys[i]);
  made.parts = taken_since(reading.renewables, renewables_before);
  auto kept = std::make_shared<const Options>(std::move(options));
  auto renewable = std::make_shared<RenewableProbe>(
      std::move(made), [kept = std::move(kept)] { return make_again(*kept); }, resources);
  reading.renewables.push_back(renewable);
  return renewable;
}

}  // namespace gonogo
