#include "probes/shared/log_memory.h"

#include <nlohmann/json.hpp>

#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;

constexpr std::size_t most_buckets = 500;
constexpr std::size_t most_samples = 3;

json to_object(const FileIdentity& file, std::uint64_t offset, const std::string& tail) {
  return {{"device", file.device},
          {"inode", file.inode},
          {"born", file.born},
          {"offset", offset},
          {"tail", tail}};
}

json to_object(const LogPosition& at) {
  json object = to_object(at.file, at.offset, at.tail);
  object["head"] = at.head;
  object["head_size"] = at.head_size;
  object["changed"] = at.changed;
  object["end"] = at.end;
  if (at.is_within_line) object["within_line"] = true;
  object["newest"] = at.newest;
  if (!at.newest_moment.empty()) object["newest_moment"] = at.newest_moment;
  for (const LateFile& late : at.late) {
    json& each = object["late"].emplace_back(to_object(late.file, late.offset, late.tail));
    each["changed"] = late.changed;
    if (!late.moment.empty()) each["moment"] = late.moment;
  }
  return object;
}

// A former version noted less.
LateFile place_in(const json& object) {
  LateFile at;
  object.at("device").get_to(at.file.device);
  object.at("inode").get_to(at.file.inode);
  at.file.born = object.value("born", std::int64_t{0});
  object.at("offset").get_to(at.offset);
  at.tail = object.value("tail", "");
  at.changed = object.value("changed", std::int64_t{0});
  at.moment = object.value("moment", std::vector<std::uint64_t>{});
  return at;
}

LogPosition position_of(const json& object) {
  const LateFile place = place_in(object);
  LogPosition at;
  at.file = place.file;
  at.offset = place.offset;
  at.tail = place.tail;
  object.at("head").get_to(at.head);
  object.at("head_size").get_to(at.head_size);
  at.changed = place.changed;
  at.end = object.value("end", std::uint64_t{0});
  at.is_within_line = object.value("within_line", false);
  at.newest = object.value("newest", std::int64_t{0});
  at.newest_moment = object.value("newest_moment", std::vector<std::uint64_t>{});
  for (const json& late : object.value("late", json::array())) at.late.push_back(place_in(late));
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
