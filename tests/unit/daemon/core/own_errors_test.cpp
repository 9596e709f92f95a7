#include "daemon/core/own_errors.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace gonogo {
namespace {

TEST(OwnErrors, AreThoseOfAHostThatHasNothingLeft) {
  for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL}) {
    EXPECT_TRUE(is_own_error(error)) << std::strerror(error);
    EXPECT_TRUE(is_own_start_error(error)) << std::strerror(error);
    const std::string text = std::string("could not create socket: ") + std::strerror(error) + "\n";
    EXPECT_TRUE(has_words_of_own_error(text.c_str())) << text;
  }
}

TEST(OwnErrors, NoMoreProcessesMeansThatOnlyWhereOneIsStarted) {
  EXPECT_TRUE(is_own_start_error(EAGAIN));
  EXPECT_FALSE(is_own_error(EAGAIN)) << "a UNIX socket says it when its server's queue is full";
}

TEST(OwnErrors, AreNotThoseOfTheTarget) {
  for (const int error : {0, ENOENT, EACCES, EPERM, ECONNREFUSED, ECONNRESET, ETIMEDOUT,
                          EHOSTUNREACH, ENETUNREACH, EIO, ENOSPC, ELOOP}) {
    EXPECT_FALSE(is_own_error(error)) << std::strerror(error);
    EXPECT_FALSE(is_own_start_error(error)) << std::strerror(error);
  }
  EXPECT_FALSE(has_words_of_own_error("connection refused"));
  EXPECT_FALSE(has_words_of_own_error(nullptr));
}

}  // namespace
}  // namespace gonogo
