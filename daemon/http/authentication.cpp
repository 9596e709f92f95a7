#include "daemon/http/authentication.h"

#include <crypt.h>

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/waiter.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// A guessed password costs the daemon one bcrypt, so no more than this many run at once, and no
// more than this many wait for their turn.
constexpr int most_hashing = 2;
constexpr std::size_t longest_line = 64;
// bcrypt reads 72 bytes of a password, so that one user has many that are right.
constexpr std::size_t most_proven = 1000;
// Compared with when the user is unknown, so that an unknown name takes as long as a known one.
constexpr const char* nobodys_hash = "$2b$10$abcdefghijklmnopqrstuuVQd2nHGdRaMrM7JR0n3tCbRJgdhm8Oy";

bool is_right(const std::string& password, const std::string& hash) {
  // What follows a NUL byte would not be compared.
  if (password.find('\0') != std::string::npos) return false;
  auto memory = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), memory.get());
  return made != nullptr && equal_in_constant_time(made, hash);
}

}  // namespace

Authentication::Authentication(const ServerConfig& config)
    : tokens_(config.tokens),
      anonymous_(config.anonymous),
      users_(config.web.users),
      configured_(config.users) {
  // As with every exporter-toolkit: when the file has users, only they may read.
  if (!users_.empty()) anonymous_.erase(Grant::read);
}

Caller Authentication::known_user(const std::string& user) const {
  Caller caller{user, {Grant::read, Grant::ping}, {}};
  const auto configured = configured_.find(user);
  if (configured == configured_.end()) return caller;
  caller.name = configured->second.name;
  caller.may.insert(configured->second.may.begin(), configured->second.may.end());
  caller.roles = configured->second.roles;
  return caller;
}

asio::awaitable<Authentication::Answer> Authentication::identify(std::string authorization,
                                                                 BlockingPool& pool) {
  Answer answer = tl::make_unexpected(Unidentified::wrong);
  if (authorization.empty()) {
    answer = Caller{"", anonymous_, {}};
    co_return answer;
  }
  const std::size_t blank = std::min(authorization.find(' '), authorization.size());
  const std::string scheme = authorization.substr(0, blank);
  const std::string credentials(trimmed(std::string_view(authorization).substr(blank)));
  if (equal_ignoring_case(scheme, "Bearer")) answer = identify_token(credentials);
  if (!equal_ignoring_case(scheme, "Basic") || users_.empty()) co_return answer;
  std::string pair = base64_decoded(credentials).value_or("");
  if (pair.find(':') == std::string::npos) co_return answer;
  answer = co_await identify_user(std::move(pair), pool);
  co_return answer;
}

Authentication::Answer Authentication::identify_token(const std::string& token) const {
  Answer answer = tl::make_unexpected(Unidentified::wrong);
  for (const TokenConfig& known : tokens_) {
    if (!known.secret.empty() && equal_in_constant_time(token, known.secret))
      answer = Caller{known.name, known.may, known.roles, true};
  }
  return answer;
}

asio::awaitable<Authentication::Answer> Authentication::identify_user(std::string pair,
                                                                      BlockingPool& pool) {
  Answer answer = tl::make_unexpected(Unidentified::wrong);
  const std::string user = pair.substr(0, pair.find(':'));
  const auto found = users_.find(user);
  const std::string hash = found == users_.end() ? nobodys_hash : found->second;
  const std::string digest = sha256(pair + hash);
  bool right = proven_.count(digest) > 0;
  if (!right) {
    const bool has_turn = co_await take_turn();
    if (!has_turn) {
      answer = tl::make_unexpected(Unidentified::busy);
      co_return answer;
    }
    // Another request with the same password may have been before this one in the line.
    right = proven_.count(digest) > 0;
    bool has_failed = false;
    if (!right) {
      auto compare = [password = pair.substr(pair.find(':') + 1), hash] {
        return is_right(password, hash);
      };
      try {
        auto comparing = offload(pool, std::move(compare));
        right = co_await std::move(comparing);
      } catch (const std::exception&) {
        has_failed = true;  // no free thread, no memory: it says nothing about the password
      }
    }
    end_turn();
    if (has_failed) {
      answer = tl::make_unexpected(Unidentified::busy);
      co_return answer;
    }
    right = right && found != users_.end();
    if (right) remember(digest);
  }
  if (right) answer = known_user(user);
  co_return answer;
}

// False when the line is too long.
asio::awaitable<bool> Authentication::take_turn() {
  if (hashing_ < most_hashing) {
    ++hashing_;
    co_return true;
  }
  if (line_.size() >= longest_line) co_return false;
  auto waiter = std::make_shared<Waiter>();
  line_.push_back(waiter);
  auto waiting = wait_for(
      waiter, [] {}, [] {});
  co_await std::move(waiting);
  co_return true;
}

// The next in line takes the place over.
void Authentication::end_turn() {
  if (line_.empty()) {
    --hashing_;
    return;
  }
  const std::shared_ptr<Waiter> next = std::move(line_.front());
  line_.pop_front();
  next->resume({});
}

void Authentication::remember(const std::string& digest) {
  if (proven_.size() >= most_proven) proven_.clear();
  proven_.insert(digest);
}

}  // namespace gonogo
