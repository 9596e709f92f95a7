#include "daemon/api/reports.h"

#include "daemon/api/answers.h"
#include "daemon/api/request_body.h"
#include "daemon/core/io_error.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "exporters/checklist_report.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_list = 1 << 20;

// On the pool, because reading and parsing a long Markdown file takes time.
asio::awaitable<Response> report_of(ApiContext& api, std::function<std::string()> list, bool html) {
  auto render = [list = std::move(list), html, snapshot = api.doors.latest()] {
    return html ? checklist_page(list(), *snapshot) : checklist_report(list(), *snapshot);
  };
  std::string text;
  std::string problem;
  try {
    auto rendering = offload(api.pool, std::move(render));
    text = co_await std::move(rendering);
  } catch (const IoError& broken) {
    problem = broken.what();
  }
  if (!problem.empty()) co_return problem_response(503, "Service Unavailable", problem);
  Response response = html_response(std::move(text));
  if (!html) response.content_type = "text/markdown; charset=utf-8; variant=GFM";
  co_return response;
}

}  // namespace

asio::awaitable<Response> fill_in_list(ApiContext& api, Call call) {
  RequestBody body(call.request);
  std::string text = body.text("list");
  const bool html = body.flag("html");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  std::function<std::string()> list = [text = std::move(text)] { return text; };
  co_return co_await report_of(api, std::move(list), html);
}

asio::awaitable<Response> show_report(ApiContext& api, Call call) {
  if (api.list_path.empty())
    co_return not_found("no checklist is configured (report: {list: PATH})");
  const bool html = query_text(call.request, "format") == "html";
  std::function<std::string()> list = [path = api.list_path] {
    return read_bounded_file(path, longest_list);
  };
  co_return co_await report_of(api, std::move(list), html);
}

}  // namespace gonogo
