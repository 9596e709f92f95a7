#include "daemon/io/http/client.h"

#include <algorithm>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/formats/content_encoding.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/http/http2.h"
#include "daemon/io/io.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::int64_t most_body = 64 << 20;

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && marks.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

asio::awaitable<void> open_tunnel(PlainConn& conn, const Url& proxy, const Url& url,
                                  Attempt& attempt) {
  attempt.enter(Stage::proxy);
  const std::string target = to_text(url.target);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.user.empty()) {
    request += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
  }
  request += "\r\n";
  const asio::const_buffer out = asio::buffer(request);
  co_await conn.write(out);
  std::string rest;
  const std::string answer = co_await read_until(conn, "\r\n\r\n", 16384, rest);
  const std::string line = answer.substr(0, answer.find("\r\n"));
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[9] != '2') {
    throw IoError(Reason::connect,
                  "proxy refused the tunnel: " + in_quotes(cleaned(line, {.end = true})));
  }
}

bool is_first_host(const HttpRoute& route, const Url& url) {
  return equal_ignoring_case(url.target.host, route.origin.target.host);
}

bool is_at_origin(const HttpRoute& route, const HttpCall& call) {
  return !call.has_left_origin && is_same_origin(call.url, route.origin);
}

HttpRequest request_for(const HttpRoute& route, HttpCall&& call, WallTime now) {
  HttpRequest request;
  const bool may_send_secrets = is_at_origin(route, call);
  const bool is_plain_proxy = route.proxy && !call.url.is_tls;
  request.method = std::move(call.method);
  request.target = is_plain_proxy ? to_text(call.url) : call.url.path;
  request.body = std::move(call.body);
  const auto add = [&request](std::string name, std::string value) {
    for (const auto& [key, unused] : request.headers) {
      if (equal_ignoring_case(key, name)) return;
    }
    request.headers.emplace_back(std::move(name), std::move(value));
  };
  for (auto& [name, value, is_secret] : call.headers) {
    const bool is_host = equal_ignoring_case(name, "Host");
    if ((is_secret && !may_send_secrets) || (is_host && !is_first_host(route, call.url))) continue;
    add(std::move(name), std::move(value));
  }
  if (may_send_secrets && !route.authorization.empty()) add("Authorization", route.authorization);
  add("Host", host_header(call.url));
  add("User-Agent", "gonogo");
  add("Accept", "*/*");
  if (route.asks_compressed) add("Accept-Encoding", "gzip, deflate");
  add("Connection", "close");
  if (route.aws && may_send_secrets) {
    // The signature is for the origin, also when a proxy is used.
    const std::string target = std::exchange(request.target, call.url.path);
    sign_request(request, *route.aws, now);
    request.target = target;
  }
  if (is_plain_proxy && !route.proxy->user.empty()) {
    add("Proxy-Authorization", "Basic " + base64(route.proxy->user + ":" + route.proxy->password));
  }
  return request;
}

// What may become more than 64 KiB is unpacked on the pool.
asio::awaitable<void> unpack(HttpResponse& response, std::size_t most, Io& io) {
  constexpr std::size_t most_here = 65'536;
  const std::string* header = response.find_header("Content-Encoding");
  if (header == nullptr || response.body.empty()) co_return;
  const std::string encoding = *header;
  tl::expected<DecodedBody, std::string> decoded;
  bool is_done = false;
  if (response.body.size() <= most_here) {
    decoded = decode_body(response.body, response.is_cut, encoding, std::min(most, most_here));
    is_done = !decoded || decoded->bytes.size() < most_here || most <= most_here;
  }
  if (!is_done) {
    auto work = [body = std::move(response.body), is_cut = response.is_cut, encoding, most] {
      return decode_body(body, is_cut, encoding, most);
    };
    auto working = offload(io.pool, std::move(work));
    decoded = co_await std::move(working);
  }
  if (!decoded) throw IoError(Reason::protocol, decoded.error());
  response.body = std::move(decoded->bytes);
  response.is_cut = decoded->is_cut;
}

// The headers whose whole value is a credential: it is hidden from every output.
bool is_credential(std::string_view name) {
  for (const char* known : {"Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization"})
    if (equal_ignoring_case(name, known)) return true;
  return false;
}

// Such a header is for the origin alone, whatever it holds.
bool is_named_like_a_secret(std::string_view name) {
  const std::string lower = lower_case(name);
  for (const char* end : {"authorization", "cookie", "key", "token", "secret", "password"})
    if (lower.ends_with(end)) return true;
  return false;
}

void read_credentials(Settings& settings, HttpRoute& route) {
  if (settings.has("basic_auth")) {
    Settings basic = settings.section("basic_auth");
    const std::string user = basic.required_text("username", "monitor");
    const std::string password = basic.secret("password").value_or("");
    basic.finish();
    settings.reading().redactor.hide_credentials(user, password);
    route.authorization = "Basic " + base64(user + ":" + password);
  }
  if (const auto token = settings.secret("bearer")) {
    if (!route.authorization.empty())
      settings.complain_at("bearer", "cannot be combined with basic_auth (give one of the two)");
    route.authorization = "Bearer " + *token;
  }
  if (settings.has("aws")) {
    if (!route.authorization.empty())
      settings.complain_at("aws", "cannot be combined with other credentials (give one of them)");
    route.aws = read_aws_keys(settings.section("aws"));
  }
}

}  // namespace

HttpRoute read_http_route(Settings& settings, const Url& first, bool may_be_tls) {
  HttpRoute route;
  route.origin = first;
  route.connect_to = read_target(settings, "connect_to", first.target.port, "127.0.0.1:443");
  if (const auto proxy = settings.text("proxy")) {
    route.proxy = parse_url(*proxy);
    if (!route.proxy || route.proxy->is_tls) {
      settings.complain_at("proxy", "is no http URL (such as http://proxy.example.org:3128)");
    } else if (!route.proxy->password.empty()) {
      settings.secret("proxy");
      settings.reading().redactor.hide_credentials(route.proxy->user, route.proxy->password);
    }
  }
  route.server_name = read_server_name(settings).value_or("");
  route.is_http2 = settings.one_of("protocol", {"http/1.1", "h2"}).value_or("http/1.1") == "h2";
  route.asks_compressed = settings.flag_or("compressed", false);
  if (const auto most = settings.size("max_body")) {
    route.max_body = static_cast<std::size_t>(*most);
    if (*most > most_body)
      settings.complain_at("max_body", "is over 64MiB (what is read is held in memory)");
  }
  read_credentials(settings, route);
  if (may_be_tls) {
    route.tls = read_tls_context(settings);
    route.tls_elsewhere = route.tls;
    if (route.tls && settings.has("client_certificate"))
      route.tls_elsewhere = read_tls_context(settings, TlsIdentity::none);
  } else {
    for (const char* key : {"ca", "client_certificate", "client_key", "min_tls", "verify"})
      settings.has(key);
  }
  return route;
}

Url read_url(Settings& settings, std::string_view example) {
  const std::string url = settings.required_text("url", example);
  const auto parsed = parse_url(url);
  if (!parsed && !url.empty())
    settings.complain_at("url", "is no http or https URL (such as " + std::string(example) + ")");
  if (parsed && (!parsed->user.empty() || !parsed->password.empty()))
    settings.complain_at("url", "holds credentials (put them into basic_auth)");
  if (parsed) settings.reading().targets.push_back(to_text(parsed->target));
  return parsed.value_or(Url{});
}

std::vector<HttpHeader> read_request_headers(Settings& settings) {
  std::vector<HttpHeader> headers;
  Node* node = settings.raw("headers");
  for (auto& [name, value] : settings.text_map("headers")) {
    Settings section(node, node->place, settings.path() + ".headers", settings.reading());
    if (!is_token(name) ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      section.complain_at(name, in_quotes(name) + " is no valid header (a name and one line)");
    }
    const bool is_secret = is_named_like_a_secret(name) || holds_secret(section, name);
    // A {{name}} that a scenario fills in later is not the secret itself.
    if (is_credential(name) && value.find("{{") == std::string::npos) {
      section.secret(name);
      // "Bearer TOKEN": the token alone is hidden as well.
      settings.reading().redactor.hide(std::string_view(value).substr(value.find(' ') + 1));
    }
    headers.push_back({name, value, is_secret});
  }
  return headers;
}

bool holds_secret(Settings& settings, std::string_view key) {
  const Node* node = settings.raw(key);
  if (node == nullptr || !node->is_scalar()) return false;
  return node->holds_secret || settings.reading().redactor.clean(node->scalar) != node->scalar;
}

std::string read_method(Settings& settings, std::string fallback) {
  std::string method = settings.text_or("method", std::move(fallback));
  if (!is_token(method))
    settings.complain_at("method",
                         in_quotes(method) + " is no HTTP method (such as GET, HEAD, POST)");
  return method;
}

HostPort first_hop(const HttpRoute& route, const Url& url) {
  if (route.proxy) return route.proxy->target;
  if (route.connect_to && is_first_host(route, url)) return *route.connect_to;
  return url.target;
}

asio::awaitable<HttpReply> fetch(const HttpRoute& route, HttpCall call, std::optional<Endpoint> at,
                                 Io& io, Attempt& attempt) {
  const SteadyTime began = io.clock.now();
  std::unique_ptr<PlainConn> plain;
  if (at) {
    plain = co_await connect(*at, io, attempt);
  } else {
    const HostPort where = first_hop(route, call.url);
    plain = co_await connect(where, io, attempt);
  }
  HttpReply reply;
  std::unique_ptr<Conn> conn;
  const Url url = call.url;
  if (url.is_tls) {
    if (route.proxy) co_await open_tunnel(*plain, *route.proxy, url, attempt);
    const bool has_own_name = !route.server_name.empty() && is_first_host(route, url);
    const std::string name = has_own_name ? route.server_name : url.target.host;
    const std::string alpn = route.is_http2 ? "h2" : "";
    const auto& context = is_at_origin(route, call) ? route.tls : route.tls_elsewhere;
    TlsSession session = co_await start_tls(std::move(plain), context, name, attempt, alpn);
    reply.chain = std::move(session.report);
    // Nothing is sent to a server whose name is not proven.
    if (!reply.is_answered()) co_return reply;
    if (session.alpn != alpn)
      throw IoError(Reason::protocol, "the server does not offer HTTP/2 (ALPN h2)");
    conn = std::move(session.conn);
  } else {
    conn = std::move(plain);
  }
  HttpRequest request = request_for(route, std::move(call), io.clock.wall());
  if (route.is_http2) {
    const std::string scheme = url.is_tls ? "https" : "http";
    reply.response =
        co_await exchange_http2(*conn, std::move(request), scheme, route.max_body, attempt);
  } else {
    reply.response = co_await exchange(*conn, std::move(request), route.max_body, attempt);
  }
  reply.took = io.clock.now() - began;
  co_await unpack(reply.response, route.max_body, io);
  co_return reply;
}

}  // namespace gonogo
