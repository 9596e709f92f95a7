// The `secrets` section: where each secret comes from, and what is there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/formats/settings.h"
#include "daemon/io/file_stamp.h"

namespace gonogo {

// Where a secret comes from: a variable of the environment, or a file, whose whole text it is or
// which has it under a key.
struct SecretSource {
  std::string name;
  std::string variable;
  std::string file;
  std::string key;
  std::optional<std::string> otherwise;  // the `default`, for what an application does not need
  Place place;
  std::map<std::string, std::string> environment;  // what a .env file may use as well
};

// What a source holds.
struct SecretReading {
  std::string value;
  bool is_of_world = true;  // false: the default, which everybody can read in the configuration
  std::string lack;         // why there is no usable value

  // What is filled in. Where the value lacks this is no name, number, address or key: what is made
  // of it is never used, but the options around it are examined.
  const std::string& text() const {
    static const std::string nothing = "?";
    return lack.empty() ? value : nothing;
  }
};

struct SecretTable {
  struct Entry {
    SecretSource source;
    SecretReading reading;
  };
  std::map<std::string, Entry> entries;  // by name
  FileStamps stamps;                     // of their files, as they were before the reading
};

// "DATABASE_URL in /opt/app/.env"
std::string in_words(const SecretSource& source);

// Reads the section below `name`. Nothing when it names no source; the problem is reported.
std::optional<SecretSource> read_secret_source(const std::string& name, Settings& settings,
                                               const std::string& config_path);

// Blocks: for the pool. Throws IoError when this daemon could not read (no descriptors).
SecretReading read_secret(const SecretSource& source);

}  // namespace gonogo
