// The JSON body of a request.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/time.h"
#include "daemon/http/message.h"

namespace gonogo {

// Reads members by their names. A member of the wrong type, and one that was not asked for, is a
// problem; a missing one is not.
class RequestBody {
 public:
  explicit RequestBody(const Request& request);

  std::string text(const char* key);
  bool flag(const char* key, bool otherwise = false);
  std::optional<Duration> duration(const char* key);
  std::optional<WallTime> time(const char* key);
  // The first thing that is wrong, after all members were read; empty when all is well.
  std::string problem() const;

 private:
  const nlohmann::json* find(const char* key);
  void complain(const char* key, const char* what);

  nlohmann::json value_;
  std::string problem_;
  std::vector<std::string> asked_;
};

}  // namespace gonogo
