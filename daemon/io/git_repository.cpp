#include "daemon/io/git_repository.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/git_listing.h"
#include "daemon/formats/url.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/io.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// What a repository has beside its configuration and its hooks (gitrepository-layout(5)).
constexpr std::array<const char*, 7> parts_of_repository{
    "objects", "refs", "packed-refs", "info", "shallow", "remotes", "branches"};

[[noreturn]] void refuse(const std::string& folder) {
  const std::string why = std::strerror(errno);
  throw IoError::cannot_judge(Reason::prober,
                              "no folder for git's settings, " + folder + ": " + why);
}

void remove_stand_in(const std::string& folder) {
  for (const char* part : parts_of_repository) ::unlink((folder + "/" + part).c_str());
  ::unlink((folder + "/config").c_str());
  ::rmdir(folder.c_str());
}

// A folder with links to all of the repository but its configuration. It blocks.
std::string make_stand_in(const std::string& repository, const std::string& config) {
  std::error_code none;
  std::string folder = std::filesystem::temp_directory_path(none).string();
  if (none) folder = "/tmp";
  folder += "/gonogo-git-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) refuse(folder);
  bool is_made = true;
  for (const char* part : parts_of_repository) {
    const std::string from = repository + "/" + part;
    is_made = is_made && ::symlink(from.c_str(), (folder + "/" + part).c_str()) == 0;
  }
  const int file =
      ::open((folder + "/config").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto size = static_cast<ssize_t>(config.size());
  is_made = is_made && file >= 0 && ::write(file, config.data(), config.size()) == size;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (is_made) return folder;
  remove_stand_in(folder);
  errno = error;
  refuse(folder);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

GitRepository::GitRepository(std::string path, Io& io) : path_(std::move(path)), io_(io) {}

GitRepository::~GitRepository() {
  if (!stand_in_.empty()) remove_stand_in(stand_in_);
}

std::string GitRepository::why(const ProgramEnd& end) const {
  // The bound of what is read may have cut it.
  const std::string clean = secrets_.clean(end.errors, torn_at_both_ends);
  const std::string_view said = trimmed(clean);
  return in_words(end) +
         (said.empty() ? "" : ", " + on_one_line(said.substr(said.rfind('\n') + 1), 200));
}

Program GitRepository::program(std::vector<std::string> arguments) const {
  Program program;
  program.argv = {"git", "-C", path_};
  program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
  program.environment = plain_environment();
  const auto set = [&program](const std::string& name, const std::string& value) {
    program.environment.emplace_back(name, value);
  };
  set("GIT_TERMINAL_PROMPT", "0");
  set("GIT_OPTIONAL_LOCKS", "0");
  set("GIT_ASKPASS", "/bin/false");
  set("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
  set("GIT_CONFIG_NOSYSTEM", "1");
  // Other schemes of URLs name a program, git-remote-SCHEME.
  set("GIT_ALLOW_PROTOCOL", "file:ftp:ftps:git:http:https:ssh");
  GitConfig settings{
      {"safe.directory", path_}, {"core.fsmonitor", "false"}, {"core.hookspath", "/dev/null"}};
  if (!stand_in_.empty()) {
    set("GIT_DIR", own_folder_);
    set("GIT_COMMON_DIR", stand_in_);
    if (!top_.empty()) set("GIT_WORK_TREE", top_);
  }
  set("GIT_CONFIG_COUNT", std::to_string(settings.size()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    set("GIT_CONFIG_KEY_" + std::to_string(i), settings[i].first);
    set("GIT_CONFIG_VALUE_" + std::to_string(i), settings[i].second);
  }
  return program;
}

asio::awaitable<ProgramEnd> GitRepository::git(std::vector<std::string> arguments, Attempt& attempt,
                                               std::size_t most_output) {
  Program started = program(std::move(arguments));
  started.most_output = most_output;
  auto running = run_program(std::move(started), io_, attempt);
  co_return co_await std::move(running);
}

asio::awaitable<std::string> GitRepository::list(std::vector<std::string> arguments,
                                                 Attempt& attempt) {
  auto asking = git(std::move(arguments), attempt);
  ProgramEnd end = co_await std::move(asking);
  if (end.exit_status != 0)
    throw IoError(Reason::missing, path_ + " is no git repository: " + why(end));
  co_return std::move(end.output);
}

// None of these commands runs a program.
asio::awaitable<void> GitRepository::find_places(Attempt& attempt) {
  std::vector<std::string> where{"rev-parse", "--path-format=absolute", "--git-dir",
                                 "--git-common-dir", "--is-inside-work-tree"};
  auto asking = list(std::move(where), attempt);
  const std::string answer = co_await std::move(asking);
  const std::vector<std::string> places = lines_of(answer);
  if (places.size() != 3)
    throw IoError(Reason::error, path_ + ": git rev-parse gave no three lines");
  own_folder_ = places[0];
  shared_folder_ = places[1];
  if (places[2] != "true") co_return;
  std::vector<std::string> what{"rev-parse", "--show-toplevel"};
  auto asking_top = list(std::move(what), attempt);
  const std::string top = co_await std::move(asking_top);
  top_ = top.substr(0, top.rfind('\n'));
}

asio::awaitable<std::unique_ptr<GitRepository>> GitRepository::open(std::string path, Io& io,
                                                                    Attempt& attempt) {
  std::unique_ptr<GitRepository> repository(new GitRepository(std::move(path), io));
  co_await repository->find_places(attempt);
  std::vector<std::string> what{"config", "--list", "-z"};
  auto asking = repository->list(std::move(what), attempt);
  const std::string listing = co_await std::move(asking);
  const GitConfig config = parse_git_config(listing);
  repository->filters_ = filters_of(config);
  for (const std::string& secret : secrets_of(config)) {
    repository->secrets_.hide(secret);
    repository->secrets_.hide(percent_decoded(secret));
  }
  auto make = [from = repository->shared_folder_,
               text = harmless_file_of(config, repository->top_.empty())] {
    return make_stand_in(from, text);
  };
  auto making = offload(io.pool, std::move(make));
  repository->stand_in_ = co_await std::move(making);
  co_return repository;
}

}  // namespace gonogo
