// The names of files beside a log: the log, and behind "%%" the other file. A name has no slash.
#include "daemon/formats/rotated_name.h"

#include "tests/fuzz/fuzz.h"

namespace gonogo {

void fuzz(std::string_view input) {
  if (input.find('/') != std::string_view::npos) return;
  const auto parts = parts_of(input, 2);
  const std::string& log = parts.front();
  const std::string& name = parts.back();
  hold(!rotated_name(log, log).is_rotation, "a log is no former file of itself");
  for (const std::string& known : {log, std::string("app.log"), std::string("access_api.log")}) {
    const RotatedName found = rotated_name(known, name);
    if (!found.is_rotation || known.empty()) continue;
    const std::string stem =
        known.substr(0, known.rfind('.') == 0 ? known.size() : known.rfind('.'));
    hold(std::string_view(name).starts_with(stem), "a former file begins as the log: " + stem);
    hold(name.size() > known.size() || found.packing != Packing::none,
         "a former file has more in its name");
  }
  // A file belongs to one log. Words of another one in its name make it another file.
  hold(!rotated_name("app.log", name).is_rotation || !rotated_name("api.log", name).is_rotation,
       "a file belongs to one log");
  for (const char* other : {"app-error.log", "app-error.log.1", "application.log", "app.log.bak"})
    hold(!rotated_name("app.log", other).is_rotation, "another log is no former file");
  const std::string word = "app-error-" + name;
  hold(!rotated_name("app.log", word).is_rotation, "a log with another word is another log");
}

}  // namespace gonogo
