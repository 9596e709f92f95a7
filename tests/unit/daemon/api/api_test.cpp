// What each method gets at each path: the statuses that scripts and monitors rely on.
#include "tests/support/api_bench.h"

namespace gonogo {
namespace {

constexpr std::array<const char*, 6> methods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};

struct Case {
  const char* path;
  const char* grant;  // what a caller must hold; empty for what anybody may ask
  std::array<int, methods.size()> statuses;
  const char* allowed = "";  // of a 405
  const char* body = "";
};

constexpr const char* waiver = R"({"why":"x","for":"1h"})";
constexpr const char* forced = R"({"version":"v1","force":true,"reason":"x"})";

const std::vector<Case> cases{
    {"/", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/verdict", "read", {503, 503, 405, 405, 405, 405}, "GET, HEAD"},
    {"/metrics", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/healthz", "", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/readyz", "", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/ping/KEY", "ping", {200, 200, 200, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/KEY/start", "ping", {200, 200, 200, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/KEY/7", "ping", {200, 200, 200, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/KEY/", "ping", {400, 400, 400, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/KEY/256", "ping", {400, 400, 400, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/KEY/a/b", "ping", {400, 400, 400, 405, 405, 405}, "GET, HEAD, POST"},
    {"/ping/OTHER", "ping", {404, 404, 404, 405, 405, 405}, "GET, HEAD, POST"},
    {"/api/v1/snapshot", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks/api", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks/api/", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks/run", "read", {404, 404, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks/api/run", "run", {405, 405, 202, 405, 405, 405}, "POST"},
    {"/api/v1/checks/none/run", "run", {405, 405, 404, 405, 405, 405}, "POST"},
    {"/api/v1/checks/api/history", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/checks/lead/signoff", "sign", {405, 405, 201, 405, 404, 405}, "POST, DELETE"},
    {"/api/v1/checks/none/signoff", "sign", {405, 405, 404, 405, 404, 405}, "POST, DELETE"},
    {"/api/v1/checks/api/waiver", "waive", {405, 405, 201, 405, 404, 405}, "POST, DELETE", waiver},
    {"/api/v1/checks/none/waiver", "waive", {405, 405, 404, 405, 404, 405}, "POST, DELETE"},
    {"/api/v1/gates", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/signoffs", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/waivers", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/history", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/audit", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/api/v1/report", "read", {405, 405, 200, 405, 405, 405}, "POST", R"({"list":"- [ ] 1.1 x"})"},
    {"/report.md", "read", {200, 200, 405, 405, 405, 405}, "GET, HEAD"},
    {"/-/reload", "reload", {405, 405, 200, 405, 405, 405}, "POST"},
    // An unknown path needs the right to read, by whatever method.
    {"", "read", {404, 404, 404, 404, 404, 404}},
    {"/nosuch", "read", {404, 404, 404, 404, 404, 404}},
    {"/verdict/", "read", {404, 404, 404, 404, 404, 404}},
    {"/ping", "read", {404, 404, 404, 404, 404, 404}},
    {"/ping/", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1/checks/", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1/checks//run", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1/checks/api/run/", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1/checks/api/nosuch", "read", {404, 404, 404, 404, 404, 404}},
    {"/api/v1/checks/lead/signoff/", "read", {404, 404, 404, 404, 404, 404}},
};

Response ask(ApiBench& bench, const char* method, const Case& row, const std::string& who) {
  Request request = ApiBench::request(method, row.path, who);
  request.body = row.body;
  return bench.answer(std::move(request));
}

std::string header(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Api, AnswersEachMethodAtEachPath) {
  for (const Case& row : cases) {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      ApiBench bench;
      const Response response = ask(bench, methods.at(i), row, "all");
      EXPECT_EQ(response.status, row.statuses.at(i)) << methods.at(i) << " " << row.path;
      EXPECT_EQ(header(response, "Allow"), response.status == 405 ? row.allowed : "")
          << methods.at(i) << " " << row.path;
    }
  }
}

TEST(Api, AsksForTheGrantBeforeItSaysAnythingElse) {
  ApiBench bench;
  for (const Case& row : cases) {
    for (const char* method : methods) {
      const bool is_open = std::string(row.grant).empty();
      EXPECT_EQ(ask(bench, method, row, "").status == 401, !is_open) << method << " " << row.path;
      EXPECT_EQ(ask(bench, method, row, "nobody").status == 401, !is_open)
          << method << " " << row.path;
      for (const std::string_view grant : grant_names) {
        const int status = ask(bench, method, row, std::string(grant)).status;
        EXPECT_EQ(status == 403, !is_open && grant != row.grant)
            << method << " " << row.path << " with " << grant;
        EXPECT_NE(status, 401);
      }
    }
  }
}

TEST(Api, ReadsAndDecidesWithDifferentGrantsAtOnePath) {
  for (const Case& row :
       {Case{"/api/v1/release", "", {200, 200, 201, 405, 405, 405}, "", R"({"release":"v1"})"},
        Case{"/api/v1/deployments", "", {200, 200, 201, 405, 405, 405}, "", forced}}) {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      ApiBench bench;
      bench.loop.restart();
      const bool reads = i < 2;
      const Response all = ask(bench, methods.at(i), row, "all");
      // The deploy itself needs a result of every watched check, which nothing gives here.
      if (all.status != 409) {
        EXPECT_EQ(all.status, row.statuses.at(i)) << methods.at(i);
      }
      if (all.status == 405) {
        EXPECT_EQ(header(all, "Allow"), "GET, HEAD, POST");
      }
      EXPECT_EQ(ask(bench, methods.at(i), row, "read").status == 403, !reads);
      EXPECT_EQ(ask(bench, methods.at(i), row, "deploy").status == 403, reads);
    }
  }
}

TEST(Api, TakesDecisionsOnlyFromCallersWithAName) {
  ApiBench bench;
  bench.admit({Grant::read, Grant::sign, Grant::waive, Grant::deploy});
  for (const char* path : {"/api/v1/checks/lead/signoff", "/api/v1/checks/api/waiver",
                           "/api/v1/release", "/api/v1/deployments"}) {
    EXPECT_EQ(bench.answer(ApiBench::request("POST", path, "")).status, 403) << path;
  }
  EXPECT_EQ(bench.answer(ApiBench::request("GET", "/api/v1/release", "")).status, 200);
  EXPECT_EQ(bench.answer(ApiBench::request("POST", "/api/v1/checks", "")).status, 405);
}

TEST(Api, GivesTheVerdictInTheFormatThatIsAskedFor) {
  struct Format {
    const char* format;
    const char* accept;
    const char* content_type;
    const char* begin;
  };
  const char* const json = "application/json";
  const char* const text = "text/plain; charset=utf-8";
  const char* const health = "application/health+json";
  ApiBench bench;
  for (const Format& row :
       {Format{"", "", json, "{\"verdict\":\"NO-GO\""}, Format{"", "*/*", json, "{\"verdict\""},
        Format{"", "text/plain", text, "verdict: NO-GO\n"},
        Format{"", "text/plain, application/json", json, "{\"verdict\""},
        Format{"", "application/health+json", health, "{\"status\""},
        Format{"json", "text/plain", json, "{\"verdict\""},
        Format{"text", "application/json", text, "verdict: NO-GO\n"},
        Format{"health", "", health, "{\"status\":\"fail\""},
        Format{"explain", "", text, "verdict: NO-GO since "}}) {
    Request request = ApiBench::request("GET", "/verdict");
    if (*row.format != '\0') request.query["format"] = row.format;
    request.accept = row.accept;
    const Response response = bench.answer(std::move(request));
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, row.content_type) << row.format << " " << row.accept;
    EXPECT_TRUE(response.body->starts_with(row.begin)) << *response.body;
  }
  Request unknown = ApiBench::request("GET", "/verdict");
  unknown.query["format"] = "xml";
  EXPECT_EQ(bench.answer(unknown).status, 400);
  unknown.query["gate"] = "nosuch";
  EXPECT_EQ(bench.answer(unknown).status, 404);
}

TEST(Api, PassesOnWhatAPingSays) {
  ApiBench bench;
  const auto ping = [&bench](const std::string& path) {
    Request request = ApiBench::request("POST", path);
    request.body = "note";
    request.query["rid"] = "r1";
    bench.answer(std::move(request));
    return bench.pushed;
  };
  EXPECT_EQ(ping("/ping/KEY"), "KEY success 0 note r1");
  EXPECT_EQ(ping("/ping/KEY/0"), "KEY success 0 note r1");
  EXPECT_EQ(ping("/ping/KEY/start"), "KEY start 0 note r1");
  EXPECT_EQ(ping("/ping/KEY/log"), "KEY log 0 note r1");
  EXPECT_EQ(ping("/ping/KEY/fail"), "KEY fail 1 note r1");
  EXPECT_EQ(ping("/ping/KEY/255"), "KEY fail 255 note r1");
}

TEST(Api, SaysWhyItIsNotReadyAndWhatAReloadFound) {
  ApiBench bench;
  bench.not_ready = "the disk is full";
  const Response readiness = bench.answer(ApiBench::request("GET", "/readyz"));
  EXPECT_EQ(readiness.status, 503);
  EXPECT_EQ(*readiness.body, "not ready: the disk is full\n");
  bench.reload_problems = "gonogo.yaml:1:1: bad";
  const Response reload = bench.answer(ApiBench::request("POST", "/-/reload"));
  EXPECT_EQ(reload.status, 422);
  EXPECT_NE(reload.body->find("gonogo.yaml:1:1: bad"), std::string::npos);
}

TEST(Api, RefusesBodiesThatAreNotWhatTheRequestNeeds) {
  ApiBench bench;
  for (const char* body : {R"({"note":7})", R"({"who":"me"})", "[1]", "{", "7"}) {
    Request request = ApiBench::request("POST", "/api/v1/checks/lead/signoff");
    request.body = body;
    EXPECT_EQ(bench.answer(request).status, 400) << body;
  }
  for (const char* body : {R"({"why":"x","for":"soon"})", R"({"why":"x","until":"soon"})",
                           R"({"why":"x","for":"1h","this_release":"yes"})"}) {
    Request request = ApiBench::request("POST", "/api/v1/checks/api/waiver");
    request.body = body;
    EXPECT_EQ(bench.answer(request).status, 400) << body;
  }
  Request form = ApiBench::request("POST", "/api/v1/checks/lead/signoff");
  form.content_type = "application/x-www-form-urlencoded";
  EXPECT_EQ(bench.answer(form).status, 400);
}

}  // namespace
}  // namespace gonogo
