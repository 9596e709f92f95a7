// Files of KEY=value lines, read as `docker compose` reads its env_file.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// Why compose refuses a file. The text shows no value and no part of one.
struct DotenvProblem {
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // in characters, from 1
  std::string text;
};

// What a file of KEY=value lines sets. Where compose refuses the file nothing starts, so `problem`
// is there and no key is.
struct Dotenv {
  struct Repeated {
    std::string name;
    std::vector<std::size_t> lines;  // in which it is set; the last one counts
  };
  // The value of `name` uses a variable that nothing sets; compose puts nothing in its place.
  struct Unset {
    std::string name;
    std::size_t line = 0;
  };

  std::map<std::string, std::string> keys;
  std::vector<Repeated> repeated;
  std::vector<Unset> unset;
  std::optional<DotenvProblem> problem;
};

// Reads a file as compose does: `export`, comments, "KEY: value", CRLF, a byte order mark, quotes
// and references to variables. A variable of `environment` goes before one of the file, and a name
// without a value takes its value there; no other variable of any environment is known.
Dotenv parse_dotenv(std::string_view text,
                    const std::map<std::string, std::string>& environment = {});

// "/opt/app/.env, line 3, column 5: ..., so docker compose refuses the file"
std::string in_words(const DotenvProblem& problem, std::string_view path);

}  // namespace gonogo
