#include "daemon/formats/embedded_secrets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/formats/postgres_target.h"

namespace gonogo {
namespace {

bool holds(std::string_view secret, std::string_view text) {
  const auto found = embedded_secrets(secret);
  return std::any_of(found.begin(), found.end(),
                     [&](const EmbeddedSecret& each) { return each.text == text; });
}

bool holds(std::string_view secret, std::string_view user, std::string_view text) {
  const auto found = embedded_secrets(secret);
  return std::any_of(found.begin(), found.end(), [&](const EmbeddedSecret& each) {
    return each.has_user && each.user == user && each.text == text;
  });
}

TEST(EmbeddedSecrets, AreThePasswordsOfAddresses) {
  EXPECT_TRUE(holds("redis://:p4ss@h:1/0", "", "p4ss"));
  EXPECT_TRUE(holds("https://me%40x:p%40ss%2F1@h/", "me@x", "p@ss/1"));
  EXPECT_TRUE(holds("https://me%40x:p%40ss%2F1@h/", "me%40x", "p%40ss%2F1"));
  EXPECT_TRUE(holds("mongodb://u:p4ss@a,b:2/x?replicaSet=r", "u", "p4ss"));
  EXPECT_TRUE(holds("http://a:one1@h http://b:two2@h", "b", "two2"));
  EXPECT_TRUE(holds("postgres://u:p4/ss@h/d", "u", "p4/ss"));
  EXPECT_TRUE(holds("u:p4:s@tcp(127.0.0.1:3306)/db", "u", "p4:s"));
  EXPECT_TRUE(holds("u:p4ss@unix(/run/mysql)/db", "u", "p4ss"));
  EXPECT_TRUE(embedded_secrets("https://h:8080/path@x").empty());
  EXPECT_TRUE(embedded_secrets("https://user@h/path").empty());
  EXPECT_TRUE(embedded_secrets("a:b@c").empty());
}

TEST(EmbeddedSecrets, AreTheValuesOfKeysThatSaySo) {
  for (const char* text :
       {"x://h/?password=v4lue", "x://h/?a=b&password=v4lue&c=d", "x://h/?a=b&PASSWORD=v4lue#f",
        "jdbc:sqlserver://h;user=sa;password=v4lue;encrypt=true", "x://h/?access_token=v4lue",
        "x://h/?api-key=v4lue", "x://h/?sslpassword=v4lue", "password=v4lue",
        "user=a password=v4lue", "user=a\npassword=v4lue\n", "password = v4lue host=h",
        "password='v4lue'", "Pwd={v4lue};Server=x", "Password=\"v4lue\";Server=x",
        "DefaultEndpointsProtocol=https;AccountKey=v4lue", "client_secret=v4lue&grant_type=x"})
    EXPECT_TRUE(holds(text, "v4lue")) << text;
  EXPECT_TRUE(holds("x://h/?password=p%26q+r", "p&q r"));
  EXPECT_TRUE(holds("x://h/?password=p%26q+r", "p%26q+r"));
  EXPECT_TRUE(holds("x://h/?password=a;b&c=d", "a;b"));
  EXPECT_TRUE(holds("AccountKey=YWJj==;Suffix=x", "YWJj=="));
  EXPECT_TRUE(holds("Server=x;Password=two words;User=y", "two words"));
  EXPECT_TRUE(holds("Password='it''s'", "it's"));
  EXPECT_TRUE(holds("Password={a}}b}", "a}b"));
  for (const char* text :
       {"postgresql://svc@h/app?password=v4lue", "jdbc:postgresql://h/app?user=svc&password=v4lue",
        "host=h user=svc password=v4lue dbname=app", "Server=h;Uid=svc;Pwd=v4lue"})
    EXPECT_TRUE(holds(text, "svc", "v4lue")) << text;
  for (const char* text :
       {"", "=", "password", "password=", "x://h/?user=svc&sslmode=require", "passwords=v4lue",
        "nopassword=v4lue", "x://h/?token=true", "sslkey=/etc/key.pem", "sslmode=require"})
    EXPECT_TRUE(embedded_secrets(text).empty()) << text;
}

// As libpq itself reads them.
TEST(EmbeddedSecrets, AreThePasswordsThatLibpqReads) {
  for (const char* text :
       {"host=h password=v4lue", "host=h password='v4 \\'l\\\\ue' dbname=d", "password = 'v4 lue'",
        "host=h password=v4\\ lue dbname=d", "host=h password=a&b;c dbname=d", "password=v4%20lue",
        "postgresql://u@h/d?password=v4%20lue", "postgres://u:v4%2Flue@h/d",
        "postgresql://h/d?user=u&password=a+b&sslmode=require", "host=h\n password=v4lue\n"}) {
    std::string problem;
    const auto target = parse_postgres_target(text, problem);
    ASSERT_TRUE(target) << text << problem;
    EXPECT_NE(value_of(*target, "password"), "") << text;
    EXPECT_TRUE(holds(text, value_of(*target, "password")))
        << text << ": " << value_of(*target, "password");
  }
}

TEST(EmbeddedSecrets, AreAFew) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "password=value" + std::to_string(i) + "&";
  EXPECT_LE(embedded_secrets(many).size(), 32U);
}

}  // namespace
}  // namespace gonogo
