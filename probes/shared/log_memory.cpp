#include "probes/shared/log_memory.h"

#include <nlohmann/json.hpp>

#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;

constexpr std::size_t most_buckets = 500;
constexpr std::size_t most_samples = 3;

json to_object(const LogPosition& at) {
  json object{{"device", at.device},   {"inode", at.inode},         {"offset", at.offset},
              {"head", at.head},       {"head_size", at.head_size}, {"tail", at.tail},
              {"changed", at.changed}, {"newest", at.newest}};
  if (!at.newest_moment.empty()) object["newest_moment"] = at.newest_moment;
  if (at.late) {
    object["late"] = {{"device", at.late->device},
                      {"inode", at.late->inode},
                      {"offset", at.late->offset},
                      {"tail", at.late->tail}};
  }
  return object;
}

// A former version noted less.
LogPosition position_of(const json& object) {
  LogPosition at;
  object.at("device").get_to(at.device);
  object.at("inode").get_to(at.inode);
  object.at("offset").get_to(at.offset);
  object.at("head").get_to(at.head);
  object.at("head_size").get_to(at.head_size);
  at.tail = object.value("tail", "");
  at.changed = object.value("changed", std::int64_t{0});
  at.newest = object.value("newest", std::int64_t{0});
  at.newest_moment = object.value("newest_moment", std::vector<std::uint64_t>{});
  if (object.contains("late")) {
    const json& late = object.at("late");
    at.late =
        LateFile{late.at("device").get<std::uint64_t>(), late.at("inode").get<std::uint64_t>(),
                 late.at("offset").get<std::uint64_t>(), late.at("tail").get<std::string>()};
  }
  return at;
}

json to_array(const LogMemory::Bucket& bucket) {
  json array{bucket.time, bucket.matches.all()};
  if (bucket.matches.doubtful > 0) array.push_back(bucket.matches.doubtful);
  return array;
}

LogMemory::Bucket bucket_of(const json& array) {
  LogMemory::Bucket bucket;
  array.at(0).get_to(bucket.time);
  if (array.size() > 2) array.at(2).get_to(bucket.matches.doubtful);
  bucket.matches.sure = array.at(1).get<std::int64_t>() - bucket.matches.doubtful;
  return bucket;
}

LogMemory memory_of(const json& note) {
  LogMemory memory;
  for (const json& bucket : note.at("buckets")) memory.buckets.push_back(bucket_of(bucket));
  if (note.contains("position")) memory.position = position_of(note.at("position"));
  for (const json& sample : note.value("samples", json::array())) {
    memory.samples.push_back({sample.at(0).get<std::int64_t>(), sample.at(1).get<std::string>()});
  }
  memory.is_behind = note.value("behind", false);
  if (note.contains("loss")) {
    const json& loss = note.at("loss");
    memory.loss = LogMemory::Loss{loss.at(0).get<std::int64_t>(), loss.at(1).get<std::string>()};
  }
  return memory;
}

}  // namespace

LogMatches LogMemory::add_to_window(std::int64_t now, std::int64_t oldest,
                                    const LogMatches& matches,
                                    const std::vector<std::string>& lines) {
  if (matches.all() > 0) buckets.push_back({now, matches});
  for (const std::string& line : lines) samples.push_back({now, line});
  while (!buckets.empty() && buckets.front().time < oldest) buckets.pop_front();
  std::erase_if(samples, [oldest](const Sample& sample) { return sample.time < oldest; });
  if (loss && loss->time < oldest) loss.reset();
  // The oldest stays as long as its line counts, and the youngest shows what has come last.
  while (samples.size() > most_samples) samples.erase(samples.end() - 2);
  // The two oldest buckets become one with the younger time: no match leaves the window too early.
  while (buckets.size() > most_buckets) {
    buckets[1].matches.sure += buckets[0].matches.sure;
    buckets[1].matches.doubtful += buckets[0].matches.doubtful;
    buckets.pop_front();
  }
  LogMatches sum;
  for (const Bucket& bucket : buckets) {
    sum.sure += bucket.matches.sure;
    sum.doubtful += bucket.matches.doubtful;
  }
  return sum;
}

std::string to_note(const LogMemory& memory) {
  json note{{"buckets", json::array()}};
  for (const LogMemory::Bucket& bucket : memory.buckets)
    note["buckets"].push_back(to_array(bucket));
  if (memory.position) note["position"] = to_object(*memory.position);
  for (const LogMemory::Sample& sample : memory.samples)
    note["samples"].push_back(json::array({sample.time, sample.text}));
  if (memory.is_behind) note["behind"] = true;
  if (memory.loss) note["loss"] = json::array({memory.loss->time, memory.loss->why});
  return to_json_text(note);
}

LogMemory log_memory_of(const std::string& note) {
  try {
    return memory_of(json::parse(note));
  } catch (const json::exception&) {
    return {};
  }
}

}  // namespace gonogo
