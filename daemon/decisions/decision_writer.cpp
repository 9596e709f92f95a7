#include "daemon/decisions/decision_writer.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "daemon/io/waiter.h"
#include "daemon/logging.h"
#include "daemon/store/store.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr Duration longest_wait = std::chrono::seconds{10};

// What somebody waits for, used on the loop's thread.
struct Pending {
  std::optional<DecisionWriter::Written> written;
  DecisionWriter::Effect effect;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();

  void take(const tl::expected<AuditHead, std::string>& answer) {
    const bool is_late = written.has_value();
    if (answer) {
      effect(*answer, is_late);
    } else {
      log_error("a decision was not written down: " + answer.error());
    }
    if (is_late) return;
    written.emplace(answer ? DecisionWriter::Written(*answer)
                           : tl::make_unexpected(DecisionWriter::Unwritten{answer.error(), false}));
    waiter->resume({});
  }

  void give_up(Store& store, const Store::Asked& asked) {
    if (written) return;
    const std::string span = to_words(longest_wait);
    if (store.take_back(asked)) {
      take(tl::make_unexpected("the disk has been busy with other writes for " + span));
      return;
    }
    const std::string why = "the disk has not answered within " + span;
    log_error("it is not known yet whether a decision was written down: " + why);
    written.emplace(tl::make_unexpected(DecisionWriter::Unwritten{why, true}));
    waiter->resume({});
  }
};

}  // namespace

DecisionWriter::~DecisionWriter() {
  for (const auto& waiter : std::exchange(waiting_, {})) waiter->forget();
}

asio::awaitable<DecisionWriter::Written> DecisionWriter::write(Deed deed, Effect effect) {
  const auto pending = std::make_shared<Pending>();
  pending->effect = std::move(effect);
  // The loop has work until the store has answered.
  auto answer = [guard = asio::make_work_guard(loop_),
                 pending](tl::expected<AuditHead, std::string> answered) {
    asio::post(guard.get_executor(),
               [pending, answered = std::move(answered)] { pending->take(answered); });
  };
  const Store::Asked asked = store_->decide(std::move(deed), std::move(answer));
  const Timer patience =
      clock_.call_at(clock_.now() + longest_wait,
                     [store = store_, pending, asked] { pending->give_up(*store, asked); });
  const auto waiter = pending->waiter;
  waiting_.insert(waiter);
  auto begin = [] {};
  // It is waited for all the same.
  auto cancelled = [] {};
  auto waiting = wait_for(waiter, begin, cancelled);
  co_await std::move(waiting);
  waiting_.erase(waiter);
  co_return *pending->written;
}

void DecisionWriter::write_later(Deed deed) { store_->write_later(std::move(deed)); }

void DecisionWriter::save_release(const std::string& release) { store_->save_release(release); }

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
