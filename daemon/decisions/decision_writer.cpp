#include "daemon/decisions/decision_writer.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/logging.h"
#include "daemon/store/store.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr Duration retry_every = std::chrono::seconds{30};

}  // namespace

asio::awaitable<DecisionWriter::Written> DecisionWriter::write(Deed deed) {
  Written head = tl::make_unexpected(std::string());
  try {
    auto decide = [store = store_, deed = std::move(deed)] { return store->decide(deed); };
    auto deciding = offload(pool_, std::move(decide));
    head = co_await std::move(deciding);
  } catch (const IoError& broken) {
    head = tl::make_unexpected(std::string(broken.what()));
  }
  if (!head) log_error("a decision was not written down: " + head.error());
  co_return head;
}

asio::awaitable<void> DecisionWriter::write_or_keep(Deed deed) {
  Deed again = deed;
  auto writing = write(std::move(deed));
  const Written written = co_await std::move(writing);
  if (written) co_return;
  unwritten_.push_back(std::move(again));
  retry_ = clock_.call_at(clock_.now() + retry_every, [this] {
    for (Deed& waiting : std::exchange(unwritten_, {})) write_later(std::move(waiting));
  });
}

void DecisionWriter::write_later(Deed deed) {
  asio::co_spawn(loop_, write_or_keep(std::move(deed)), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

void DecisionWriter::save_progress(const Deployment& deployment) {
  store_->save_progress(deployment);
}

void DecisionWriter::save_note(const std::string& name, const std::string& text) {
  store_->save_note(name, text, clock_.wall());
}

std::optional<std::string> DecisionWriter::note(const std::string& name) const {
  return store_->note(name);
}

}  // namespace gonogo
