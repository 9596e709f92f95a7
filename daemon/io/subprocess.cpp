#include "daemon/io/subprocess.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/core/text.h"
#include "daemon/io/parts.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using Descriptor = asio::posix::stream_descriptor;

// What a start of a program needs of this host, the descriptors and the process itself, says
// nothing of the program.
[[noreturn]] void refuse_start(const std::string& what, int error) {
  throw IoError::cannot_judge(Reason::prober, what + ": " + std::strerror(error));
}

// Processes that were killed and had not ended yet. The next start of a program reaps them.
class Leftovers {
 public:
  void add(pid_t process) {
    const std::scoped_lock lock(mutex_);
    processes_.push_back(process);
  }
  void reap() {
    const std::scoped_lock lock(mutex_);
    std::erase_if(processes_,
                  [](pid_t process) { return ::waitpid(process, nullptr, WNOHANG) != 0; });
  }

 private:
  std::mutex mutex_;
  std::vector<pid_t> processes_;
};

Leftovers& leftovers() {
  static Leftovers all;
  return all;
}

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) refuse_start("no pipe could be made", errno);
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close(std::size_t end) {
    if (ends.at(end) >= 0) ::close(ends.at(end));
    ends.at(end) = -1;
  }
  int take_reading() { return std::exchange(ends[0], -1); }
  std::array<int, 2> ends{-1, -1};
};

// What a program reads from: a socket, which raises no SIGPIPE here when the program does not read,
// or nothing.
struct Source {
  explicit Source(bool is_empty) {
    if (is_empty) {
      ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (ends[0] < 0) refuse_start("/dev/null", errno);
    } else if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      refuse_start("no socket could be made", errno);
    }
  }
  ~Source() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  int take_writing() { return std::exchange(ends[1], -1); }
  std::array<int, 2> ends{-1, -1};
};

// Everything the child needs between fork and exec. It is made before the fork: after the fork of
// a process with threads only async-signal-safe calls are allowed (signal-safety(7)).
struct Launch {
  explicit Launch(const Program& program) : wanted(program) {
    for (const std::string& word : program.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::string path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    for (const auto& [name, value] : program.environment) {
      variables.push_back(std::string(name).append("=").append(value));
      if (name == "PATH") path = value;
    }
    for (const std::string& variable : variables)
      envp.push_back(const_cast<char*>(variable.c_str()));
    envp.push_back(nullptr);
    if (program.argv.front().find('/') != std::string::npos) {
      candidates.push_back(program.argv.front());
    } else {
      std::string_view rest = path;
      while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        candidates.push_back(std::string(rest.substr(0, colon)) + "/" + program.argv.front());
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
      }
    }
  }

  [[noreturn]] void run(int in, int out, int err, int report) const {
    ::setsid();
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGCHLD}) ::signal(number, SIG_DFL);
    const auto fail_if = [report](bool failed) {
      if (!failed) return;
      const int error = errno;
      [[maybe_unused]] const ssize_t ignored = ::write(report, &error, sizeof error);
      ::_exit(127);
    };
    limit(RLIMIT_CORE, 0);
    if (wanted.cpu_limit) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wanted.cpu_limit).count();
      limit(RLIMIT_CPU, static_cast<rlim_t>(seconds));
    }
    if (wanted.memory_limit) limit(RLIMIT_AS, static_cast<rlim_t>(*wanted.memory_limit));
    if (wanted.user) {
      fail_if(::setgroups(wanted.user->groups.size(), wanted.user->groups.data()) != 0);
      fail_if(::setresgid(wanted.user->group, wanted.user->group, wanted.user->group) != 0);
      fail_if(::setresuid(wanted.user->user, wanted.user->user, wanted.user->user) != 0);
    }
    fail_if(::chdir(wanted.folder.c_str()) != 0);
    ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    int error = ENOENT;
    for (const std::string& candidate : candidates) {
      ::execve(candidate.c_str(), argv.data(), envp.data());
      if (errno != ENOENT && errno != ENOTDIR) error = errno;
    }
    errno = error;
    fail_if(true);
    ::_exit(127);
  }

 private:
  static void limit(__rlimit_resource_t what, rlim_t value) {
    const rlimit bound{value, value};
    ::setrlimit(what, &bound);
  }

  const Program& wanted;
  std::vector<char*> argv;
  std::vector<std::string> variables;
  std::vector<char*> envp;
  std::vector<std::string> candidates;
};

// The running program. The destructor kills its whole process group.
class Child {
 public:
  Child(asio::io_context& loop, Program& program)
      : most_output_(program.most_output),
        input_(std::move(program.input)),
        in_(loop),
        out_(loop),
        err_(loop),
        report_(loop),
        process_(loop) {
    leftovers().reap();
    const Launch launch(program);
    Pipe out;
    Pipe err;
    Pipe report;
    Source in(input_.empty());
    id_ = ::fork();
    if (id_ == 0) launch.run(in.ends[0], out.ends[1], err.ends[1], report.ends[1]);
    if (id_ < 0) refuse_start("no process could be started", errno);
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
    if (handle < 0) {
      const int error = errno;
      end_group();
      refuse_start("no descriptor of the process", error);
    }
    process_.assign(handle);
    if (!input_.empty()) in_.assign(asio::local::stream_protocol(), in.take_writing());
    out_.assign(out.take_reading());
    err_.assign(err.take_reading());
    report_.assign(report.take_reading());
    for (Descriptor* each : {&out_, &err_}) each->non_blocking(true);
  }
  ~Child() { end_group(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The errno of the child when it could not be started, 0 when it runs.
  asio::awaitable<int> start_error() {
    int error = 0;
    boost::system::error_code ended;
    const asio::mutable_buffer into = asio::buffer(&error, sizeof error);
    const std::size_t size =
        co_await report_.async_read_some(into, asio::redirect_error(asio::use_awaitable, ended));
    if (ended && ended != asio::error::eof) throw boost::system::system_error(ended);
    co_return size == sizeof error ? error : 0;
  }

  // What is not read is nobody's loss.
  asio::awaitable<int> write_input() {
    if (!in_.is_open()) co_return 0;
    boost::system::error_code ignored;
    const asio::const_buffer all = asio::buffer(input_);
    co_await asio::async_write(in_, all, asio::redirect_error(asio::use_awaitable, ignored));
    in_.close(ignored);
    co_return 0;
  }
  asio::awaitable<int> read_output() {
    co_await read(out_, end.output);
    co_return 0;
  }
  asio::awaitable<int> read_errors() {
    co_await read(err_, end.errors);
    co_return 0;
  }
  asio::awaitable<int> await_end() {
    co_await process_.async_wait(Descriptor::wait_read, asio::use_awaitable);
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(process_.native_handle()), &info, WEXITED) == 0) {
      if (info.si_code == CLD_EXITED) end.exit_status = info.si_status;
      if (info.si_code != CLD_EXITED) end.signal = info.si_status;
    }
    is_reaped_ = true;
    // Processes that it left behind would hold its outputs open.
    ::kill(-id_, SIGKILL);
    stop_reading();
    co_return 0;
  }

  ProgramEnd end;
  bool wrote_too_much = false;

 private:
  asio::awaitable<void> read(Descriptor& from, std::string& into) {
    std::array<char, 8192> chunk;
    while (true) {
      boost::system::error_code error;
      const asio::mutable_buffer buffer = asio::buffer(chunk);
      const std::size_t size =
          co_await from.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
      into.append(chunk.data(), size);
      if (into.size() > most_output_) {
        wrote_too_much = true;
        into.resize(most_output_);
        ::kill(-id_, SIGKILL);
        co_return;
      }
      if (!error) continue;
      if (error != asio::error::operation_aborted || !is_reaped_) co_return;
      drain(from, into);
      co_return;
    }
  }

  // Reads what was written before the end and is not read yet.
  void drain(Descriptor& from, std::string& into) {
    std::array<char, 8192> chunk;
    while (into.size() <= most_output_) {
      const ssize_t size = ::read(from.native_handle(), chunk.data(), chunk.size());
      if (size <= 0) return;
      into.append(chunk.data(), static_cast<std::size_t>(size));
    }
    into.resize(most_output_);
    wrote_too_much = true;
  }

  void stop_reading() {
    boost::system::error_code ignored;
    in_.close(ignored);
    out_.cancel(ignored);
    err_.cancel(ignored);
  }

  void end_group() {
    if (is_reaped_ || id_ <= 0) return;
    // The child may not have its own group yet: it is killed by its own id as well.
    ::kill(-id_, SIGKILL);
    ::kill(id_, SIGKILL);
    if (::waitpid(id_, nullptr, WNOHANG) == 0) leftovers().add(id_);
    is_reaped_ = true;
  }

  std::size_t most_output_;
  pid_t id_ = -1;
  bool is_reaped_ = false;
  std::string input_;
  asio::local::stream_protocol::socket in_;
  Descriptor out_;
  Descriptor err_;
  Descriptor report_;
  Descriptor process_;
};

[[noreturn]] void refuse_program(const std::string& name, int error) {
  const std::string text = in_quotes(name) + " could not be started: " + std::strerror(error);
  if (is_own_start_error(error)) throw IoError::cannot_judge(Reason::prober, text);
  switch (error) {
    case ENOENT:
    case ENOTDIR: throw IoError(Reason::missing, text);
    case EACCES:
    case EPERM: throw IoError(Reason::permission, text);
    default: throw IoError(Reason::error, text);
  }
}

void throw_if_too_much(const Child& child, const Program& program) {
  if (!child.wrote_too_much) return;
  throw IoError(Reason::threshold, "wrote more than " + std::to_string(program.most_output) +
                                       " bytes, the most that is read");
}

asio::awaitable<int> run_parts_of(std::shared_ptr<Child> child, std::string name) {
  const int error = co_await child->start_error();
  if (error != 0) refuse_program(name, error);
  const auto executor = co_await asio::this_coro::executor;
  const auto ignore = [](const std::exception_ptr&, int) {};
  asio::co_spawn(executor, child->write_input(), ignore);
  asio::co_spawn(executor, child->read_output(), ignore);
  asio::co_spawn(executor, child->read_errors(), ignore);
  co_return co_await child->await_end();
}

}  // namespace

std::optional<UserIdentity> find_user(const std::string& name) {
  std::array<char, 16384> memory{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  if (found == nullptr && is_number && name.size() < 10)
    ::getpwuid_r(static_cast<uid_t>(std::stoul(name)), &entry, memory.data(), memory.size(),
                 &found);
  if (found == nullptr) return std::nullopt;
  UserIdentity user{found->pw_uid, found->pw_gid, std::vector<gid_t>(256), found->pw_dir};
  int count = static_cast<int>(user.groups.size());
  if (::getgrouplist(found->pw_name, found->pw_gid, user.groups.data(), &count) < 0) count = 0;
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

std::vector<std::pair<std::string, std::string>> plain_environment() {
  return {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
          {"LANG", "C.UTF-8"},
          {"HOME", "/"}};
}

asio::awaitable<ProgramEnd> run_program(Program program, Io& io, Attempt& attempt) {
  attempt.enter(Stage::start);
  auto child = std::make_shared<Child>(io.loop, program);
  const int error = co_await child->start_error();
  if (error != 0) refuse_program(program.argv.front(), error);
  attempt.enter(Stage::read);
  std::vector<Part<int>> parts;
  parts.emplace_back([child](Attempt&) { return child->write_input(); });
  parts.emplace_back([child](Attempt&) { return child->read_output(); });
  parts.emplace_back([child](Attempt&) { return child->read_errors(); });
  parts.emplace_back([child](Attempt&) { return child->await_end(); });
  // At the deadline of the run the program is abandoned.
  auto running = run_parts<int>(io, attempt.deadline(), std::move(parts));
  co_await std::move(running);
  throw_if_too_much(*child, program);
  if (child->end.exit_status < 0 && child->end.signal == 0)
    throw boost::system::system_error(asio::error::operation_aborted);
  co_return std::move(child->end);
}

std::optional<ProgramEnd> run_program_and_block(Program program, Duration longest) {
  asio::io_context loop{1};
  auto child = std::make_shared<Child>(loop, program);
  std::exception_ptr failure;
  bool has_ended = false;
  asio::co_spawn(loop, run_parts_of(child, program.argv.front()),
                 [&](const std::exception_ptr& error, int) {
                   failure = error;
                   has_ended = true;
                 });
  loop.run_for(longest);
  if (!has_ended) return std::nullopt;
  if (failure) std::rethrow_exception(failure);
  throw_if_too_much(*child, program);
  return std::move(child->end);
}

std::string in_words(const ProgramEnd& end) {
  if (end.signal == 0) return "exit status " + std::to_string(end.exit_status);
  return "ended by signal " + std::to_string(end.signal) + " (" + ::strsignal(end.signal) + ")";
}

}  // namespace gonogo
