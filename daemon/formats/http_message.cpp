#include "daemon/formats/http_message.h"

#include "daemon/core/text.h"

namespace gonogo {

const std::string* HttpResponse::find_header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

}  // namespace gonogo
