#include "daemon/http/authentication.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <list>

#include "daemon/formats/digests.h"
#include "daemon/io/blocking_pool.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;

// bcrypt of "correct horse", cost 4
constexpr const char* hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

std::string basic(const std::string& pair) { return "Basic " + base64(pair); }

class AuthenticationTest : public testing::Test {
 protected:
  AuthenticationTest() {
    config.web.users = {{"ops", hash}};
    config.tokens = {{"ci", "CI", "0123456789abcdef", {Grant::deploy}, {}}};
    config.anonymous = {Grant::read, Grant::ping};
    authentication = std::make_unique<Authentication>(config);
  }

  // 'y' known, 'n' wrong, 'b' busy, '.' no answer yet.
  void ask(const std::string& authorization) {
    const std::size_t place = answers.size();
    answers += '.';
    asio::co_spawn(
        loop, authentication->identify(authorization, pool),
        [this, place](std::exception_ptr failure, Authentication::Answer answer) {
          EXPECT_FALSE(failure);
          answers[place] = answer ? 'y' : answer.error() == Unidentified::busy ? 'b' : 'n';
          if (answer) caller = *answer;
        });
  }
  std::string run() {
    loop.restart();
    while (answers.find('.') != std::string::npos) loop.run_one();
    return std::exchange(answers, {});
  }

  ServerConfig config;
  asio::io_context loop{1};
  BlockingPool pool{loop.get_executor(), 2, 2};
  std::unique_ptr<Authentication> authentication;
  std::string answers;
  Caller caller;
};

TEST_F(AuthenticationTest, KnowsTokensUsersAndNobody) {
  ask("");
  EXPECT_EQ(run(), "y");
  EXPECT_EQ(caller.may, std::set<Grant>{Grant::ping}) << "with users, only they read";
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER  "})
    ask(scheme + config.tokens[0].secret);
  EXPECT_EQ(run(), "yyy");
  EXPECT_TRUE(caller.has_token);
  ask(basic("ops:correct horse"));
  EXPECT_EQ(run(), "y");
  EXPECT_FALSE(caller.has_token);
  for (const std::string& wrong :
       {basic("ops:wrong"), basic("ops:"), basic("ops"), basic("nobody:correct horse"),
        basic(std::string("ops:correct horse\0x", 19)), std::string("Basic"),
        std::string("Basic !!!"), std::string("Bearer"), std::string("Bearer guess"),
        std::string("Digest x")})
    ask(wrong);
  EXPECT_EQ(run(), "nnnnnnnnnn");
}

TEST_F(AuthenticationTest, ManyFirstRequestsWaitInLine) {
  for (int i = 0; i < 30; ++i) ask(basic("ops:correct horse"));
  for (int i = 0; i < 10; ++i) ask(basic("ops:wrong " + std::to_string(i)));
  EXPECT_EQ(run(), std::string(30, 'y') + std::string(10, 'n'));
}

TEST_F(AuthenticationTest, ALineThatIsTooLongIsNotTheCallersFault) {
  for (int i = 0; i < 200; ++i) ask(basic("ops:wrong " + std::to_string(i)));
  ask("Bearer 0123456789abcdef");
  const std::string seen = run();
  EXPECT_EQ(seen.substr(0, 66), std::string(66, 'n'));
  EXPECT_EQ(seen.substr(66), std::string(134, 'b') + "y");
  ask(basic("ops:correct horse"));
  EXPECT_EQ(run(), "y") << "and the line is empty again";
}

TEST_F(AuthenticationTest, AHashThatCannotBeComputedIsTriedAgainNextTime) {
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  // Callers that gave up leave both threads stuck.
  std::list<asio::cancellation_signal> signals;
  for (int i = 0; i < 2; ++i) {
    auto began = std::make_shared<std::promise<void>>();
    asio::cancellation_signal& give_up = signals.emplace_back();
    asio::co_spawn(loop, pool.submit([ended, began] {
      began->set_value();
      ended.wait();
    }),
                   asio::bind_cancellation_slot(give_up.slot(), [](std::exception_ptr) {}));
    loop.restart();
    loop.poll();
    began->get_future().wait();
    give_up.emit(asio::cancellation_type::terminal);
    loop.restart();
    loop.poll();
  }
  for (int i = 0; i < 4; ++i) ask(basic("ops:correct horse"));
  EXPECT_EQ(run(), "bbbb");
  end.set_value();
  for (std::string seen = "b"; seen == "b";) {
    ask(basic("ops:correct horse"));
    seen = run();
    EXPECT_NE(seen, "n");
  }
  ask(basic("ops:wrong"));
  EXPECT_EQ(run(), "n");
}

}  // namespace
}  // namespace gonogo
