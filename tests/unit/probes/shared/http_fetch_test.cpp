#include "probes/shared/http_fetch.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(HttpFetch, CredentialsAreRefusedByThreeStatusesAndOnlyOfWhatWritesNothing) {
  const auto refuses = [](int status, const char* method) {
    HttpResponse response;
    response.status = status;
    return refuses_credentials(response, method);
  };
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    for (const int status : {401, 403, 407}) EXPECT_TRUE(refuses(status, method)) << status;
    for (const int status : {200, 302, 400, 404, 500, 503})
      EXPECT_FALSE(refuses(status, method)) << status;
  }
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "get", "PURGE"})
    EXPECT_FALSE(refuses(401, method)) << method;
}

}  // namespace
}  // namespace gonogo
