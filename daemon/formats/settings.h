// Typed, bounded reading of configuration options. Every accessor notes its key, so the keys that
// are left over are unknown ones. A key without a value is a problem, whatever reads it. Problems
// are collected; none ends the reading.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/reason.h"
#include "daemon/core/time.h"
#include "daemon/formats/node.h"
#include "daemon/formats/redactor.h"

namespace gonogo {

class Renewable;
struct SecretTable;

// What the world lacks, or has in a form that does not fit. The check that needs it fails with this
// reason until it is there; the configuration is good.
struct Lack {
  Reason reason = Reason::secret;
  Problem problem;
  std::vector<std::string> secrets;  // whose values do not fit
};

// Collects what the reading finds. It has to outlive the Settings made from it.
struct Reading {
  Problems problems;
  Problems warnings;  // the configuration is good all the same
  std::vector<Lack> lacks;
  std::shared_ptr<const SecretTable> secrets;  // all that the configuration defines
  Redactor redactor;
  std::vector<std::string> push_keys;                  // the keys of heartbeats
  std::vector<std::string> targets;                    // what checks ask, as "host:port"
  std::map<std::string, std::string> stamps;           // of files, each taken once in a reading
  std::vector<std::shared_ptr<Renewable>> renewables;  // what was made from files, such as roots
  bool is_static = false;  // what this host lacks is no problem: nothing will run
};

struct DurationBounds {
  Duration least = Duration{1};
  Duration most = std::chrono::hours{24 * 3660};
};

class Settings {
 public:
  // When `node` is null, every option is absent.
  Settings(Node* node, Place place, std::string path, Reading& reading);

  bool has(std::string_view key);
  const Place& place() const { return place_; }
  const std::string& path() const { return path_; }
  Place place_of(std::string_view key) const;

  std::optional<std::string> text(std::string_view key);
  std::string text_or(std::string_view key, std::string fallback);
  std::string required_text(std::string_view key, std::string_view example);
  // A secret: from now on it is hidden in every output.
  std::optional<std::string> secret(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  bool flag_or(std::string_view key, bool fallback) { return flag(key).value_or(fallback); }
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<Duration> duration(std::string_view key, DurationBounds bounds = {});
  std::optional<std::int64_t> size(std::string_view key);
  std::optional<std::string> one_of(std::string_view key,
                                    std::initializer_list<std::string_view> allowed);
  // One text or a list of them; empty when absent.
  std::vector<std::string> texts(std::string_view key);
  // A map of texts, in the order written.
  std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);
  // The section below `key`; all its options are absent when it is.
  Settings section(std::string_view key);
  // The sections of a map (with their keys) or of a sequence (with their numbers).
  std::vector<std::pair<std::string, Settings>> sections(std::string_view key);
  Node* raw(std::string_view key);

  // Of the section as a whole; nothing, where the section or an option of it is wrong already.
  void complain(std::string text);
  // Where the value at `key` is a secret from outside, this is a lack and no problem.
  void complain_at(std::string_view key, std::string text);
  // What the operator wrote is wrong, whatever the value at `key` is.
  void refuse_at(std::string_view key, std::string text);
  // The world lacks what the value at `key` names.
  void lack_at(std::string_view key, Reason reason, std::string text);
  // The key under which an option is given: `key`, or its former name, which is still taken, with a
  // warning.
  std::string_view renamed(std::string_view key, std::string_view former);

  // Names every key that nothing asked for. Call it once, after the last accessor.
  void finish();

  Reading& reading() { return reading_; }

 private:
  Node* scalar(std::string_view key, std::string_view wanted);
  std::string path_of(std::string_view key) const;
  Problem problem_at(std::string_view key, std::string text) const;

  Node* node_;
  Place place_;
  std::string path_;
  Reading& reading_;
  bool is_reported_ = false;
  std::vector<std::string> asked_;
};

}  // namespace gonogo
