#include "probes/shared/text_source.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/dotenv.h"
#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/dotenv_environment.h"
#include "daemon/io/git_repository.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/subprocess.h"
#include "probes/resources.h"
#include "probes/shared/http_fetch.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t longest_text = 200;

}  // namespace

class TextSource {
 public:
  explicit TextSource(Resources& lent) : resources(lent) {}

  Resources& resources;
  std::string path;  // of a file; empty: a work tree, a program or a server
  std::string tree;  // whose HEAD is asked for
  std::string key;   // of a .env
  JsonCondition jq;
  std::map<std::string, std::string> environment;
  std::vector<std::string> argv;
  HttpCall call;
  JudgedRoute route;
  std::string name;  // for messages
};

namespace {

[[noreturn]] void fail(Reason reason, std::string text) {
  throw RunEnded(Finding::fail(reason, std::move(text)));
}

std::string picked_by_key(const TextSource& source, const std::string& content) {
  const Dotenv dotenv = parse_dotenv(content, source.environment);
  if (dotenv.problem) fail(Reason::content, in_words(*dotenv.problem, source.name));
  const auto found = dotenv.keys.find(source.key);
  if (found == dotenv.keys.end()) fail(Reason::missing, source.key + " is not in " + source.name);
  return found->second;
}

asio::awaitable<std::string> picked(std::shared_ptr<TextSource> of, std::string content,
                                    Attempt& attempt) {
  const TextSource& source = *of;
  if (!source.key.empty()) co_return picked_by_key(source, content);
  if (!source.jq) co_return content;
  JqPrograms programs(1, source.jq.program);
  auto running = run_jq(std::move(programs), std::move(content), source.resources, attempt);
  const JqRun run = co_await std::move(running);
  if (!run.text_problem.empty())
    fail(Reason::json, source.name + " is not JSON: " + run.text_problem);
  const auto& [answers, problem] = run.answers.front();
  if (problem.starts_with(bound_problem))
    fail(Reason::json, source.name + ": " + problem.substr(bound_problem.size()));
  if (!problem.empty())
    fail(Reason::json, on_one_line(source.jq.text, 120) + ": " + on_one_line(problem));
  const auto value = answers.size() == 1 ? nlohmann::json::parse(answers.front(), nullptr, false)
                                         : nlohmann::json();
  if (!value.is_string() && !value.is_number())
    fail(Reason::json,
         on_one_line(source.jq.text, 120) + " of " + source.name + " is no text, wanted one");
  co_return value.is_string() ? value.get<std::string>() : to_json_text(value);
}

asio::awaitable<std::string> fetch_content(std::shared_ptr<TextSource> source, Attempt& attempt) {
  HttpCall call = source->call;
  auto fetching =
      fetch_judged(source->route, std::move(call), std::nullopt, source->resources, attempt);
  JudgedReply reply = co_await std::move(fetching);
  if (reply.certificate && reply.certificate->outcome == Outcome::fail)
    throw RunEnded(std::move(*reply.certificate));
  if (reply.response.status != 200) {
    Finding finding =
        Finding::fail(Reason::status, source->name + " answered " +
                                          std::to_string(reply.response.status) + ", wanted 200");
    finding.is_refused = refuses_credentials(reply.response, source->call.method);
    throw RunEnded(std::move(finding));
  }
  co_return std::move(reply.response.body);
}

asio::awaitable<std::string> run_content(std::shared_ptr<TextSource> source, Attempt& attempt) {
  Program program;
  program.argv = source->argv;
  program.environment = plain_environment();
  program.most_output = 4096;
  auto running = run_program(std::move(program), source->resources, attempt);
  ProgramEnd end = co_await std::move(running);
  if (end.exit_status != 0)
    fail(Reason::status, source->name + ": " + in_words(end) + ", " + on_one_line(end.errors, 160));
  co_return std::move(end.output);
}

// The repository's own configuration may name programs, which nobody trusts.
asio::awaitable<std::string> head_of(std::shared_ptr<TextSource> source, Attempt& attempt) {
  auto opening = GitRepository::open(source->tree, source->resources, attempt);
  const std::unique_ptr<GitRepository> repository = co_await std::move(opening);
  std::vector<std::string> arguments{"rev-parse", "--verify", "HEAD^{commit}"};
  auto asking = repository->git(std::move(arguments), attempt, 4096);
  ProgramEnd end = co_await std::move(asking);
  if (end.exit_status != 0)
    fail(Reason::missing, source->tree + " has no HEAD: " + repository->why(end));
  co_return std::move(end.output);
}

}  // namespace

asio::awaitable<std::string> ask(std::shared_ptr<TextSource> source, Attempt& attempt) {
  std::string content;
  if (!source->tree.empty()) {
    content = co_await head_of(source, attempt);
  } else if (!source->argv.empty()) {
    content = co_await run_content(source, attempt);
  } else if (source->path.empty()) {
    content = co_await fetch_content(source, attempt);
  } else {
    attempt.enter(Stage::read);
    auto read = [path = source->path] { return read_bounded_file(path, largest_file); };
    auto reading = offload(source->resources.pool, std::move(read));
    content = co_await std::move(reading);
  }
  attempt.enter(Stage::judge);
  auto picking = picked(source, std::move(content), attempt);
  const std::string text = co_await std::move(picking);
  const std::string_view line = trimmed(text);
  if (line.empty()) fail(Reason::content, source->name + " says nothing, wanted a version");
  const bool is_one_line = line.size() <= longest_text && line.find('\n') == std::string_view::npos;
  if (!is_one_line)
    fail(Reason::content, source->name + " says " + in_quotes(line) +
                              ", wanted one line of at most " + std::to_string(longest_text) +
                              " bytes");
  co_return on_one_line(line, longest_text);
}

std::shared_ptr<TextSource> read_text_source(Settings& settings, Resources& resources) {
  auto source = std::make_shared<TextSource>(resources);
  int given = 0;
  const auto file = settings.text("file");
  const auto dotenv = settings.text("dotenv");
  const auto json = settings.text("json");
  for (const auto& path : {file, dotenv, json}) {
    if (!path) continue;
    ++given;
    source->path = *path;
    source->name = *path;
  }
  if (dotenv) {
    source->key = settings.required_text("key", "APP_VERSION");
    source->environment = read_dotenv_environment(settings);
  }
  if (json) {
    source->jq = read_json_condition(settings, "jq", ".version");
    if (!source->jq) settings.complain("`jq` is missing (such as jq: .version)");
  }
  if (const auto tree = settings.text("git")) {
    ++given;
    source->tree = *tree;
    source->name = "git in " + *tree;
  }
  if (auto argv = settings.texts("command"); !argv.empty()) {
    ++given;
    source->name = argv.front();
    source->argv = std::move(argv);
  }
  if (settings.has("http")) {
    ++given;
    Settings http = settings.section("http");
    source->call.url = read_url(http, "https://api.example.org/version");
    source->call.headers = read_request_headers(http);
    source->route = read_judged_route(http, source->call.url, source->call.url.is_tls);
    source->name = source->call.url.target.host + source->call.url.path;
    source->jq = read_json_condition(http, "jq", ".version");
    http.finish();
  }
  if (given != 1)
    settings.complain(
        "needs one of file: PATH, dotenv: PATH with key, json: PATH with jq, git: PATH, "
        "command: [...], http: {url: ..., jq: ...}");
  return source;
}

}  // namespace gonogo
