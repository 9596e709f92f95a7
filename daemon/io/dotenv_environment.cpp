#include "daemon/io/dotenv_environment.h"

#include <cstdlib>

#include "daemon/formats/settings.h"

namespace gonogo {

std::map<std::string, std::string> read_dotenv_environment(Settings& settings) {
  std::map<std::string, std::string> environment;
  const Node* node = settings.raw("environment");
  if (node == nullptr) return environment;
  if (node->is_map()) {
    for (auto& [name, value] : settings.text_map("environment"))
      environment[name] = std::move(value);
    return environment;
  }
  for (const std::string& entry : settings.texts("environment")) {
    const std::size_t sign = entry.find('=');
    const std::string name = entry.substr(0, sign);
    if (name.empty()) {
      settings.complain_at("environment",
                           "holds an entry without a name (wanted NAME=value, or "
                           "NAME)");
    } else if (sign != std::string::npos) {
      environment[name] = entry.substr(sign + 1);
    } else if (const char* value = std::getenv(name.c_str()); value != nullptr) {
      environment[name] = value;
    }
  }
  return environment;
}

}  // namespace gonogo
