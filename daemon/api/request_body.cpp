#include "daemon/api/request_body.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/times.h"

namespace gonogo {

using nlohmann::json;

RequestBody::RequestBody(const Request& request) {
  value_ = json::object();
  if (request.body.empty()) return;
  auto parsed = parse_json(request.body);
  if (parsed) {
    value_ = std::move(*parsed);
  } else {
    problem_ = "the body " + parsed.error();
  }
  if (problem_.empty() && !value_.is_object()) problem_ = "the body is no JSON object";
}

std::string RequestBody::text(const char* key) {
  const json* found = find(key);
  if (found == nullptr) return {};
  if (found->is_string()) return found->get<std::string>();
  complain(key, "no text");
  return {};
}

bool RequestBody::flag(const char* key, bool otherwise) {
  const json* found = find(key);
  if (found == nullptr) return otherwise;
  if (found->is_boolean()) return found->get<bool>();
  complain(key, "neither true nor false");
  return otherwise;
}

std::optional<Duration> RequestBody::duration(const char* key) {
  const std::string written = text(key);
  if (written.empty()) return std::nullopt;
  const auto parsed = parse_duration(written);
  if (!parsed) complain(key, "no duration (such as 30m, 2h)");
  return parsed;
}

std::optional<WallTime> RequestBody::time(const char* key) {
  const std::string written = text(key);
  if (written.empty()) return std::nullopt;
  const auto parsed = parse_rfc3339(written);
  if (!parsed) complain(key, "no time (such as 2026-12-24T18:00:00Z)");
  return parsed;
}

std::string RequestBody::problem() const {
  if (!problem_.empty() || !value_.is_object()) return problem_;
  for (const auto& [key, value] : value_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      return in_quotes(key) + " is not a known member of this request";
  }
  return {};
}

const json* RequestBody::find(const char* key) {
  asked_.emplace_back(key);
  if (!value_.is_object()) return nullptr;
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

void RequestBody::complain(const char* key, const char* what) {
  if (problem_.empty()) problem_ = std::string(key) + " is " + what;
}

}  // namespace gonogo
