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
  Request cut = ApiBench::request("POST", "/ping/KEY/fail");
  cut.body = "begin";
  cut.is_cut = true;
  bench.answer(std::move(cut));
  EXPECT_EQ(bench.pushed, "KEY fail 1 begin... ");
}

TEST(Api, APingThatIsNotOnDiskWantsToBeSentAgain) {
  ApiBench bench;
  EXPECT_EQ(bench.answer(ApiBench::request("POST", "/ping/KEY")).status, 200);
  EXPECT_EQ(bench.answer(ApiBench::request("POST", "/ping/OTHER")).status, 404);
  bench.unsaved = "gonogo.db: its disk is full";
  const Response response = bench.answer(ApiBench::request("POST", "/ping/KEY/fail"));
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body->find("its disk is full; send it again"), std::string::npos);
}

TEST(Api, SaysWhyItIsNotReadyAndWhatAReloadFound) {
  ApiBench bench;
  bench.not_ready = "the disk is full";
  const Response readiness = bench.answer(ApiBench::request("GET", "/readyz"));
  EXPECT_EQ(readiness.status, 503);
  EXPECT_EQ(*readiness.body, "not ready: the disk is full\n");
  bench.reloaded = {"gonogo.yaml:1:1: bad", false};
  Response reload = bench.answer(ApiBench::request("POST", "/-/reload"));
  EXPECT_EQ(reload.status, 422);
  EXPECT_NE(reload.body->find("gonogo.yaml:1:1: bad"), std::string::npos);
  EXPECT_NE(reload.body->find("Bad Configuration"), std::string::npos);
  // Nothing is known of the file: that is no word against it.
  bench.reloaded = {"all 256 threads are stuck", true};
  reload = bench.answer(ApiBench::request("POST", "/-/reload"));
  EXPECT_EQ(reload.status, 503);
  EXPECT_NE(reload.body->find("all 256 threads are stuck"), std::string::npos);
  EXPECT_NE(reload.body->find("Not Reloaded"), std::string::npos);
  EXPECT_EQ(reload.body->find("Bad Configuration"), std::string::npos);
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
}

TEST(Api, RefusesAStateChangeOfAForeignPage) {
  struct Sent {
    const char* method;
    const char* path;
    const char* origin;      // null: no such header
    const char* fetch_site;  // null: no such header
    int status;
  };
  constexpr const char* none = nullptr;
  for (const Sent& sent : {
           Sent{"POST", "/-/reload", "https://evil.example", none, 403},
           Sent{"POST", "/-/reload", none, "cross-site", 403},
           Sent{"POST", "/-/reload", none, "same-site", 403},
           Sent{"POST", "/api/v1/checks/api/run", "null", none, 403},
           Sent{"POST", "/api/v1/checks/lead/signoff", "https://evil.example", none, 403},
           Sent{"DELETE", "/api/v1/checks/lead/signoff", "https://evil.example", none, 403},
           Sent{"POST", "/api/v1/report", "https://evil.example", none, 403},
           Sent{"PUT", "/nosuch", "https://evil.example", none, 403},
           Sent{"POST", "/-/reload", "http://h:9880", "same-origin", 200},
           Sent{"POST", "/-/reload", none, "none", 200},
           Sent{"POST", "/-/reload", none, none, 200},
           Sent{"POST", "/ping/KEY", "https://evil.example", "cross-site", 200},
           Sent{"POST", "/ping/KEY/fail", "null", none, 200},
           Sent{"GET", "/ping/KEY", none, "cross-site", 200},
           Sent{"GET", "/api/v1/checks", "https://evil.example", "cross-site", 200},
           Sent{"HEAD", "/api/v1/checks", none, "cross-site", 200},
           Sent{"OPTIONS", "/-/reload", "https://evil.example", none, 405},
       }) {
    ApiBench bench;
    Request request = ApiBench::request(sent.method, sent.path);
    request.host = "h:9880";
    if (sent.origin != nullptr) request.origin = sent.origin;
    if (sent.fetch_site != nullptr) request.fetch_site = sent.fetch_site;
    EXPECT_EQ(bench.answer(request).status, sent.status) << sent.method << " " << sent.path;
  }
}

TEST(Api, TakesABodyOfAnotherTypeOnlyWithAToken) {
  struct Sent {
    const char* path;
    const char* type;
    const char* body;
    bool has_token;
    int status;
  };
  for (const Sent& sent : {
           Sent{"/-/reload", "text/plain", "x", false, 415},
           Sent{"/-/reload", "", "x", false, 415},
           Sent{"/-/reload", "application/x-www-form-urlencoded", "x", false, 415},
           Sent{"/-/reload", "application/jsonx", "{}", false, 415},
           Sent{"/-/reload", "text/plain, application/json", "{}", false, 415},
           Sent{"/-/reload", "application/json; charset=utf-8", "{}", false, 200},
           Sent{"/-/reload", "APPLICATION/JSON", "{}", false, 200},
           Sent{"/-/reload", "text/plain", "", false, 200},
           Sent{"/-/reload", "text/plain", "x", true, 200},
           Sent{"/api/v1/report", "", "", false, 400},
           Sent{"/api/v1/report", "text/plain", "", false, 400},
           Sent{"/api/v1/report", "text/plain", "", true, 200},
           Sent{"/api/v1/report", "application/x-www-form-urlencoded", R"({"list":""})", true, 200},
           Sent{"/ping/KEY", "text/plain", "x", false, 200},
       }) {
    ApiBench bench;
    bench.admit({Grant::read, Grant::ping, Grant::reload});
    Request request = ApiBench::request("POST", sent.path, sent.has_token ? "all" : "");
    request.content_type = sent.type;
    request.body = sent.body;
    EXPECT_EQ(bench.answer(request).status, sent.status) << sent.path << " " << sent.type;
  }
}

TEST(Api, AnswersToAnUnknownHostOnlyWithCredentials) {
  struct Sent {
    const char* path;
    const char* host;
    const char* who;
    int status;
  };
  for (const Sent& sent : {
           Sent{"/api/v1/checks", "evil.example", "", 421},
           Sent{"/api/v1/checks", "evil.example", "nobody", 421},
           Sent{"/api/v1/checks", "evil.example", "read", 200},
           Sent{"/api/v1/checks", "evil.example", "ping", 403},
           Sent{"/api/v1/checks", "own.example", "", 200},
           Sent{"/api/v1/checks", "own.example", "nobody", 401},
           Sent{"/api/v1/checks", "localhost:1", "", 200},
           Sent{"/api/v1/checks", "", "", 200},
           Sent{"/healthz", "evil.example", "", 421},
           Sent{"/healthz", "evil.example", "nobody", 421},
           Sent{"/healthz", "evil.example", "ping", 200},
           Sent{"/healthz", "own.example", "nobody", 200},
           Sent{"/nosuch", "evil.example", "", 421},
           Sent{"/ping/KEY", "evil.example", "", 200},
       }) {
    ApiBench bench;
    bench.site = Site({"own.example"}, std::nullopt);
    bench.admit({Grant::read, Grant::ping});
    Request request = ApiBench::request("GET", sent.path, sent.who);
    request.host = sent.host;
    const Response response = bench.answer(request);
    EXPECT_EQ(response.status, sent.status) << sent.path << " " << sent.host << " " << sent.who;
    if (sent.status == 421) {
      EXPECT_NE(response.body->find("server.names"), std::string::npos);
    }
  }
}

TEST(Api, GivesEachRouteABoundOfItsOwn) {
  const std::size_t usual = BodyRule{}.most;
  ApiBench bench;
  const auto of = [&bench](const char* method, const char* path, const char* who) {
    return bench.reception(ApiBench::request(method, path, who));
  };
  for (const char* path : {"/ping/KEY", "/ping/KEY/fail", "/ping/KEY/start", "/ping/KEY/7"}) {
    EXPECT_TRUE(of("POST", path, "ping").rule.cuts) << path;
    EXPECT_TRUE(of("GET", path, "").rule.cuts) << path;
  }
  EXPECT_FALSE(of("POST", "/-/reload", "all").rule.cuts);
  EXPECT_EQ(of("POST", "/-/reload", "all").rule.most, usual);
  EXPECT_EQ(of("POST", "/api/v1/checks/api/waiver", "all").rule.most, usual);
  EXPECT_EQ(of("POST", "/nosuch", "all").rule.most, usual);
  EXPECT_GE(of("POST", "/api/v1/report", "read").rule.most, std::size_t{2} << 20);
  EXPECT_FALSE(of("POST", "/api/v1/report", "read").refusal);
  EXPECT_EQ(of("POST", "/api/v1/report", "ping").refusal.value().status, 403);
  EXPECT_EQ(of("POST", "/api/v1/report", "").refusal.value().status, 401);
}

TEST(Api, FillsInALongChecklist) {
  ApiBench bench;
  Request request = ApiBench::request("POST", "/api/v1/report");
  const auto list_of = [](std::size_t rows) {
    std::string list = "{\"list\":\"";
    for (std::size_t i = 0; i < rows; ++i) list += R"(- [ ] 1.1 a row\n)";
    return list + "\"}";
  };
  request.body = list_of(50'000);
  const Response filled = bench.answer(request);
  EXPECT_EQ(filled.status, 200);
  EXPECT_GE(filled.body->size(), std::size_t{50'000} * 14);
  request.body = list_of(100'000);
  EXPECT_EQ(bench.answer(request).status, 413);
}

TEST(Api, SaysWhatAReloadCouldNotPutInForce) {
  ApiBench bench;
  EXPECT_EQ(*bench.answer(ApiBench::request("POST", "/-/reload")).body, "reloaded\n");
  bench.restart_required = {"server.listen", "store.path"};
  const Response response = bench.answer(ApiBench::request("POST", "/-/reload"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.body,
            "reloaded\nserver.listen changed: restart the daemon to use the new value\n"
            "store.path changed: restart the daemon to use the new value\n");
}

}  // namespace
}  // namespace gonogo
