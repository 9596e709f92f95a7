#include "daemon/io/route.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using boost::asio::ip::make_address;

// Routes by a gateway need a network of the test's own: tests/integration/sentinels_test.py.
TEST(Route, TheLoopbackIsBeyondNoGateway) {
  EXPECT_FALSE(is_beyond(make_address("127.0.0.1"), make_address("192.0.2.1")));
  EXPECT_FALSE(is_beyond(make_address("::1"), make_address("2001:db8::1")));
}

TEST(Route, AGatewayOfTheOtherFamilyLeadsNowhere) {
  EXPECT_FALSE(is_beyond(make_address("127.0.0.1"), make_address("2001:db8::1")));
}

}  // namespace
}  // namespace gonogo
