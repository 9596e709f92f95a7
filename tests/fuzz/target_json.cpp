// What a Docker Engine and a Prometheus server answer, through the whole of both probes. The parts
// are the answers to the requests, in their order.
#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cmath>
#include <optional>

#include "daemon/config/document.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/settings.h"
#include "probes/docker.h"
#include "probes/promql.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
using namespace std::chrono_literals;

struct Target {
  Target() : acceptor(bench.loop, asio::local::stream_protocol::endpoint(path)) {
    bench.resources.docker_socket = path;
    docker = make("docker", "{min_version: '20.10', project: shop, services: [api]}");
    bounded = make("promql", "{url: 'http://h/', connect_to: 'unix:" + path +
                                 "', query: up, expect: {min: 1, max: 100}}");
    quiet = make("promql", "{url: 'http://h/', connect_to: 'unix:" + path +
                               "', no_alerts: true, rules: Up, targets_up: api}");
    asio::co_spawn(bench.loop, serve(), asio::detached);
  }

  std::unique_ptr<Probe> make(const std::string& kind, const std::string& options) {
    nodes.push_back(std::make_unique<Node>(parse_document("options", options, reading.problems)));
    Settings settings(nodes.back().get(), nodes.back()->place, kind, reading);
    auto probe = kind == "docker" ? make_docker(settings, bench.resources)
                                  : make_promql(settings, bench.resources);
    hold(reading.problems.empty(), "the options of this target are good");
    return probe;
  }

  asio::awaitable<void> answer(Socket socket) {
    asio::streambuf request;
    co_await asio::async_read_until(socket, request, "\r\n\r\n", asio::use_awaitable);
    const std::string body = next < answers.size() ? answers[next] : "{}";
    ++next;
    const std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
  }
  asio::awaitable<void> serve() {
    while (true) {
      Socket socket = co_await acceptor.async_accept(asio::use_awaitable);
      asio::co_spawn(bench.loop, answer(std::move(socket)), asio::detached);
    }
  }

  Finding run(Probe& probe, std::vector<std::string> with) {
    answers = std::move(with);
    next = 0;
    Attempt attempt(bench.clock, bench.clock.now() + 5s);
    std::optional<Finding> finding;
    asio::co_spawn(bench.loop, probe.run(attempt),
                   [&](const std::exception_ptr& error, Finding seen) {
                     finding = error ? finding_of(error, attempt.stage()) : std::move(seen);
                   });
    while (!finding) {
      bench.loop.restart();
      bench.loop.run_one();
    }
    hold(finding->outcome == Outcome::pass || !finding->summary.empty(), "a failure has words");
    return *finding;
  }

  std::string path = scratch_folder() + "/target.sock";
  IoBench bench;
  asio::local::stream_protocol::acceptor acceptor;
  Reading reading;
  std::vector<std::unique_ptr<Node>> nodes;
  std::unique_ptr<Probe> docker;
  std::unique_ptr<Probe> bounded;
  std::unique_ptr<Probe> quiet;
  std::vector<std::string> answers;
  std::size_t next = 0;
};

nlohmann::json json_of(const std::vector<std::string>& answers, std::size_t index) {
  if (index >= answers.size()) return nlohmann::json::object();
  auto parsed = parse_json(answers[index]);
  hold(parsed.has_value(), "a probe that passes was answered with JSON");
  return *parsed;
}

// The services of the project run, or Docker's answer was something else.
void inspect_docker(Target& target, const std::vector<std::string>& answers) {
  const Finding finding = target.run(*target.docker, answers);
  if (finding.outcome != Outcome::pass) return;
  std::size_t asked = 2;
  for (const nlohmann::json& container : json_of(answers, 1)) {
    const nlohmann::json& labels = member(container, "Labels");
    if (text_of(member(labels, "com.docker.compose.oneoff")) == "True") continue;
    if (text_of(member(labels, "com.docker.compose.service")) != "api") continue;
    const nlohmann::json details = json_of(answers, asked++);
    const nlohmann::json& state = member(details, "State");
    hold(text_of(member(state, "Status")) == "running", "a service that passes runs");
    hold(member(state, "Restarting") != true, "a service that passes does not restart");
    const std::string health = text_of(member(member(state, "Health"), "Status"));
    hold(health.empty() || health == "healthy", "a service that passes is healthy");
  }
  hold(asked > 2, "a service that passes has a container");
}

// Each sample that the query gave is within the bounds.
void inspect_samples(Target& target, const std::vector<std::string>& answers) {
  const Finding finding = target.run(*target.bounded, answers);
  if (finding.outcome != Outcome::pass) return;
  const nlohmann::json answer = json_of(answers, 0);
  hold(text_of(member(answer, "status")) == "success", "a query that passes succeeded");
  const nlohmann::json& data = member(answer, "data");
  if (text_of(member(data, "resultType")) != "vector") return;
  hold(!member(data, "result").empty(), "a query that passes has samples");
  for (const nlohmann::json& entry : member(data, "result")) {
    const nlohmann::json& pair = member(entry, "value");
    hold(pair.is_array() && pair.size() == 2, "each sample is judged: " + entry.dump());
    const std::string text = text_of(pair[1]);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    hold(error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 100,
         "a sample that passes is within the bounds: " + text);
  }
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.size() > 32'768) return;  // a larger text is read on the pool
  static auto* const target = new Target;
  const auto answers = parts_of(input, 8);
  inspect_docker(*target, answers);
  inspect_samples(*target, answers);
  static_cast<void>(target->run(*target->quiet, answers));
}

}  // namespace gonogo
