#include "daemon/config/secrets.h"

#include <cstdlib>

#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/dotenv.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/dotenv_environment.h"

namespace gonogo {
namespace {

// A shorter text cannot be hidden from outputs: ordinary words would disappear with it.
constexpr std::size_t shortest_secret = 4;
constexpr std::size_t largest_file = 1 << 20;

SecretReading without(const SecretSource& source, std::string lack) {
  if (source.otherwise) return {*source.otherwise, false, {}};
  return {{}, true, std::move(lack)};
}

SecretReading usable(const SecretSource& source, std::string value) {
  if (value == source.otherwise) return {std::move(value), false, {}};
  if (value.empty()) return {{}, true, in_words(source) + " is empty"};
  if (value.size() < shortest_secret) {
    return {{},
            true,
            in_words(source) +
                " is shorter than 4 characters (such a text cannot be hidden from outputs)"};
  }
  return {std::move(value), true, {}};
}

}  // namespace

std::string in_words(const SecretSource& source) {
  if (!source.variable.empty()) return source.variable + " in the environment";
  return source.key.empty() ? source.file : source.key + " in " + source.file;
}

std::optional<SecretSource> read_secret_source(const std::string& name, Settings& settings,
                                               const std::string& config_path) {
  const auto env = settings.text("env");
  const auto file = settings.text("file");
  const auto dotenv = settings.text("dotenv");
  const auto key = settings.text("key");
  const auto credential = settings.text("credential");
  const bool has_environment = settings.has("environment");
  SecretSource source{name,
                      env.value_or(""),
                      {},
                      key.value_or(""),
                      settings.text("default"),
                      settings.place(),
                      read_dotenv_environment(settings)};
  settings.finish();
  const int given = (env ? 1 : 0) + (file ? 1 : 0) + (dotenv ? 1 : 0) + (credential ? 1 : 0);
  if (given != 1 || dotenv.has_value() != key.has_value()) {
    settings.complain(
        "names no source (one of env: NAME, file: PATH, dotenv: PATH with key: NAME, credential: "
        "NAME)");
    return std::nullopt;
  }
  if (has_environment && !dotenv) {
    settings.complain_at("environment", "is for `dotenv` only");
    return std::nullopt;
  }
  for (const auto& [option, text] :
       {std::pair{"env", env}, std::pair{"file", file}, std::pair{"dotenv", dotenv},
        std::pair{"key", key}, std::pair{"credential", credential}}) {
    if (!text || !text->empty()) continue;
    settings.complain_at(option, "is empty (wanted a name or a path)");
    return std::nullopt;
  }
  if (credential) {
    if (credential->find('/') != std::string::npos) {
      settings.complain_at("credential",
                           in_quotes(*credential) + " is no name (a credential is no path)");
      return std::nullopt;
    }
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    // Without a folder it is the variable that lacks.
    if (folder == nullptr) {
      source.variable = "CREDENTIALS_DIRECTORY";
      source.key = *credential;
    } else {
      source.file = std::string(folder) + "/" + *credential;
    }
  } else if (!env) {
    source.file = relative_to_config(config_path, file.value_or(dotenv.value_or("")));
  }
  return source;
}

SecretReading read_secret(const SecretSource& source) {
  if (!source.variable.empty() && !source.key.empty()) {
    return without(source, "the credential " + in_quotes(source.key) +
                               " is not there (systemd passes it by LoadCredential=)");
  }
  if (!source.variable.empty()) {
    const char* value = std::getenv(source.variable.c_str());
    if (value != nullptr) return usable(source, value);
    return without(
        source, source.variable + " is not set in the environment of gonogo (set it, and restart)");
  }
  try {
    const std::string content = read_bounded_file(source.file, largest_file);
    if (source.key.empty()) return usable(source, std::string(trimmed(content)));
    const Dotenv dotenv = parse_dotenv(content, source.environment);
    // Nothing starts with such a file, so a default is no value either.
    if (dotenv.problem)
      return {
          {}, true, in_words(*dotenv.problem, source.file) + " (wanted " + source.key + " in it)"};
    const auto found = dotenv.keys.find(source.key);
    if (found != dotenv.keys.end()) return usable(source, found->second);
    return without(source, source.key + " is not in " + source.file);
  } catch (const IoError& broken) {
    if (!broken.can_judge()) throw;
    const std::string wanted = source.key.empty() ? "" : " (wanted " + source.key + " in it)";
    std::string lack = broken.text() + wanted;
    if (broken.reason() == Reason::missing) return without(source, std::move(lack));
    return {{}, true, std::move(lack)};
  }
}

}  // namespace gonogo
