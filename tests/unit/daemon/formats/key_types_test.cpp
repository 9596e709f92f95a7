#include "daemon/formats/key_types.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Case {
  const char* type;
  std::vector<const char*> good;
  std::vector<const char*> bad;
};

TEST(KeyTypes, FitTheirValues) {
  const std::vector<Case> cases{
      {"boolean", {"true", "FALSE", "1", "off", "n"}, {"", "2", "ja", "true "}},
      {"integer", {"0", "-7", "123456789012345678"}, {"", "-", "1.5", "1e3", " 1"}},
      {"number", {"0", "-1.5", "1e3"}, {"", "nan", "inf", "1,5", "1 "}},
      {"port", {"1", "65535"}, {"0", "65536", "-1", "http"}},
      {"url", {"http://a", "https://a/x?{ID}"}, {"", "a", "ftp://a/", "http://"}},
      {"https_url",
       {"https://a/x", "https://example.org/{ID}"},
       {"http://a/", "https://localhost/", "https://127.0.0.1:8443/", "https://[::1]/"}},
      {"origin",
       {"https://a", "https://a:8443"},
       {"http://a", "https://a/", "https://a/x", "https://*.a", "https://u@a"}},
      {"email", {"a@b.org", "a+b@c.d-e.org"}, {"a", "a@b", "a@-b.org", "A <a@b.org>"}},
      {"address", {"127.0.0.1", "::1"}, {"", "127.0.0.1/8", "a"}},
      {"network", {"10.0.0.0/8", "fd00::/8"}, {"", "10.0.0.0", "10.0.0.0/33"}},
      {"address_or_network", {"127.0.0.1", "10.0.0.0/8"}, {"", "a/8"}},
      {"postgres_url",
       {"postgresql://u:p@db/x", "postgresql+psycopg://u@db/x", "postgres://db"},
       {"", "db", "host=db", "mysql://db/x", "postgresql://u:p@[db/x"}}};
  for (const auto& [name, good, bad] : cases) {
    const KeyType* type = find_key_type(name);
    ASSERT_NE(type, nullptr) << name;
    for (const char* text : good) EXPECT_TRUE(type->fits(text)) << name << ": " << text;
    for (const char* text : bad) EXPECT_FALSE(type->fits(text)) << name << ": " << text;
  }
  EXPECT_EQ(cases.size(), names_of_key_types().size()) << "each type has its row";
  EXPECT_EQ(find_key_type("colour"), nullptr);
}

}  // namespace
}  // namespace gonogo
