// Who is asking, and what they may do.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/config/server.h"

namespace gonogo {

class BlockingPool;
class Waiter;

struct Caller {
  std::string name;  // empty: anonymous
  std::set<Grant> may;
  std::vector<std::string> roles;
  bool has_token = false;  // a bearer token, which no browser sends by itself
};

enum class Unidentified : std::uint8_t {
  wrong,  // the credentials are
  busy,   // they could not be compared now
};

class Authentication {
 public:
  using Answer = tl::expected<Caller, Unidentified>;

  explicit Authentication(const ServerConfig& config);

  // Without credentials it is the anonymous caller. Hashes are computed on the pool, a few at once;
  // the others wait in line. It has to live until the answer.
  boost::asio::awaitable<Answer> identify(std::string authorization, BlockingPool& pool);

 private:
  Answer identify_token(const std::string& token) const;
  boost::asio::awaitable<Answer> identify_user(std::string pair, BlockingPool& pool);
  boost::asio::awaitable<bool> take_turn();
  void end_turn();
  void remember(const std::string& digest);
  Caller known_user(const std::string& user) const;

  std::vector<TokenConfig> tokens_;
  std::set<Grant> anonymous_;
  std::map<std::string, std::string> users_;
  std::map<std::string, UserConfig> configured_;
  // Digests of credentials that were right: bcrypt is slow on purpose, and scrapes are frequent.
  std::set<std::string> proven_;
  int hashing_ = 0;
  std::deque<std::shared_ptr<Waiter>> line_;
};

}  // namespace gonogo
