// The variables of an environment that a .env file may use, beside those that it sets.
#pragma once

#include <map>
#include <string>

namespace gonogo {

class Settings;

// Reads the option `environment` as compose's own key of that name: a map of names and values, or a
// list of "NAME=value" and "NAME". A name alone has its value in the environment of this daemon; it
// is not set when it is not set there.
std::map<std::string, std::string> read_dotenv_environment(Settings& settings);

}  // namespace gonogo
