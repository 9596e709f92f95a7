#include "daemon/formats/aws_signature.h"

#include <gtest/gtest.h>

#include "daemon/formats/times.h"

namespace gonogo {
namespace {

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

}  // namespace
}  // namespace gonogo
