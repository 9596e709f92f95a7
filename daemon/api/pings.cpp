#include "daemon/api/pings.h"

#include <charconv>

#include "daemon/api/answers.h"

namespace gonogo {
namespace {

struct Signal {
  PushKind kind = PushKind::success;
  int exit_status = 0;
};

std::optional<Signal> parse_signal(std::string_view word) {
  if (word == "start") return Signal{PushKind::start, 0};
  if (word == "log") return Signal{PushKind::log, 0};
  if (word == "fail") return Signal{PushKind::fail, 1};
  int status = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool is_number = error == std::errc{} && end == word.data() + word.size();
  if (!is_number || status < 0 || status > 255) return std::nullopt;
  return Signal{status == 0 ? PushKind::success : PushKind::fail, status};
}

}  // namespace

boost::asio::awaitable<Response> take_ping(ApiContext& api, Call call) {
  std::optional<Signal> signal = Signal{};
  if (const auto word = call.parts.find("signal"); word != call.parts.end())
    signal = parse_signal(word->second);
  if (!signal)
    co_return bad_request("wanted /ping/KEY, or with /start, /fail, /log or /EXIT-STATUS");
  auto pushing =
      api.doors.push(call.part("key"), signal->kind, signal->exit_status, call.request.body,
                     call.request.is_cut, query_text(call.request, "rid"));
  const Pushed pushed = co_await std::move(pushing);
  if (!pushed.is_known) co_return not_found("no heartbeat waits for this key");
  if (!pushed.unsaved.empty())
    co_return problem_response(
        503, "Not Saved",
        "it counts, but it may be lost when gonogo ends: " + pushed.unsaved + "; send it again");
  co_return text_response(200, "OK\n");
}

}  // namespace gonogo
