#include "daemon/io/blocking_pool.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/io/left_threads.h"
#include "daemon/io/waiter.h"

namespace gonogo {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// When no job has begun or ended for this long while one waits, the running ones may hang.
constexpr auto patience = std::chrono::milliseconds{20};

struct Call {
  std::function<void()> job;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
  bool is_running = false;
  bool is_abandoned = false;
  bool has_expired = false;  // abandoned before it began
};

// Lists a caller in `waiters` while it waits.
class Registration {
 public:
  Registration(std::set<std::shared_ptr<Waiter>>& waiters, std::shared_ptr<Waiter> waiter)
      : waiters_(waiters), waiter_(std::move(waiter)) {
    waiters_.insert(waiter_);
  }
  ~Registration() { waiters_.erase(waiter_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  std::set<std::shared_ptr<Waiter>>& waiters_;
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace

// The one place with a lock: the queue between the loop and the workers.
struct BlockingPool::Shared : std::enable_shared_from_this<BlockingPool::Shared> {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<Call>> queue;
  asio::any_io_executor loop;
  std::size_t wanted = 0;
  std::size_t most = 0;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t stuck = 0;
  std::uint64_t begun = 0;
  std::uint64_t expired = 0;
  bool closed = false;
  std::condition_variable worker_ended;
  struct Worker {
    std::thread thread;
    bool is_busy = false;
  };
  std::map<std::thread::id, Worker> workers;
  std::vector<std::thread> ended;  // these no longer need the lock, and are joined later
  // The callers that wait for a job, and the wait for the running jobs. Used on the loop's thread
  // alone.
  std::set<std::shared_ptr<Waiter>> waiters;
  std::unique_ptr<asio::steady_timer> growing;

  // With the lock held. Why there is no new worker; empty when there is.
  std::string start_worker() {
    if (threads >= most) return "all " + counted(threads, "worker") + " hang in earlier runs";
    for (std::thread& thread : ended) thread.join();
    ended.clear();
    try {
      std::thread thread([self = shared_from_this()] { self->work(); });
      const std::thread::id id = thread.get_id();
      workers.emplace(id, Worker{std::move(thread), false});
    } catch (const std::system_error& error) {
      // EAGAIN, pthread_create(3): the system's or the unit's limit of threads.
      return "no thread could be started: " + error.code().message();
    }
    ++threads;
    return {};
  }

  // With the lock held. A worker that is woken and has not begun yet counts as idle.
  bool lacks_worker() const { return queue.size() > idle; }

  // While jobs wait and none has begun for some time, there is one more worker each time.
  void grow_later() {
    if (growing) return;
    growing = std::make_unique<asio::steady_timer>(loop, patience);
    growing->async_wait([weak = weak_from_this(), before = begun](error_code error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->growing.reset();
      const std::scoped_lock lock(self->mutex);
      if (self->closed || !self->lacks_worker()) return;
      if (self->begun == before) self->start_worker();
      self->grow_later();
    });
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      wake.wait(lock, [this] { return closed || !queue.empty(); });
      --idle;
      if (closed) break;
      const std::shared_ptr<Call> call = std::move(queue.front());
      queue.pop_front();
      if (call->is_abandoned) continue;
      ++begun;
      call->is_running = true;
      const std::thread::id self = std::this_thread::get_id();
      workers.at(self).is_busy = true;
      lock.unlock();
      call->job();
      call->job = nullptr;  // what it owns may be large: it is not destroyed under the lock
      lock.lock();
      if (const auto worker = workers.find(self); worker != workers.end())
        worker->second.is_busy = false;
      call->is_running = false;
      if (closed) break;
      const auto result =
          call->is_abandoned ? error_code(asio::error::operation_aborted) : error_code();
      asio::post(loop, [call, result] { call->waiter->resume(result); });
      if (call->is_abandoned) --stuck;
      // Another worker was started in this one's place.
      if (threads - stuck > wanted && !lacks_worker()) break;
    }
    --threads;
    if (const auto own = workers.find(std::this_thread::get_id()); own != workers.end()) {
      ended.push_back(std::move(own->second.thread));
      workers.erase(own);
    }
    worker_ended.notify_all();
  }

  void abandon(const std::shared_ptr<Call>& call) {
    const std::scoped_lock lock(mutex);
    if (call->is_abandoned) return;
    call->is_abandoned = true;
    if (call->is_running) {
      // The caller goes on when the job has ended: so its check starts no second job meanwhile.
      ++stuck;
      if (lacks_worker()) start_worker();
      return;
    }
    std::erase(queue, call);
    call->has_expired = true;
    ++expired;
    asio::post(loop, [call] { call->waiter->resume(asio::error::operation_aborted); });
  }

  void submit(const std::shared_ptr<Call>& call) {
    const std::scoped_lock lock(mutex);
    queue.push_back(call);
    if (lacks_worker() && threads - stuck < wanted) start_worker();
    if (lacks_worker()) grow_later();
    wake.notify_one();
  }

  // Why a job that is submitted now would wait for ever; empty when it would not.
  std::string objection() {
    const std::scoped_lock lock(mutex);
    if (closed) return "this daemon is stopping";
    return threads > stuck ? std::string() : start_worker();
  }
};

BlockingPool::BlockingPool(asio::any_io_executor loop, std::size_t workers, std::size_t most)
    : shared_(std::make_shared<Shared>()) {
  shared_->loop = std::move(loop);
  shared_->wanted = workers;
  shared_->most = most;
}

BlockingPool::~BlockingPool() { close(Duration::zero()); }

bool BlockingPool::close(Duration longest) {
  std::vector<std::thread> ended;
  bool all_ended = true;
  {
    std::unique_lock lock(shared_->mutex);
    shared_->closed = true;
    shared_->queue.clear();
    shared_->wake.notify_all();
    const auto none_is_busy = [this] {
      return std::none_of(shared_->workers.begin(), shared_->workers.end(),
                          [](const auto& entry) { return entry.second.is_busy; });
    };
    all_ended = shared_->worker_ended.wait_for(lock, longest, none_is_busy);
    ended.swap(shared_->ended);
    for (auto& [id, worker] : shared_->workers) {
      if (worker.is_busy) {
        leave_behind(std::move(worker.thread));
      } else {
        ended.push_back(std::move(worker.thread));
      }
    }
    shared_->workers.clear();
  }
  for (std::thread& thread : ended) thread.join();
  shared_->growing.reset();
  // A caller that still waits is a coroutine that nothing resumes any more: it is destroyed.
  for (const auto& waiter : std::exchange(shared_->waiters, {})) waiter->forget();
  return all_ended;
}

BlockingPool::Counts BlockingPool::counts() const {
  const std::scoped_lock lock(shared_->mutex);
  Counts counts;
  counts.workers = shared_->threads;
  counts.most = shared_->most;
  counts.running = static_cast<std::size_t>(
      std::count_if(shared_->workers.begin(), shared_->workers.end(),
                    [](const auto& entry) { return entry.second.is_busy; }));
  counts.stuck = shared_->stuck;
  counts.queued = shared_->queue.size();
  counts.expired = shared_->expired;
  return counts;
}

asio::awaitable<void> BlockingPool::submit(std::function<void()> job) {
  auto call = std::make_shared<Call>();
  call->job = std::move(job);
  const std::shared_ptr<Shared> shared = shared_;
  if (const std::string objection = shared->objection(); !objection.empty())
    throw IoError::cannot_judge(Reason::prober, objection);
  auto begin = [call, shared] { shared->submit(call); };
  auto cancelled = [call, shared] { shared->abandon(call); };
  const Registration registration(shared->waiters, call->waiter);
  auto waiting = wait_for(call->waiter, std::move(begin), std::move(cancelled));
  try {
    co_await std::move(waiting);
  } catch (const boost::system::system_error&) {
    if (!call->has_expired) throw;
    throw IoError::cannot_judge(Reason::prober, "no worker of this daemon was free in time");
  }
}

}  // namespace gonogo
