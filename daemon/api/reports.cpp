#include "daemon/api/reports.h"

#include <functional>
#include <optional>
#include <tl/expected.hpp>

#include "daemon/api/answers.h"
#include "daemon/api/request_body.h"
#include "daemon/core/io_error.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "exporters/checklist_report.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct Asked {
  std::string list;
  bool html = false;
};

// The checklist that is asked for, or the answer that refuses it.
using Asking = std::function<tl::expected<Asked, Response>()>;

// On the pool, because reading and parsing a long Markdown file takes time, and a long body too.
asio::awaitable<Response> report_of(ApiContext& api, Asking ask) {
  auto render = [ask = std::move(ask), snapshot = api.doors.latest()] {
    tl::expected<Asked, Response> asked = ask();
    if (!asked) return std::move(asked.error());
    Response response = html_response(asked->html ? checklist_page(asked->list, *snapshot)
                                                  : checklist_report(asked->list, *snapshot));
    if (!asked->html) response.content_type = "text/markdown; charset=utf-8; variant=GFM";
    return response;
  };
  std::optional<Response> response;
  try {
    auto rendering = offload(api.pool, std::move(render));
    response = co_await std::move(rendering);
  } catch (const IoError& broken) {
    response = problem_response(503, "Service Unavailable", broken.what());
  }
  co_return std::move(*response);
}

}  // namespace

asio::awaitable<Response> fill_in_list(ApiContext& api, Call call) {
  Asking ask = [request = std::move(call.request)]() -> tl::expected<Asked, Response> {
    RequestBody body(request);
    Asked asked{body.text("list"), body.flag("html")};
    if (const std::string problem = body.problem(); !problem.empty())
      return tl::make_unexpected(bad_request(problem));
    if (asked.list.size() > longest_checklist) {
      return tl::make_unexpected(problem_response(
          413, "Content Too Large",
          "wanted a list of at most " + std::to_string(longest_checklist) + " bytes"));
    }
    return asked;
  };
  co_return co_await report_of(api, std::move(ask));
}

asio::awaitable<Response> show_report(ApiContext& api, Call call) {
  if (api.list_path.empty())
    co_return not_found("no checklist is configured (report: {list: PATH})");
  const bool html = query_text(call.request, "format") == "html";
  Asking ask = [path = api.list_path, html]() -> tl::expected<Asked, Response> {
    return Asked{read_bounded_file(path, longest_checklist), html};
  };
  co_return co_await report_of(api, std::move(ask));
}

}  // namespace gonogo
