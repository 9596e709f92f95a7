#include "probes/kinds.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/sanitizers.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

// While it lives, this process can open nothing more.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest = ::dup(0);
    ::close(lowest);
    const rlimit none{static_cast<rlim_t>(lowest), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

struct Case {
  const char* kind;
  const char* options;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.kind << ": " << c.options; }

// Nothing listens on port 9, and no such file is needed: nobody gets as far.
const Case cases[] = {
    {"http", "{url: 'http://127.0.0.1:9/'}"},
    {"http", "{url: 'http://localhost:9/'}"},
    {"http", "{url: 'http://app/', connect_to: 'docker://shop/app:80'}"},
    {"scenario", "{base: 'http://127.0.0.1:9', steps: [{name: front, url: /}]}"},
    {"promql", "{url: 'http://127.0.0.1:9', query: up, expect: {equals: 1}}"},
    {"tcp", "{address: '127.0.0.1:9'}"},
    {"tcp", "{address: 'localhost:9'}"},
    {"tcp", "{address: 'name.invalid:9'}"},
    {"tcp", "{address: 'unix:/run/nobody.sock'}"},
    {"tcp", "{address: '127.0.0.1:9', refused: true}"},
    {"tcp", "{address: '127.0.0.1:9', transport: udp, dialogue: [{send: x}, {expect: x}]}"},
    {"tcp", "{address: 'localhost:9', transport: udp, dialogue: [{send: x}, {expect: x}]}"},
    {"tls", "{address: '127.0.0.1:9'}"},
    {"tls", "{file: /etc/ssl/certs/ca-certificates.crt}"},
    {"dns", "{name: example.org}"},
    {"dns", "{name: example.org, servers: 127.0.0.1}"},
    {"dns", "{name: example.org, servers: [127.0.0.1, 127.0.0.2], transport: tcp}"},
    {"dns", "{name: example.org, servers: 'localhost:9'}"},
    {"ping", "{host: 127.0.0.1}"},
    {"ping", "{host: localhost}"},
    {"postgres", "{database: 'postgresql://user:password@127.0.0.1:9/app'}"},
    {"postgres", "{database: 'postgresql://user:password@localhost:9/app'}"},
    {"postgres", "{database: 'postgresql://user:password@/app?host=/run/nobody'}"},
    {"heartbeat", "{database: 'postgresql://user:password@127.0.0.1:9/app', max_age: 1h}"},
    {"docker", "{min_version: '20.10'}"},
    {"systemd", "{unit: app.service}"},
    {"command", "{argv: [/bin/true]}"},
    {"git", "{path: /}"},
    {"file", "{path: /etc/passwd, contains: root}"},
    {"file", "{glob: '/etc/pass*', min_count: 1}"},
    {"file", "{glob: '/etc/pass*', max_count: 0, min_count: 0}"},
    {"marker", "{path: /etc/passwd, max_age: 26h}"},
    {"dotenv", "{path: /etc/passwd, keys: {A: }}"},
    {"log", "{path: /etc/passwd, max: 0}"},
    {"cron", "{command: backup, at_least_every: 25h}"},
    {"memory", "{min_total: 1GiB}"},
    {"load", "{max_per_core: 50}"},
};

class KindsWithoutDescriptors : public testing::TestWithParam<Case> {};

TEST_P(KindsWithoutDescriptors, BlameNoTarget) {
  ONLY_WITHOUT_SANITIZERS("open a pipe to see whether memory can be read");
  ProbeBench bench;
  // The loop opens some of its own for its first socket.
  bench.run("tcp", "{address: '127.0.0.1:9'}");
  bench.run("file", "{path: /etc/passwd}");
  std::optional<NoDescriptors> none;
  bench.before_run = [&none] { none.emplace(); };
  const Observation seen = bench.run(GetParam().kind, GetParam().options);
  none.reset();
  EXPECT_EQ(name_of(seen.outcome), name_of(Outcome::unknown)) << seen.summary;
  EXPECT_EQ(name_of(seen.reason), name_of(Reason::prober)) << seen.summary;
  bench.before_run = nullptr;
  const Observation again = bench.run(GetParam().kind, GetParam().options);
  EXPECT_NE(name_of(again.reason), name_of(Reason::prober)) << again.summary;
}

INSTANTIATE_TEST_SUITE_P(Table, KindsWithoutDescriptors, testing::ValuesIn(cases),
                         [](const auto& entry) {
                           return std::string(entry.param.kind) + std::to_string(entry.index);
                         });

}  // namespace
}  // namespace gonogo
