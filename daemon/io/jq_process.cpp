#include "daemon/io/jq_process.h"

#include <signal.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <deque>
#include <utility>

#include "daemon/core/attempt.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/io/io.h"
#include "daemon/io/jq_helper.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/subprocess.h"
#include "daemon/io/waiter.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_at_once = 4;
constexpr std::size_t most_reply = 1 << 20;
// Beside what the text takes: libjq holds small objects in twenty times their bytes.
constexpr std::size_t memory_of_expression = 192 << 20;
constexpr std::size_t memory_for_byte = 24;
constexpr Duration longest_compiling = std::chrono::seconds{10};

// Who runs a process and who waits for a turn, on one loop.
class JqLine : public asio::execution_context::service {
 public:
  using key_type = JqLine;
  static asio::execution_context::id id;

  explicit JqLine(asio::execution_context& loop) : service(loop) {}

  void shutdown() noexcept override {
    is_closed_ = true;
    // A caller that still waits is a coroutine that nothing resumes any more: it is destroyed.
    for (const auto& waiter : std::exchange(waiting_, {})) waiter->forget();
    for (const auto& waiter : std::exchange(called_, {})) waiter->forget();
  }

  // False: it has to enter the line. Nobody overtakes those who wait.
  bool begins_at_once() {
    if (running_ == most_at_once || !waiting_.empty()) return false;
    ++running_;
    return true;
  }

  // Hands the turn to the first in line: it is never free meanwhile.
  void end(asio::io_context& loop) {
    if (is_closed_ || waiting_.empty()) {
      --running_;
      return;
    }
    const std::shared_ptr<Waiter> next = waiting_.front();
    waiting_.pop_front();
    called_.push_back(next);
    asio::post(loop, [next] { next->resume({}); });
  }

  void enter(const std::shared_ptr<Waiter>& waiter) { waiting_.push_back(waiter); }

  // True: it was given the turn, and has to end() it.
  bool leave(const std::shared_ptr<Waiter>& waiter) {
    std::erase(waiting_, waiter);
    return std::erase(called_, waiter) > 0;
  }

 private:
  std::size_t running_ = 0;  // also those that are called
  std::deque<std::shared_ptr<Waiter>> waiting_;
  std::deque<std::shared_ptr<Waiter>> called_;  // to be resumed soon
  bool is_closed_ = false;
};

asio::execution_context::id JqLine::id;

class Turn {
 public:
  explicit Turn(asio::io_context& loop) : loop_(loop), line_(asio::use_service<JqLine>(loop)) {}
  ~Turn() {
    if (has_begun_) line_.end(loop_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Throws IoError when it is not this one's turn by `latest`.
  asio::awaitable<void> await(Io& io, SteadyTime latest) {
    has_begun_ = line_.begins_at_once();
    if (!has_begun_) {
      const Place place(*this, std::make_shared<Waiter>());
      const std::shared_ptr<Waiter> waiter = place.waiter;
      const Timer limit =
          io.clock.call_at(latest, [waiter] { waiter->resume(asio::error::timed_out); });
      auto begin = [] {};
      auto cancelled = [waiter, &loop = loop_] {
        asio::post(loop, [waiter] { waiter->resume(asio::error::operation_aborted); });
      };
      auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
      co_await std::move(waiting);
    }
  }

 private:
  // A place in the line, left whatever happens. Who was given the turn has it then, also one that
  // is no longer interested: it ends with the Turn.
  struct Place {
    Place(Turn& of, std::shared_ptr<Waiter> taken) : turn(of), waiter(std::move(taken)) {
      turn.line_.enter(waiter);
    }
    ~Place() {
      if (turn.line_.leave(waiter)) turn.has_begun_ = true;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Turn& turn;
    std::shared_ptr<Waiter> waiter;
  };

  asio::io_context& loop_;
  JqLine& line_;
  bool has_begun_ = false;
};

std::size_t memory_for(const JqJob& job) {
  std::size_t bytes = 0;
  for (const std::string& text : job.texts) bytes += text.size();
  return memory_of_expression + memory_for_byte * bytes;
}

Program helper_for(const JqJob& job, Duration time) {
  JqRequest request;
  request.asks_truth = job.asks_truth;
  for (const std::string& text : job.expressions) request.expressions.emplace_back(text);
  for (const std::string& text : job.texts) request.texts.emplace_back(text);
  Program program;
  // This executable itself, also after its file was replaced by a newer one.
  program.argv = {"/proc/self/exe", jq_helper_verb, std::to_string(memory_for(job))};
  program.environment = {{"LANG", "C.UTF-8"}};
  if (const char* zone = std::getenv("TZ")) program.environment.emplace_back("TZ", zone);
  program.input = to_bytes(request);
  // A process that outlives this one ends by itself.
  program.cpu_limit = time + std::chrono::seconds{1};
  // A truth is one byte for each text.
  program.most_output = most_reply + job.texts.size();
  return program;
}

std::string shown(const std::string& expression) { return on_one_line(expression, 120); }

// Rounded up: nobody set 2.85 s.
std::string rounded(Duration span) {
  constexpr Duration second = std::chrono::seconds{1};
  return to_words(span < second ? span : std::chrono::ceil<std::chrono::seconds>(span));
}

// The expression whose answers are the first that are missing.
std::string culprit(const JqJob& job, const JqReply& reply) {
  const std::size_t done = std::min(reply.answers.size(), job.expressions.size() - 1);
  return shown(job.expressions[done]);
}

// Throws what the end of the process says, when it did not write a whole reply. `name`: of the
// expression it was at.
void throw_if_cut(const JqJob& job, const JqReply& reply, const ProgramEnd& end,
                  const std::string& name) {
  if (reply.is_whole) return;
  if (end.exit_status == exit_no_memory) {
    throw IoError(Reason::json,
                  name + " needs more than " +
                      size_in_words(static_cast<std::int64_t>(memory_for(job))) +
                      " of memory, wanted less (simplify the expression or the text)");
  }
  if (end.signal == SIGXCPU)
    throw IoError(Reason::timeout, name + " takes too long, wanted an answer by the deadline");
  // jq itself ends by these; whoever runs out of memory or patience on this host sends SIGKILL.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGTRAP, SIGSYS}) {
    if (end.signal == number)
      throw IoError(Reason::json, name + " crashes jq: " + in_words(end) + ", wanted an answer");
  }
  throw IoError::cannot_judge(Reason::prober,
                              "the process for jq gave no answer: " + in_words(end) +
                                  (end.errors.empty() ? "" : ", " + on_one_line(end.errors, 160)));
}

[[noreturn]] void cannot_start(const std::string& why) {
  throw IoError::cannot_judge(Reason::prober, "the process for jq could not run: " + why);
}

struct Ran {
  ProgramEnd end;
  bool is_late = false;
};

// As run_program(), but what goes wrong is no fault of a target.
asio::awaitable<Ran> run_helper(Program program, Io& io, SteadyTime latest) {
  Ran ran;
  Attempt own(io.clock, latest);
  std::string problem;
  try {
    auto running = run_program(std::move(program), io, own);
    ran.end = co_await std::move(running);
  } catch (const IoError& error) {
    if (error.reason() == Reason::threshold)
      throw IoError(Reason::json, "the results of jq are larger than " +
                                      size_in_words(static_cast<std::int64_t>(most_reply)));
    problem = error.text();
  } catch (const boost::system::system_error& error) {
    ran.is_late = io.clock.now() >= latest;
    if (!ran.is_late && error.code() == asio::error::operation_aborted) throw;
    if (!ran.is_late) problem = error.code().message();
  }
  if (!problem.empty()) cannot_start(problem);
  co_return ran;
}

}  // namespace

asio::awaitable<JqReply> run_in_jq_process(JqJob job, Io& io, Attempt& attempt) {
  const Duration whole = attempt.remaining();
  // What the process does is reported, so it has to end before the run does.
  const SteadyTime latest = attempt.deadline() - whole / 20;
  Turn turn(io.loop);
  bool is_late = false;
  try {
    auto waiting = turn.await(io, latest);
    co_await std::move(waiting);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::timed_out) throw;
    is_late = true;
  }
  if (is_late) {
    throw IoError::cannot_judge(
        Reason::prober, "no turn within " + to_words(whole) + ": " +
                            counted(most_at_once, "other jq process", "other jq processes") +
                            " run");
  }
  const Duration left = latest - io.clock.now();
  Program program = helper_for(job, left);
  auto running = run_helper(std::move(program), io, latest);
  const Ran ran = co_await std::move(running);
  if (ran.is_late && left < whole / 2) {
    throw IoError::cannot_judge(Reason::prober, "only " + to_words(left) +
                                                    " were left for jq after " +
                                                    to_words(whole - left) + " in line");
  }
  if (ran.is_late) {
    const std::string names = job.expressions.size() == 1
                                  ? shown(job.expressions.front())
                                  : counted(job.expressions.size(), "jq expression");
    throw IoError(Reason::timeout, names + " gave no answer within " + rounded(left) +
                                       " (simplify the expression or raise the timeout)");
  }
  JqReply reply = parse_jq_reply(ran.end.output);
  throw_if_cut(job, reply, ran.end, culprit(job, reply));
  if (!reply.compile_problem.empty())
    throw IoError(Reason::json, culprit(job, reply) + " is no jq expression: " +
                                    shown_problem(reply.compile_problem));
  co_return reply;
}

std::string jq_compile_problem(const std::string& expression) {
  const JqJob job{{expression}, {}};
  try {
    const auto end = run_program_and_block(helper_for(job, longest_compiling), longest_compiling);
    if (!end) return "it takes longer than " + to_words(longest_compiling) + " to compile";
    const JqReply reply = parse_jq_reply(end->output);
    throw_if_cut(job, reply, *end, "it");
    return reply.compile_problem;
  } catch (const IoError& error) {
    // Where no process can be started now, each run says so.
    return error.can_judge() ? error.text() : std::string();
  } catch (const boost::system::system_error&) {
    return {};
  }
}

}  // namespace gonogo
