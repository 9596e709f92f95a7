#include "daemon/api/history.h"

#include <tl/expected.hpp>

#include "daemon/api/answers.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/times.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/store/store.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using Question = std::function<tl::expected<std::string, std::string>(Store&)>;

// On the pool, because the store waits for the disk.
asio::awaitable<Response> ask_store(ApiContext& api, Question question) {
  tl::expected<std::string, std::string> answer;
  try {
    auto ask = [store = api.store, question = std::move(question)] { return question(*store); };
    auto asking = offload(api.pool, std::move(ask));
    answer = co_await std::move(asking);
  } catch (const IoError& broken) {
    answer = tl::make_unexpected(std::string(broken.what()));
  }
  if (answer) co_return json_response(200, std::move(*answer));
  co_return problem_response(503, "Service Unavailable", answer.error());
}

// An empty `check` asks for all checks and the verdict.
asio::awaitable<Response> read_history(ApiContext& api, Request request, std::string check) {
  HistoryQuestion question;
  question.check = std::move(check);
  question.limit = query_limit(request, 200);
  const std::string since = query_text(request, "since");
  question.since_last_go = since == "go";
  if (!since.empty() && !question.since_last_go) {
    question.since = parse_rfc3339(since);
    if (!question.since)
      co_return bad_request(in_quotes(since) + " is no time (such as 2026-12-24T18:00:00Z, or go)");
  }
  Question ask = [question](Store& store) { return store.history(question); };
  co_return co_await ask_store(api, std::move(ask));
}

}  // namespace

asio::awaitable<Response> show_history(ApiContext& api, Call call) {
  std::string all_checks;
  co_return co_await read_history(api, std::move(call.request), std::move(all_checks));
}

asio::awaitable<Response> show_check_history(ApiContext& api, Call call) {
  std::string check = call.part("id");
  co_return co_await read_history(api, std::move(call.request), std::move(check));
}

asio::awaitable<Response> list_deploys(ApiContext& api, Call call) {
  const std::int64_t limit = query_limit(call.request, 50);
  Question ask = [limit](Store& store) { return store.deployments(limit); };
  co_return co_await ask_store(api, std::move(ask));
}

asio::awaitable<Response> show_audit(ApiContext& api, Call call) {
  const std::int64_t after = query_number(call.request, "after", 0);
  const std::int64_t limit = query_limit(call.request, 500);
  Question ask = [after, limit](Store& store) { return store.audit_page(after, limit); };
  co_return co_await ask_store(api, std::move(ask));
}

}  // namespace gonogo
