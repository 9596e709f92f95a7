// AWS Signature Version 4 for one request (docs.aws.amazon.com, "Signature Version 4 signing
// process"), for S3 and services with the same interface (Cloudflare R2).
#pragma once

#include <optional>
#include <string>

#include "daemon/core/time.h"
#include "daemon/formats/http_message.h"

namespace gonogo {

class Settings;

struct AwsKeys {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty: none
  std::string region = "us-east-1";
  std::string service = "s3";
};

// Adds x-amz-date, x-amz-security-token and, for S3, x-amz-content-sha256, and signs all headers of
// `request`, including Host. The path has to be percent-encoded already; it is not changed.
void sign_request(HttpRequest& request, const AwsKeys& keys, WallTime now);

// Reads access_key, secret_key, session_token, region and service.
AwsKeys read_aws_keys(Settings settings);

}  // namespace gonogo
