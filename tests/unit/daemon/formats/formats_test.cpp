// Formats that others write: signatures, migrations, performance data, /proc, DNS, compressed
// bodies.
#include <arpa/nameser.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "daemon/formats/aws_signature.h"
#include "daemon/formats/content_encoding.h"
#include "daemon/formats/dns_message.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/migrations.h"
#include "daemon/formats/template.h"
#include "probes/clock.h"
#include "probes/command.h"
#include "probes/load.h"
#include "probes/memory.h"
#include "probes/shared/http_expectation.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

std::string signature_of(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") return value.substr(value.rfind('=') + 1);
  }
  return {};
}

// The examples of Amazon's documentation, "Authenticating Requests (AWS Signature Version 4)", for
// S3, and of its signature test suite, get-vanilla and get-vanilla-query-order-key-case.
TEST(AwsSignature, IsThatOfTheDocumentedExamples) {
  AwsKeys keys;
  keys.access_key = "AKIAIOSFODNN7EXAMPLE";
  keys.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const WallTime may = *parse_rfc3339("2013-05-24T00:00:00Z");
  const auto s3 = [&](std::string target, std::vector<std::pair<std::string, std::string>> more) {
    HttpRequest request;
    request.target = std::move(target);
    request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
    for (auto& header : more) request.headers.push_back(std::move(header));
    sign_request(request, keys, may);
    return signature_of(request);
  };
  EXPECT_EQ(s3("/test.txt", {{"Range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(s3("/?lifecycle", {}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(s3("/?max-keys=2&prefix=J", {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");

  keys.access_key = "AKIDEXAMPLE";
  keys.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  keys.service = "service";
  const WallTime august = *parse_rfc3339("2015-08-30T12:36:00Z");
  const auto vanilla = [&](std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    request.headers = {{"Host", "example.amazonaws.com"}};
    sign_request(request, keys, august);
    return signature_of(request);
  };
  EXPECT_EQ(vanilla("/"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(vanilla("/?Param2=value2&Param1=value1"),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(Alembic, HeadsAreWhatNothingBuildsOn) {
  EXPECT_EQ(alembic_heads({"revision = 'a'\ndown_revision = None\n",
                           "revision: str = \"b\"\ndown_revision: Union[str, None] = \"a\"\n"}),
            std::set<std::string>{"b"});
  EXPECT_EQ(alembic_heads({"revision='a'\ndown_revision=None", "revision='b'\ndown_revision='a'",
                           "revision='c'\ndown_revision='a'",
                           "revision = 'merge_1'\ndown_revision = (\n    'b',\n    'c',\n)\n"}),
            std::set<std::string>{"merge_1"});
  EXPECT_EQ(alembic_heads({"revision='a'\ndown_revision=None", "revision='b'\ndown_revision=None"}),
            (std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(alembic_heads({"# nothing", "x = 1"}).empty());
  EXPECT_EQ(parse_alembic_heads("merge_20260224_01 (head)\n\n0044 (branch) (head)\n"),
            (std::set<std::string>{"merge_20260224_01", "0044"}));
}

std::string in_words(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values)
    text += value.name + "=" + std::to_string(value.number) + value.unit + " ";
  return text;
}

TEST(PerformanceData, IsReadWithItsUnits) {
  const auto read = [](std::string_view text) {
    return in_words(parse_performance_data(text, 50));
  };
  EXPECT_EQ(read("time=0.5s;1;2;0;10 size=2KB;;;0"), "time=0.500000seconds size=2048.000000bytes ");
  EXPECT_EQ(read("'free space'=20% 'it''s'=3c"), "free space=20.000000percent it's=3.000000count ");
  EXPECT_EQ(read("rta=12.5ms;100;500;0; pl=0%;20;60;0;"),
            "rta=0.012500seconds pl=0.000000percent ");
  EXPECT_EQ(read("a=U b=1 c d=-1.5 e=1parsec =5 f"), "b=1.000000count d=-1.500000count ");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("''='= = =;;;"), "");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "v" + std::to_string(i) + "=1 ";
  EXPECT_EQ(parse_performance_data(many, 50).size(), 50U);
}

TEST(Proc, FiguresAreReadFromRealAndBrokenFiles) {
  const auto memory = parse_meminfo(
      "MemTotal:        8000000 kB\nMemFree: 1 kB\nMemAvailable:    4000000 kB\nSwapTotal: 100 "
      "kB\nSwapFree: 40 kB\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total, 8000000LL * 1024);
  EXPECT_EQ(memory->available, 4000000LL * 1024);
  EXPECT_EQ(memory->swap_free, 40 * 1024);
  EXPECT_FALSE(parse_meminfo("MemTotal: 5 kB\n")) << "an old kernel without MemAvailable";
  EXPECT_FALSE(parse_meminfo(""));
  EXPECT_FALSE(parse_meminfo("MemTotal:\nMemAvailable:\n"));
  const auto pressure = parse_pressure(
      "some avg10=0.00 avg60=12.50 avg300=0.05 total=1\nfull avg10=0.00 avg60=3.25 avg300=0.00 "
      "total=1\n");
  ASSERT_TRUE(pressure);
  EXPECT_EQ(pressure->some, 12.5);
  EXPECT_EQ(pressure->full, 3.25);
  EXPECT_FALSE(parse_pressure("some avg10=1"));
  EXPECT_EQ(parse_loadavg("0.52 1.50 2.25 1/234 5678\n")->at(1), 1.5);
  for (const char* text : {"", "a b c", "1.0 2.0", "-1 2 3"})
    EXPECT_FALSE(parse_loadavg(text)) << text;
}

TEST(Proc, ProbesJudgeAFixture) {
  Scratch scratch;
  ProbeBench bench;
  scratch.write(
      "meminfo",
      "MemTotal: 2000000 kB\nMemAvailable: 100000 kB\nSwapTotal: 1000 kB\nSwapFree: 100 kB\n");
  scratch.write("loadavg", "100.0 50.0 1.0 1/2 3\n");
  std::filesystem::create_directory(scratch.path("pressure"));
  scratch.write(
      "pressure/memory",
      "some avg10=0 avg60=30.0 avg300=0 total=0\nfull avg10=0 avg60=20.0 avg300=0 total=0\n");
  const auto run_check = [&](const std::string& kind, const std::string& options) {
    return bench.run(kind, "{proc: " + scratch.path("") + ", " + options + "}");
  };
  EXPECT_EQ(run_check("memory", "min_total: 1GiB, min_available_percent: 5").outcome,
            Outcome::pass);
  EXPECT_EQ(run_check("memory", "min_total: 2GiB").reason, Reason::threshold);
  EXPECT_EQ(run_check("memory", "min_available: 200MB").outcome, Outcome::fail);
  EXPECT_EQ(run_check("memory", "warn_available_percent: 10").outcome, Outcome::warn);
  EXPECT_EQ(run_check("memory", "max_swap_percent: 80").outcome, Outcome::fail);
  EXPECT_EQ(run_check("memory", "max_pressure: 25").outcome, Outcome::fail);
  EXPECT_EQ(run_check("memory", "max_pressure: 35, max_full_pressure: 15").outcome, Outcome::fail);
  EXPECT_EQ(run_check("memory", "max_pressure: 35, max_full_pressure: 25").outcome, Outcome::pass);
  EXPECT_EQ(run_check("load", "over: 15m, max_per_core: 1").outcome, Outcome::pass);
  EXPECT_EQ(run_check("load", "over: 1m, max_per_core: 0.01").outcome, Outcome::fail);
  EXPECT_EQ(run_check("load", "warn_per_core: 0.01").outcome, Outcome::warn);
  scratch.write("loadavg", "nonsense");
  EXPECT_EQ(run_check("load", "max_per_core: 1").reason, Reason::content);
}

TEST(ClockJumps, AStepIsSeenAndASlewIsNot) {
  ClockJumps jumps;
  Now now{SteadyTime{} + 1h, WallTime{} + 24h * 20'000};
  const auto pass = [&now](Duration steady, Duration wall) {
    now.steady += steady;
    now.wall += std::chrono::duration_cast<std::chrono::microseconds>(wall);
  };
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero());
  pass(30s, 30s + 10ms);
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero()) << "slewing is at most 0.05%";
  pass(30s, 30s + 24h);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{24h});
  pass(30s, 30s - 2h);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{24h});
  pass(9min + 40s, 9min + 40s);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{-2h});
  pass(1min, 1min);
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero());
}

TEST(HttpDate, IsReadInItsPreferredFormAlone) {
  EXPECT_EQ(to_rfc3339(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")), "1994-11-06T08:49:37Z");
  for (const char* text :
       {"", "yesterday", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 CET"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(ContentEncoding, UnpacksWithinItsBound) {
  const std::string bomb(50'000'000, '0');
  HttpResponse response;
  response.headers = {{"content-encoding", "gzip"}};
  response.body = gzipped(bomb);
  ASSERT_LT(response.body.size(), 100'000U);
  decode_body(response, 1 << 20);
  EXPECT_EQ(response.body.size(), 1U << 20);
  EXPECT_TRUE(response.is_cut);

  HttpResponse small;
  small.headers = {{"Content-Encoding", "GZIP"}};
  small.body = gzipped("hello");
  decode_body(small, 100);
  EXPECT_EQ(small.body, "hello");
  EXPECT_FALSE(small.is_cut);
}

TEST(ContentEncoding, RefusesWhatIsBroken) {
  const auto refuses = [](const std::string& encoding, std::string body) {
    HttpResponse response;
    response.headers = {{"Content-Encoding", encoding}};
    response.body = std::move(body);
    EXPECT_THROW(decode_body(response, 1000), RunEnded) << encoding;
  };
  refuses("gzip", "no gzip at all");
  refuses("br", "x");
  const std::string whole = gzipped("hello, hello, hello");
  refuses("gzip", whole.substr(0, whole.size() - 9));
}

TEST(JsonDocument, RefusesWhatIsTooDeep) {
  EXPECT_THROW(parse_json(std::string(100'000, '['), "it"), RunEnded);
  EXPECT_THROW(parse_json("{\"a\":", "it"), RunEnded);
  EXPECT_EQ(parse_json(R"({"a":"[[[[[[[[[[\"["})", "it").size(), 1U);
}

TEST(Template, FillsEachPlaceInItsOwnEncoding) {
  const Captures captures{{"id", "a b\"/"}, {"n", "1"}};
  EXPECT_EQ(fill_template("/x/{{id}}?n={{ n }}", captures, Fill::in_url), "/x/a%20b%22%2F?n=1");
  EXPECT_EQ(fill_template(R"({"id":"{{id}}"})", captures, Fill::in_json), R"({"id":"a b\"/"})");
  EXPECT_EQ(fill_template("{{unknown}} {{id", captures), "{{unknown}} {{id");
  EXPECT_EQ(names_in_template("{{a}} and {{ b }} {{"), (std::vector<std::string>{"a", "b"}));
}

TEST(DnsMessage, SurvivesEveryCutAndEveryBrokenByte) {
  // An answer of one MX with a compressed name: example.org. 60 IN MX 10 mail.example.org.
  const std::string message(
      "\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07"
      "example\x03org\x00\x00\x0f\x00\x01"
      "\xc0\x0c\x00\x0f\x00\x01\x00\x00\x00\x3c\x00\x09\x00\x0a\x04mail\xc0\x0c",
      50);
  const auto answer = parse_dns_message(message);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->records.size(), 1U);
  EXPECT_EQ(answer->records[0].text, "10 mail.example.org");
  EXPECT_EQ(answer->records[0].ttl, 60U);
  EXPECT_TRUE(answer->is_authoritative);
  for (std::size_t cut = 0; cut < message.size(); ++cut)
    EXPECT_FALSE(parse_dns_message(message.substr(0, cut))) << cut;
  for (std::size_t i = 0; i < message.size(); ++i) {
    for (const char byte : {'\x00', '\xff', '\xc0'}) {
      std::string broken = message;
      broken[i] = byte;
      parse_dns_message(broken);  // whatever it says, it does not fall
    }
  }
}

TEST(DnsMessage, ReverseNamesAreThoseOfTheStandards) {
  EXPECT_EQ(reverse_name("192.0.2.10"), "10.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name("2001:db8::1"),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_FALSE(reverse_name("example.org"));
}

}  // namespace
}  // namespace gonogo
