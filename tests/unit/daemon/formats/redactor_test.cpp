#include "daemon/formats/redactor.h"

#include <gtest/gtest.h>

#include "daemon/formats/digests.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

TEST(Redactor, HidesASecretInEveryFormInWhichItTravels) {
  Redactor redactor;
  redactor.hide("s3cr\"t/word");
  redactor.hide_credentials("monitor", "pa55word");
  redactor.hide("postgresql://app:d%40tabase@db/x");
  for (const std::string& text :
       {std::string("got s3cr\"t/word!"), percent_encoded("s3cr\"t/word"), base64("s3cr\"t/word"),
        std::string("s3cr\\\"t/word"), "Basic " + base64("monitor:pa55word"),
        std::string("pa55word"), std::string("d@tabase"), std::string("d%40tabase")}) {
    const std::string clean = redactor.clean(text);
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << text;
    EXPECT_NE(clean, text);
  }
  EXPECT_EQ(redactor.clean("nothing here"), "nothing here");
}

}  // namespace
}  // namespace gonogo
