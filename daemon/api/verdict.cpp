#include "daemon/api/verdict.h"

#include <zlib.h>

#include <stdexcept>

#include "daemon/api/answers.h"
#include "daemon/core/text.h"
#include "exporters/board_page.h"
#include "exporters/metrics.h"
#include "exporters/verdict_document.h"

namespace gonogo {
namespace {

enum class Format : std::uint8_t { json, text, explain, health };

// RFC 1952; level 1 because the loop waits for it.
std::string gzipped(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// The query decides before the Accept header. Nothing for a format that does not exist.
std::optional<Format> format_of(const Request& request) {
  const std::string written = query_text(request, "format");
  const auto accepts = [&request](const char* type) {
    return request.accept.find(type) != std::string::npos;
  };
  if (written.empty()) {
    if (accepts("text/plain") && !accepts("json")) return Format::text;
    return accepts("application/health+json") ? Format::health : Format::json;
  }
  if (written == "json") return Format::json;
  if (written == "text") return Format::text;
  if (written == "explain") return Format::explain;
  if (written == "health") return Format::health;
  return std::nullopt;
}

}  // namespace

Response show_verdict(ApiContext& api, const Call& call) {
  const std::shared_ptr<const Snapshot> snapshot = api.doors.verdict();
  std::optional<std::size_t> gate;
  if (const auto named = call.request.query.find("gate"); named != call.request.query.end()) {
    gate = snapshot->checklist->find_gate(named->second);
    // Not 503: an uptime monitor must not take a typing error for a verdict.
    if (!gate) return not_found("no gate " + in_quotes(named->second));
  }
  const std::optional<Format> format = format_of(call.request);
  if (!format) {
    return bad_request("format " + in_quotes(query_text(call.request, "format")) +
                       " is not known (json, text, explain, health)");
  }
  // The answer for one gate is made for this request; the whole verdict is kept.
  const auto make = [&](Rendered& cache, auto render) {
    if (gate) return std::make_shared<const std::string>(render(*snapshot, gate));
    return rendered(cache, snapshot,
                    [&render](const Snapshot& whole) { return render(whole, std::nullopt); });
  };
  Response response;
  response.status = is_go(*snapshot, gate) ? 200 : 503;
  switch (*format) {
    case Format::explain:
      response.body = std::make_shared<const std::string>(verdict_explained(*snapshot, gate));
      break;
    case Format::text: response.body = make(api.documents.verdict_text, verdict_text); break;
    case Format::health:
      response.content_type = "application/health+json";
      response.body = make(api.documents.verdict_health, verdict_health_json);
      break;
    case Format::json:
      response.content_type = "application/json";
      response.body = make(api.documents.verdict_json, verdict_json);
      break;
  }
  return response;
}

Response show_metrics(ApiContext& api, const Call& call) {
  const std::shared_ptr<const Snapshot> snapshot = api.doors.latest();
  Rendered& text = api.documents.metrics_text;
  Rendered& gzip = api.documents.metrics_gzip;
  // The daemon's own figures change without a new snapshot, but no scraper needs them twice within
  // a second.
  const SteadyTime now = api.doors.now();
  if (text.of != snapshot || now - api.documents.metrics_at >= std::chrono::seconds{1}) {
    text.of = snapshot;
    text.body = std::make_shared<const std::string>(metrics_text(*snapshot, api.doors.figures()));
    gzip = {};
    api.documents.metrics_at = now;
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.body = text.body;
  if (call.request.accept_encoding.find("gzip") != std::string::npos) {
    if (!gzip.body) gzip.body = std::make_shared<const std::string>(gzipped(*text.body));
    response.body = gzip.body;
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

Response show_board(ApiContext& api, const Call&) {
  return html_response(board_page(*api.doors.latest()));
}

}  // namespace gonogo
