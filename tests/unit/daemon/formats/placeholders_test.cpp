#include "daemon/formats/placeholders.h"

#include <gtest/gtest.h>

#include <string>

namespace gonogo {
namespace {

TEST(Placeholders, AreKnown) {
  for (const char* value : {"your-secret-key",
                            "{{ key }}",
                            "postgres://u:{{ password }}@db/x",
                            "INSERT_KEY_HERE",
                            "dummy",
                            "DUMMY",
                            "test-secret",
                            "test_key_123",
                            "my-secret-key",
                            "fake token",
                            "sk_test_xxx",
                            "sk_live_xxx",
                            "sk_live_XXXXXXXX",
                            "pk_test_xxxx_1",
                            "sk_test_...",
                            "sk_live_****",
                            "whsec_",
                            "sk_live_",
                            "SG.",
                            "xoxb-",
                            "ghp_",
                            "AKIA",
                            "price_",
                            "replace-with-a-strong-random-secret-value",
                            "PUT_STRONG_RANDOM_SECRET_HERE_0000000",
                            "generate_strong_secret_min_32_characters",
                            "enter your key",
                            "Change.Me.Please",
                            "put\xE2\x80\x93it\xE2\x80\x93in",
                            "please-change-me-now",
                            "changeme",
                            "<your key here>",
                            "__SET_IN_CI__",
                            "xxxx",
                            "***",
                            "*",
                            "password",
                            "secret",
                            "admin",
                            "test",
                            "example",
                            "dev-auth-secret",
                            "dev-client-portal-secret",
                            "user@example.com",
                            "letmein",
                            "supersecret",
                            "super-secret",
                            "my-super-secret-key",
                            "a-very-long-secret-key",
                            "some-random-string",
                            "pk_test_placeholder",
                            "SECRET_KEY_PLACEHOLDER",
                            "placeholder-value",
                            "REPLACEME",
                            "set-me",
                            "SET_ME",
                            "fill-in",
                            "[REDACTED]",
                            "not-a-secret",
                            "1234567890",
                            "0123456789",
                            "0000000000000000",
                            "00000000-0000-0000-0000-000000000000",
                            "Secret123",
                            "password1",
                            "admin123",
                            "insecure",
                            "sk-proj-",
                            "sk-ant-api03-",
                            "AIza",
                            "use-openssl-rand-hex-32",
                            "$(openssl rand -hex 32)",
                            "`pwgen 32`",
                            " todo "}) {
    EXPECT_TRUE(is_placeholder(value)) << value;
  }
}

TEST(Placeholders, AreNotSeenInSecretsThatAreSet) {
  for (const char* value : {"c7b1f0e5d29a4f3f",
                            "kV9$mQ2x!Rz7wLp4Tn8b",
                            "sk_live_51Habcdef",
                            "whsec_9f8e7d6c",
                            "xxy7z",
                            "9hereY",
                            "inputX1",
                            "Xk9hereYt2putQ",
                            "yourself7",
                            "exchange7",
                            "u5inserted",
                            "examples",
                            "here2",
                            "ab_xxx1_cd",
                            "axxxb",
                            "production",
                            "smtp",
                            "api-client",
                            "app",
                            "local",
                            "https://a.org",
                            "postgresql://u:K8s2vQ@db/app",
                            "Zm9v+YmFy/cXV4",
                            "\xC3\xA9here",
                            "true",
                            "re_9aBcD",
                            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                            "0000000000000001",
                            "q1w0-9Fz_KxTm4-Vb7Jd",
                            "dGhpcyBpcyBub3QgYSBzZWNyZXQgYXQgYWxs",
                            "sk-proj-x81Kq",
                            "AIzaSyD4kQ",
                            "correct-horse-battery-staple",
                            "very long winding road",
                            "set-sail-tonight",
                            "fill_7Qd-in",
                            "Kplaceholder9",
                            "notasecretariat",
                            "openssl",
                            "grand-openssl-9",
                            "secret9f86d081",
                            "314159265358979",
                            "987654321098",
                            "$(x",
                            "SG.x1y2",
                            "{\"a\":{\"b\":1}}"}) {
    EXPECT_FALSE(is_placeholder(value)) << value;
    EXPECT_FALSE(asks_for_secret(value)) << value;
  }
}

TEST(Placeholders, AskForASecretInWholeWords) {
  for (const char* word : {"replace", "change", "put", "insert", "generate", "enter", "your",
                           "here", "example", "placeholder", "redacted", "replaceme"}) {
    const std::string text(word);
    for (const std::string& value : {text, "x_" + text, text + "-9x", "a." + text + "/b"}) {
      EXPECT_TRUE(asks_for_secret(value)) << value;
    }
    for (const std::string& value : {text + "s", "9" + text, text + "9", "q" + text + "q"}) {
      EXPECT_FALSE(asks_for_secret(value)) << value;
    }
  }
}

}  // namespace
}  // namespace gonogo
