// SQLAlchemy 2.1.9 with asyncpg 0.32.0, psycopg 3.3.9 and psycopg2 2.9.13 decided what is in
// postgres_driver_answers.txt: with what each driver connects for a URL, or that it refuses it.
#include "daemon/formats/postgres_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "daemon/formats/postgres_target.h"

namespace gonogo {
namespace {

struct Answer {
  std::string url;
  std::string expected;
};

std::string unescaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;)
    text.replace(at, 2, "\n");
  return text;
}

// URL, tab, the driver's answer, and behind "| " that of this daemon where it differs on purpose.
std::vector<Answer> answers() {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) +
                     "/tests/unit/daemon/formats/postgres_driver_answers.txt");
  std::vector<Answer> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    const std::size_t bar = line.find("\t| ");
    all.push_back(
        {unescaped(line.substr(0, tab)),
         unescaped(bar == std::string::npos ? line.substr(tab + 1) : line.substr(bar + 3))});
  }
  return all;
}

std::string in_words(std::string url) {
  std::string problem;
  auto target = parse_postgres_target(url, problem);
  if (!target) return problem.find("several hosts") == std::string::npos ? "refused" : "several";
  std::sort(target->parameters.begin(), target->parameters.end());
  std::string text;
  for (const auto& [keyword, value] : target->parameters)
    text += (text.empty() ? "" : " ") + keyword + "=" + value;
  return text;
}

TEST(PostgresDriver, AUrlIsReadAsTheDriverThatItNamesReadsIt) {
  const std::vector<Answer> all = answers();
  ASSERT_GT(all.size(), 300U);
  for (const auto& [url, expected] : all) EXPECT_EQ(in_words(url), expected) << url;
}

std::string problem_of(const std::string& url) {
  std::string problem;
  EXPECT_FALSE(parse_postgres_target(url, problem)) << url;
  return problem;
}

TEST(PostgresDriver, WhatIsRefusedIsNamedWithWhatWouldBeRight) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"postgresql+asyncpg://u:pw@h/db?sslmode=require",
       "is a URL with the parameter `sslmode`, which asyncpg refuses (its name there is `ssl`)"},
      {"postgresql+psycopg://u:pw@h/db?ssl=require",
       "is a URL with the parameter `ssl`, which psycopg refuses (its name there is `sslmode`)"},
      {"postgresql+psycopg2://u:pw@h/db?prepared_statement_cache_size=0",
       "is a URL with the parameter `prepared_statement_cache_size`, which psycopg2 refuses (it is "
       "one of "
       "asyncpg)"},
      {"postgresql+asyncpg://u:pw@h/db?ssl=true",
       "is a URL with the parameter `ssl`, whose value asyncpg does not know (one of disable, "
       "allow, prefer, "
       "require, verify-ca, verify-full)"},
      {"postgresql+asyncpg://u:pw@h/db?prepared_statement_cache_size=x",
       "is a URL with the parameter `prepared_statement_cache_size`, which is no whole number"},
      {"postgresql+asyncpg://u:pw@h/db?statement_cache_size=0",
       "is a URL with the parameter `statement_cache_size`, which asyncpg does not take from a URL "
       "(give it "
       "in the code, by connect_args)"},
      {"postgresql+asyncpg://u:pw@h/db?pgbouncer=true",
       "has the parameter `pgbouncer`, which asyncpg refuses (remove it: the application cannot "
       "connect either)"},
      {"postgresql+asyncpg://u:pw@h/db?ssl=require&ssl=disable",
       "is a URL with the parameter `ssl` twice"},
      {"postgres+asyncpg://u:pw@h/db",
       "is a URL that SQLAlchemy refuses (it begins with postgresql+, not with postgres+)"},
      {"postgres+psycopg2://u:pw@h/db?sslmode=require",
       "is a URL that SQLAlchemy refuses (it begins with postgresql+, not with postgres+)"},
      {"postgresql+asyncpg://u:pw@h:x/db", "is a URL with a port that is no number"}};
  for (const auto& [url, expected] : cases) EXPECT_EQ(problem_of(url), expected) << url;
}

TEST(PostgresDriver, WhatLibpqDoesNotKnowIsNamed) {
  for (const auto& [url, words] : std::vector<std::pair<const char*, const char*>>{
           {"postgresql://u:pw@h/db?ssl=prefer", "`ssl`"},
           {"postgresql://u:pw@h/db?prepared_statement_cache_size=0", "postgresql+asyncpg://"},
           {"postgresql://u:pw@h/db?prepare_threshold=0", "postgresql+psycopg://"},
           {"postgres://u:pw@h/db?schema=public", "`schema`"},
           {"host=h frobnicate=1", "`frobnicate`"}}) {
    EXPECT_NE(problem_of(url).find(words), std::string::npos) << url << ": " << problem_of(url);
  }
}

TEST(PostgresDriver, NoProblemShowsAValueOrAPartOfThePassword) {
  for (const char* url :
       {"postgresql+asyncpg://u:s3cret@h/db?pgbouncer=s3cret",
        "postgresql+asyncpg://h/db?ssl=s3cret", "postgresql+asyncpg://u:p@h?s3cret=x@h/db",
        "postgresql://u:p/a?s3cret=x@h/db", "postgresql+asyncpg://u:p@h/db?command_timeout=s3cret",
        "postgresql+nosuch://u:s3cret@h:s3cret/db"}) {
    EXPECT_EQ(problem_of(url).find("s3cret"), std::string::npos) << url << problem_of(url);
  }
}

}  // namespace
}  // namespace gonogo
