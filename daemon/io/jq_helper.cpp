#include "daemon/io/jq_helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string>

#include "daemon/formats/jq.h"
#include "daemon/formats/jq_messages.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/shadow_memory.h"

namespace gonogo {
namespace {

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(1, bytes.data(), bytes.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string read_all() {
  std::string all;
  std::array<char, 65536> chunk;
  while (true) {
    const ssize_t size = ::read(0, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return all;
    all.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

void write_small_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(file, text.data(), text.size());
  ::close(file);
}

// Bytes of address space that the executable and its libraries take by themselves.
rlim_t own_size() {
  std::array<char, 64> text{};
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  if (size <= 0) return 0;
  return std::strtoull(text.data(), nullptr, 10) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

bool limit(__rlimit_resource_t what, rlim_t value) {
  const rlimit bound{value, value};
  return ::setrlimit(what, &bound) == 0;
}

// No memory above `memory` bytes, no more descriptors (jq's `import` opens files), no core file;
// and it goes first when the host runs out of memory.
bool bound_itself(rlim_t memory) {
  ::prctl(PR_SET_NAME, "gonogo-jq");
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);
  write_small_file("/proc/self/oom_score_adj", "1000");
  ::tzset();  // reads a file
  const rlim_t own = own_size();
  if (own == 0) {
    std::fputs("/proc/self/statm cannot be read", stderr);
    return false;
  }
#ifndef GONOGO_SHADOW_MEMORY
  if (!limit(RLIMIT_AS, own + memory)) {
    std::fprintf(stderr, "setrlimit: %s", std::strerror(errno));
    return false;
  }
#else
  static_cast<void>(memory);
#endif
  limit(RLIMIT_FSIZE, 0);
#ifdef GONOGO_SHADOW_MEMORY
  constexpr rlim_t descriptors = 64;  // the sanitizers read memory through a pipe
#else
  constexpr rlim_t descriptors = 3;
#endif
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, descriptors);
}

std::string answer(const JqRequest& request) {
  std::string out;
  std::optional<Json> json;
  if (!request.asks_truth && !request.texts.empty()) {
    std::string problem;
    json = Json::parse(request.texts.front(), problem);
    if (!json) append_part(out, JqPart::text_problem, problem);
  }
  const bool only_compiles = request.texts.empty();
  for (const std::string_view expression : request.expressions) {
    if (!only_compiles && !request.asks_truth && !json) break;
    std::string problem;
    const auto program = JqProgram::compile_own(std::string(expression), problem);
    if (!program) {
      append_part(out, JqPart::compile_problem, problem);
      break;
    }
    if (request.asks_truth) {
      std::string truths;
      for (const std::string_view text : request.texts)
        truths += static_cast<char>(truth_of(*program, text));
      append_part(out, JqPart::truths, truths);
    } else {
      JqAnswers answers;
      if (json) answers.values = program->run(*json, answers.problem);
      append_part(out, JqPart::answers, to_bytes(answers));
    }
    // At once: the next expression may be the end of this process.
    if (!write_all(out)) std::_Exit(1);
    out.clear();
  }
  append_part(out, JqPart::end, "");
  return out;
}

}  // namespace

bool is_jq_helper(int argc, const char* const* argv) {
  return argc == 3 && std::strcmp(argv[1], jq_helper_verb) == 0;
}

int run_jq_helper(int, const char* const* argv) {
  if (!bound_itself(std::strtoull(argv[2], nullptr, 10))) return exit_unbounded;
  set_jq_memory_handler([](void*) { std::_Exit(exit_no_memory); });
  try {
    const std::string bytes = read_all();
    const auto request = parse_jq_request(bytes);
    if (!request) return 1;
    return write_all(answer(*request)) ? 0 : 1;
  } catch (const std::bad_alloc&) {
    return exit_no_memory;
  }
}

}  // namespace gonogo
