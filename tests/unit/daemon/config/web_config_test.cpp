// exporter-toolkit v0.20.0, built with Go 1.26.8, decided which of the files in
// web_config_answers.jsonl it takes; where this daemon differs on purpose, the row says why.
#include "daemon/config/web_config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/config/document.h"
#include "daemon/http/listener_tls.h"
#include "tests/support/certificates.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// What reading a file gives.
struct Read {
  Reading reading;
  WebConfig web;

  std::string problems() const { return lines(reading.problems); }
  std::string warnings() const { return lines(reading.warnings); }
  static std::string lines(const Problems& all) {
    std::string text;
    for (const Problem& problem : all) text += to_text(problem) + "\n";
    return text;
  }
};

class WebConfigTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server = make_certificate("localhost");
    rsa = make_certificate("rsa", true);
    authority = make_certificate("authority");
  }

  WebConfigTest() {
    scratch.write("server.crt", server.certificate);
    scratch.write("server.key", server.key);
    scratch.write("encrypted.key", server.encrypted_key);
    scratch.write("rsa.crt", rsa.certificate);
    scratch.write("rsa.key", rsa.key);
    scratch.write("ca.pem", authority.certificate);
    scratch.write("ca.key", authority.key);
    scratch.write("inter.pem", authority.certificate);
    scratch.write("junk.pem", "junk\n");
    scratch.write("empty", "");
  }

  // "@CERT@" is the certificate: in a block of lines it is indented like the placeholder.
  static std::string filled(std::string text) {
    for (const auto& [sign, pem] :
         {std::pair{"@CERT@", &server.certificate}, std::pair{"@KEY@", &server.key},
          std::pair{"@CA@", &authority.certificate}}) {
      const std::size_t at = text.find(sign);
      if (at == std::string::npos) continue;
      const bool is_quoted = at > 0 && text[at - 1] == '"';
      std::string lines;
      for (const char c : pem->substr(0, pem->size() - 1))
        lines += c != '\n' ? std::string(1, c) : is_quoted ? "\\n" : "\n    ";
      text.replace(at, std::string(sign).size(), lines);
    }
    return text;
  }

  std::unique_ptr<Read> read(const std::string& text) const {
    auto all = std::make_unique<Read>();
    Node nothing;
    Settings settings(&nothing, {}, "server", all->reading);
    all->web = read_web_config(scratch.write("web.yml", filled(text)), settings);
    return all;
  }

  static inline MadeCertificate server;
  static inline MadeCertificate rsa;
  static inline MadeCertificate authority;
  Scratch scratch;
};

const char* const files = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

TEST_F(WebConfigTest, AFileIsTakenWhereTheToolkitTakesIt) {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) +
                     "/tests/unit/daemon/config/web_config_answers.jsonl");
  std::string line;
  std::getline(file, line);  // the version
  int count = 0;
  while (std::getline(file, line)) {
    const auto row = nlohmann::json::parse(line);
    const std::string expected = row.value("ours", row["toolkit"].get<std::string>());
    const auto seen = read(row["yaml"].get<std::string>());
    EXPECT_EQ(seen->problems().empty(), expected.rfind("taken", 0) == 0)
        << row["name"] << " " << expected << "\n"
        << seen->problems();
    ++count;
  }
  EXPECT_GT(count, 250);
}

TEST_F(WebConfigTest, OnlyCertificatesThatAreVerifiedAuthenticate) {
  const std::string own_ca = "  client_ca_file: ca.pem\n";
  const std::string names = "  client_allowed_sans: [prom.example.org]\n";
  for (const char* type : {"RequestClientCert", "RequireAnyClientCert", "RequireClientCert",
                           "VerifyClientCertIfGiven"}) {
    const auto seen =
        read(files + ("  client_auth_type: " + std::string(type) + "\n") + own_ca + names);
    EXPECT_EQ(seen->problems(), "") << type;
    EXPECT_FALSE(seen->web.authenticates()) << type;
  }
  EXPECT_TRUE(read(files + ("  client_auth_type: RequireAndVerifyClientCert\n" + own_ca))
                  ->web.authenticates());
  EXPECT_FALSE(read(files)->web.authenticates());
  EXPECT_FALSE(read("basic_auth_users: {}\n")->web.authenticates());
}

TEST_F(WebConfigTest, WhatIsTakenWithoutEffectIsReported) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, const char*>>{
           {"http_server_config: {http2: true}\n", "http2: HTTP/2 is not served"},
           {"http_server_config: {http2: on}\n", "http2: HTTP/2 is not served"},
           {files + std::string("  min_version: TLS10\n"), "min_version: is not served"},
           {files + std::string("  cert: |\n    @CERT@\n"), "cert: is not used beside `cert_file`"},
           {"", "web.yml:1:1: is empty: no TLS and no users"},
           {"# nothing\n", "is empty: no TLS and no users"}}) {
    const auto seen = read(text);
    EXPECT_EQ(seen->problems(), "") << text;
    EXPECT_NE(seen->warnings().find(words), std::string::npos) << text << seen->warnings();
  }
  for (const char* quiet : {"http_server_config: {http2: false}\n", "http_server_config: {}\n"})
    EXPECT_EQ(read(quiet)->warnings(), "") << quiet;
}

TEST_F(WebConfigTest, HeadersAndTheRateAreRead) {
  const auto seen = read(R"(
http_server_config:
  headers:
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Frame-Options: deny
    X-XSS-Protection:
    Content-Security-Policy: ""
rate_limit: {burst: 20, interval: 1m0.5s}
)");
  EXPECT_EQ(seen->problems(), "");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
      {"X-Frame-Options", "deny"}};
  EXPECT_EQ(seen->web.rules.headers, expected);
  EXPECT_EQ(seen->web.rules.interval, 60500ms);
  EXPECT_EQ(seen->web.rules.burst, 20);
}

TEST_F(WebConfigTest, ATextInPemIsAsGoodAsAFile) {
  const auto seen = read("tls_server_config:\n  cert: |\n    @CERT@\n  key: |\n    @KEY@\n");
  EXPECT_EQ(seen->problems() + seen->warnings(), "");
  ASSERT_TRUE(seen->web.tls);
  EXPECT_EQ(seen->web.tls->digest(), read(files)->web.tls->digest());
  const std::string key_line = server.key.substr(server.key.find('\n') + 1, 40);
  EXPECT_EQ(seen->reading.redactor.clean(server.key).find(key_line), std::string::npos);
  const auto broken = read("tls_server_config:\n  cert: junk\n  key: |\n    @KEY@\n");
  EXPECT_NE(broken->problems().find("web.yml:2:9: tls_server_config.cert: holds no certificate"),
            std::string::npos)
      << broken->problems();
}

TEST_F(WebConfigTest, TheDigestFollowsTheRules) {
  const std::string plain = read(files)->web.tls->digest();
  for (const char* more :
       {"  min_version: TLS13\n", "  max_version: TLS12\n", "  curve_preferences: [X25519]\n",
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n",
        "  client_auth_type: RequireAnyClientCert\n",
        "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n"}) {
    const auto seen = read(std::string(files) + more);
    ASSERT_TRUE(seen->web.tls) << more << seen->problems();
    EXPECT_NE(seen->web.tls->digest(), plain) << more;
  }
}

}  // namespace
}  // namespace gonogo
