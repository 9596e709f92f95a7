// What decides a result besides the options of its kind is part of what the result means.
#include <gtest/gtest.h>

#include <set>

#include "daemon/config/config.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

// A check, and what its results follow: the name servers (n), the Docker Engine (d).
struct Case {
  std::string kind;
  std::string options;
  std::string follows;
};

const std::vector<Case> cases{
    {"clock", "{max_jump: 1s}", ""},
    {"command", "{argv: [/bin/true]}", ""},
    {"cron", "{command: x, at_least_every: 25h}", ""},
    {"deployment", "{min_watch: 30m}", ""},
    {"disk", "{path: /}", ""},
    {"dns", "{name: example.org}", "n"},
    {"dns", "{name: example.org, servers: [192.0.2.1, '2001:db8::1']}", ""},
    {"dns", "{name: example.org, servers: [192.0.2.1, ns.example.org]}", "n"},
    {"dns", "{name: example.org, servers: 'docker://shop/dns:53'}", "d"},
    {"docker", "{min_version: '20.10'}", "d"},
    {"dotenv", "{path: /e, keys: {A: {}}}", ""},
    {"file", "{path: /x}", ""},
    {"git", "{path: /x, clean: true}", ""},
    {"heartbeat", "{push: nightly-key-1, period: 1h}", ""},
    {"heartbeat", "{database: 'postgresql://m@127.0.0.1/app', max_age: 3m}", ""},
    {"heartbeat", "{database: 'postgresql://m@db/app', max_age: 3m}", "n"},
    {"http", "{url: 'http://example.org/'}", "n"},
    {"http", "{url: 'http://127.0.0.1:8000/'}", ""},
    {"http", "{url: 'http://[::1]:8000/'}", ""},
    {"http", "{url: 'http://127.0.0.1/', follow: 2}", "n"},
    {"http", "{url: 'http://127.0.0.1/', proxy: 'http://proxy.example.org:3128'}", "n"},
    {"http", "{url: 'http://127.0.0.1/', connect_to: 'docker://shop/web:80'}", "d"},
    {"http", "{url: 'http://web/', connect_to: 'docker://shop/web:80'}", "nd"},
    {"load", "{max_per_core: 50}", ""},
    {"log", "{path: /x, matches: 'a', max: 0}", ""},
    {"marker", "{path: /x, max_age: 26h}", ""},
    {"memory", "{min_total: 1MiB}", ""},
    {"ping", "{host: example.org}", "n"},
    {"ping", "{host: 192.0.2.1}", ""},
    {"ping", "{host: '::1'}", ""},
    {"ping", "{host: 'docker://shop/web'}", "d"},
    {"postgres", "{database: 'postgresql://m@127.0.0.1/app'}", ""},
    {"postgres", "{database: 'postgresql://m@db.example.org/app'}", "n"},
    {"promql", "{url: 'http://prometheus:9090', targets_up: x}", "n"},
    {"promql", "{url: 'http://127.0.0.1:9090', targets_up: x}", ""},
    {"prober", "{}", "n"},
    {"scenario", "{base: 'http://127.0.0.1', steps: [{name: a, url: /}]}", "n"},
    {"systemd", "{unit: x.service}", ""},
    {"tcp", "{address: 'example.org:80'}", "n"},
    {"tcp", "{address: '127.0.0.1:80'}", ""},
    {"tcp", "{address: 'unix:/run/x'}", ""},
    {"tcp", "{address: 'docker://shop/web:80'}", "d"},
    {"tls", "{address: example.org}", "n"},
    {"tls", "{file: /x.pem}", ""},
    {"version", "{file: /x, is: '1'}", ""},
    {"version", "{http: {url: 'http://example.org/', jq: .v}, is: '1'}", "n"},
};

class SurroundingsTest : public testing::Test {
 protected:
  Config load(const std::string& text) {
    auto config = load_config(scratch.write("gonogo.yaml", text), {}, bench.resources);
    if (!config) throw std::runtime_error(text + "\n" + to_text(config.error().front()));
    return std::move(*config);
  }
  std::string print(const std::string& above, const std::string& check) {
    const Config config = load(above + "\ngates: {g: {checks: {a: " + check + "}}}");
    return config.checklist->checks[0].fingerprint;
  }
  std::string print_of_own(const std::string& above, const std::string& id) {
    const Config config = load(above + "\ngates: {g: {checks: {a: {disk: {path: /}}}}}");
    return config.checklist->checks[*config.checklist->find_check(id)].fingerprint;
  }
  Scratch scratch;
  Workbench bench;
};

TEST_F(SurroundingsTest, AResultFollowsTheNameServersAndTheEngineThatItsKindAsks) {
  std::set<std::string_view> tried;
  for (const auto& [kind, options, follows] : cases) {
    tried.insert(kind);
    if (kind == "prober") continue;  // nobody writes it as a check
    std::string check = "{" + kind;
    check += ": " + options + "}";
    const std::string plain = print("", check);
    const bool names = print("resolver: {servers: [192.0.2.7]}", check) != plain;
    EXPECT_EQ(names, follows.find('n') != std::string::npos) << check;
    EXPECT_EQ(names, print("resolver: {servers: [192.0.2.7]}", check) !=
                         print("resolver: {servers: [192.0.2.8]}", check))
        << check;
    EXPECT_EQ(print("docker: {socket: /run/other.sock}", check) != plain,
              follows.find('d') != std::string::npos)
        << check;
    EXPECT_EQ(print("docker: {socket: 'unix:/var/run/docker.sock'}", check), plain) << check;
  }
  for (const Kind& kind : kinds()) EXPECT_EQ(tried.count(kind.name), 1U) << kind.name;
}

TEST_F(SurroundingsTest, TheSameNameServersWrittenOtherwiseAreTheSame) {
  const std::string check = "{dns: {name: example.org}}";
  EXPECT_EQ(print("resolver: {servers: 192.0.2.7}", check),
            print("resolver: {servers: ['192.0.2.7:53']}", check));
  EXPECT_NE(print("resolver: {servers: [192.0.2.7, 192.0.2.8]}", check),
            print("resolver: {servers: [192.0.2.8, 192.0.2.7]}", check))
      << "the first is asked first";
}

TEST_F(SurroundingsTest, AnAddressThatIsASecretMayBeAName) {
  const auto of = [this](const std::string& above) {
    return print("secrets: {s: {file: s}}\n" + above, "{tcp: {address: '${secrets.s}'}}");
  };
  for (const std::string value : {"127.0.0.1:80", "example.org:80", "docker://shop/web:80", ""}) {
    if (value.empty()) {
      std::filesystem::remove(scratch.path("s"));
    } else {
      scratch.write("s", value);
    }
    EXPECT_NE(of("resolver: {servers: [192.0.2.7]}"), of("")) << value;
    EXPECT_NE(of("docker: {socket: /run/other.sock}"), of("")) << value;
  }
  const std::string missing = of("");
  scratch.write("s", "127.0.0.1:80");
  EXPECT_EQ(of(""), missing) << "what a secret is decides nothing";
}

TEST_F(SurroundingsTest, AResultFollowsTheTimeoutInForce) {
  const auto of = [this](const std::string& above, const std::string& rhythm) {
    return print(above, "{" + rhythm + "file: {path: /x}}");
  };
  const std::string plain = of("", "");
  EXPECT_NE(of("", "timeout: 1s, "), plain);
  EXPECT_NE(of("defaults: {timeout: 1s}", ""), plain);
  EXPECT_NE(of("", "interval: 2s, "), plain) << "a run ends with its interval";
  EXPECT_NE(of("", "interval: on_demand, stale_after: 1h, timeout: 1h, "),
            of("", "interval: on_demand, stale_after: 1h, timeout: 1m, "));
  EXPECT_EQ(of("", "timeout: 5s, "), plain);
  EXPECT_EQ(of("defaults: {timeout: 1s}", "timeout: 5s, "), plain);
  EXPECT_EQ(of("defaults: {interval: 1m}", ""), plain);
  EXPECT_EQ(of("", "interval: 1m, stale_after: 3m, failures: 3, title: x, "), plain);
}

TEST_F(SurroundingsTest, TheDaemonsOwnChecksFollowThemToo) {
  const std::string plain = print_of_own("", "prober");
  EXPECT_NE(print_of_own("resolver: {servers: [192.0.2.7]}", "prober"), plain);
  EXPECT_NE(print_of_own("store: {max_unsaved: 1s}", "prober"), plain);
  EXPECT_EQ(print_of_own("docker: {socket: /run/other.sock}", "prober"), plain);
  EXPECT_EQ(print_of_own("store: {max_unsaved: 5m}", "prober"), plain);
  const std::string by_http = "release: {http: {url: 'http://example.org/', jq: .v}}\n";
  EXPECT_NE(print_of_own(by_http + "resolver: {servers: [192.0.2.7]}", "release"),
            print_of_own(by_http, "release"));
  EXPECT_EQ(print_of_own("release: {file: /r}\nresolver: {servers: [192.0.2.7]}", "release"),
            print_of_own("release: {file: /r}", "release"));
}

}  // namespace
}  // namespace gonogo
