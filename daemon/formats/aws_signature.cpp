#include "daemon/formats/aws_signature.h"

#include <algorithm>
#include <map>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

// Trims `value` and replaces each run of blanks by one.
std::string tidy(std::string_view value) {
  std::string out;
  for (const char c : trimmed(value)) {
    if (c == ' ' && !out.empty() && out.back() == ' ') continue;
    out += c;
  }
  return out;
}

// Sorts the parameters by encoded name, then by value; writes each with a "=".
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    const std::size_t equals = std::min(part.find('='), part.size());
    if (!part.empty()) {
      const std::string_view value = part.substr(std::min(equals + 1, part.size()));
      parameters.emplace_back(percent_encoded(percent_decoded(part.substr(0, equals))),
                              percent_encoded(percent_decoded(value)));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string text;
  for (const auto& [name, value] : parameters)
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  return text;
}

// The key for this day, region and service alone.
std::string signing_key(const AwsKeys& keys, std::string_view date) {
  std::string key = "AWS4" + keys.secret_key;
  for (const std::string_view part :
       {date, std::string_view(keys.region), std::string_view(keys.service),
        std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  return key;
}

}  // namespace

void sign_request(HttpRequest& request, const AwsKeys& keys, WallTime now) {
  std::string time = to_rfc3339(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string date = time.substr(0, 8);
  const std::string body_hash = sha256_hex(request.body);
  request.headers.emplace_back("x-amz-date", time);
  if (keys.service == "s3") request.headers.emplace_back("x-amz-content-sha256", body_hash);
  if (!keys.session_token.empty())
    request.headers.emplace_back("x-amz-security-token", keys.session_token);

  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) {
    // A proxy may change these on the way.
    if (equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "User-Agent") ||
        equal_ignoring_case(name, "Accept-Encoding") || equal_ignoring_case(name, "Accept"))
      continue;
    std::string& values = headers[lower_case(name)];
    values += (values.empty() ? "" : ",") + tidy(value);
  }
  std::string names;
  std::string lines;
  for (const auto& [name, value] : headers) {
    names += (names.empty() ? "" : ";") + name;
    lines.append(name).append(":").append(value).append("\n");
  }
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  const std::string query = canonical_query(
      std::string_view(request.target).substr(std::min(question + 1, request.target.size())));
  const std::string canonical = request.method + "\n" + request.target.substr(0, question) + "\n" +
                                query + "\n" + lines + "\n" + names + "\n" + body_hash;
  const std::string scope = date + "/" + keys.region + "/" + keys.service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256_hex(canonical);
  const std::string key = signing_key(keys, date);
  request.headers.emplace_back("Authorization",
                               "AWS4-HMAC-SHA256 Credential=" + keys.access_key + "/" + scope +
                                   ", SignedHeaders=" + names +
                                   ", Signature=" + to_hex(hmac_sha256(key, to_sign)));
}

AwsKeys read_aws_keys(Settings settings) {
  AwsKeys keys;
  keys.access_key = settings.required_text("access_key", "${secrets.r2_access_key}");
  settings.secret("access_key");
  if (!settings.has("secret_key"))
    settings.complain("`secret_key` is missing (such as secret_key: ${secrets.r2_secret_key})");
  keys.secret_key = settings.secret("secret_key").value_or("");
  keys.session_token = settings.secret("session_token").value_or("");
  keys.region = settings.text_or("region", keys.region);
  keys.service = settings.text_or("service", keys.service);
  settings.finish();
  return keys;
}

}  // namespace gonogo
