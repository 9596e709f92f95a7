#include "daemon/io/tls.h"

#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/certificate_chain.h"

namespace gonogo {
namespace asio = boost::asio;
namespace ssl = asio::ssl;

struct TlsContext::Native {
  mutable ssl::context context{ssl::context::tls_client};
};

namespace {

std::string last_openssl_error() {
  std::string text;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    if (!text.empty()) continue;
    const char* reason = ERR_reason_error_string(code);
    text = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code))
           : reason != nullptr    ? reason
                                  : "OpenSSL error";
  }
  return text.empty() ? "unknown OpenSSL error" : text;
}

class TlsConn : public Conn {
 public:
  TlsConn(StreamSocket socket, const std::shared_ptr<const TlsContext>& context)
      : context_(context->native()), stream_(std::move(socket), context_->context) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    boost::system::error_code error;
    const std::size_t size =
        co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    // Many servers end without close_notify; what was read is judged by its own framing.
    if (error == asio::error::eof || error == ssl::error::stream_truncated) co_return 0;
    if (error) throw boost::system::system_error(error);
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    co_await asio::async_write(stream_, all, asio::use_awaitable);
  }
  void close() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }
  ssl::stream<StreamSocket>& stream() { return stream_; }

 private:
  std::shared_ptr<const TlsContext::Native> context_;
  ssl::stream<StreamSocket> stream_;
};

void report_session(SSL* session, const VerifyErrors& errors, const std::string& server_name,
                    bool verify, ChainReport& report) {
  report.protocol = SSL_get_version(session);
  report.cipher = SSL_get_cipher_name(session);
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(session);
  const STACK_OF(X509)* verified = SSL_get0_verified_chain(session);
  const bool sound = errors.all.empty() && verify && verified != nullptr;
  const STACK_OF(X509)* chain = sound ? verified : sent;
  for (int i = 0; i < sk_X509_num(chain) && i < 20; ++i) {
    report.certificates.push_back(facts_of(sk_X509_value(chain, i)));
  }
  report.was_verified = verify;
  if (verify && !report.certificates.empty()) {
    explain(errors, sk_X509_num(sent), server_name, report);
  }
}

[[noreturn]] void handshake_failed(const boost::system::error_code& error) {
  const bool by_tls = error.category() == asio::error::get_ssl_category();
  if (!by_tls && error != ssl::error::stream_truncated && error != asio::error::eof) {
    throw boost::system::system_error(error);
  }
  const std::string why = by_tls ? error.message() : "connection closed during the handshake";
  throw IoError(Reason::tls, "handshake: " + on_one_line(why));
}

// Files that OpenSSL reads where no `ca` is given.
std::vector<std::string> system_roots() {
  const auto of = [](const char* variable, const char* otherwise) {
    const char* set = std::getenv(variable);
    return std::string(set != nullptr ? set : otherwise);
  };
  std::vector<std::string> paths{
      of(X509_get_default_cert_file_env(), X509_get_default_cert_file())};
  std::string folders = of(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  for (std::size_t end = 0; end != std::string::npos; folders.erase(0, end + 1)) {
    end = folders.find(':');
    paths.push_back(folders.substr(0, end));
    if (end == std::string::npos) break;
  }
  return paths;
}

std::vector<std::string> files_of(const TlsOptions& options) {
  std::vector<std::string> paths;
  if (options.verify && options.ca_file.empty()) paths = system_roots();
  if (options.verify && !options.ca_file.empty()) paths.push_back(options.ca_file);
  for (const std::string& path : {options.certificate_file, options.key_file}) {
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

// OpenSSL's own words for a missing file are poor.
void require_file(const std::string& path, const char* what) {
  try {
    stat_file(path);
  } catch (const IoError& broken) {
    throw IoError(broken.reason(), broken.text() + ", wanted " + what);
  }
  if (::access(path.c_str(), R_OK) != 0)
    throw IoError(Reason::permission,
                  path + " may not be read by this daemon, wanted " + std::string(what));
}

[[noreturn]] void refuse_content(const std::string& path, const char* what) {
  throw IoError(Reason::content, path + ": " + last_openssl_error() + ", wanted " + what);
}

void load_roots(SSL_CTX* context, const TlsOptions& options) {
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      refuse_content("the system's roots", "certificates");
    return;
  }
  constexpr const char* what = "a readable PEM file of certificates";
  require_file(options.ca_file, what);
  const bool is_folder = S_ISDIR(stat_file(options.ca_file).st_mode);
  const int loaded = is_folder ? SSL_CTX_load_verify_dir(context, options.ca_file.c_str())
                               : SSL_CTX_load_verify_file(context, options.ca_file.c_str());
  if (loaded != 1) refuse_content(options.ca_file, what);
}

void load_key(SSL_CTX* context, const TlsOptions& options) {
  constexpr const char* what = "a readable PEM file of the client's certificate and its key";
  const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  require_file(options.certificate_file, what);
  require_file(key, what);
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    refuse_content(options.certificate_file, what);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    refuse_content(key, what);
}

}  // namespace

TlsContext::TlsContext(TlsOptions options)
    : options_(std::move(options)), loaded_(load(options_)) {}

TlsContext::Loaded TlsContext::load(const TlsOptions& options) {
  Loaded loaded;
  loaded.stamps = stamps_of(files_of(options));
  auto native = std::make_shared<Native>();
  SSL_CTX* context = native->context.native_handle();
  static const std::map<std::string, int> versions{{"1.0", TLS1_VERSION},
                                                   {"1.1", TLS1_1_VERSION},
                                                   {"", TLS1_2_VERSION},
                                                   {"1.2", TLS1_2_VERSION},
                                                   {"1.3", TLS1_3_VERSION}};
  SSL_CTX_set_min_proto_version(context, versions.at(options.min_version));
  // Idle buffers are given back: thousands of connections stay small.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  try {
    if (options.verify) load_roots(context, options);
    if (!options.certificate_file.empty()) load_key(context, options);
    loaded.native = std::move(native);
  } catch (const IoError& broken) {
    loaded.reason = broken.reason();
    loaded.problem = "TLS: " + broken.text();
  }
  return loaded;
}

std::shared_ptr<const TlsContext::Native> TlsContext::native() const {
  if (!loaded_.native) throw IoError(loaded_.reason, loaded_.problem);
  return loaded_.native;
}

x509_store_st* TlsContext::roots() const {
  return SSL_CTX_get_cert_store(native()->context.native_handle());
}

std::function<Renewable::Renewal()> TlsContext::reader() {
  return [this, options = options_] {
    Loaded loaded = load(options);
    Renewal renewal{loaded.stamps, loaded.native != nullptr, {}};
    renewal.put_in_force = [this, loaded = std::move(loaded)] {
      loaded_ = loaded;
      return true;
    };
    return renewal;
  };
}

std::shared_ptr<const TlsContext> read_tls_context(Settings& settings, TlsIdentity identity) {
  TlsOptions options;
  options.ca_file = settings.text_or("ca", "");
  options.certificate_file = settings.text_or("client_certificate", "");
  options.key_file = settings.text_or("client_key", "");
  options.min_version = settings.one_of("min_tls", {"1.0", "1.1", "1.2", "1.3"}).value_or("");
  if (options.min_version != "1.0" && options.min_version != "1.1" && options.min_version != "1.3")
    options.min_version.clear();
  options.verify = settings.flag_or("verify", true);
  if (identity == TlsIdentity::none) {
    options.certificate_file.clear();
    options.key_file.clear();
  }

  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<TlsContext>> known;
  std::string key = options.ca_file + '\n' + options.certificate_file + '\n' + options.key_file +
                    '\n' + options.min_version + (options.verify ? "\nv" : "\n-");
  for (const std::string& path : files_of(options)) {
    const auto [entry, is_new] = settings.reading().stamps.try_emplace(path);
    if (is_new) entry->second = stamp_of(path);
    key += "\n" + entry->second;
  }
  const std::scoped_lock lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  std::shared_ptr<TlsContext> context = known[key].lock();
  if (!context) {
    context = std::make_shared<TlsContext>(options);
    known[key] = context;
  }
  settings.reading().renewables.push_back(context);
  try {
    context->native();
  } catch (const IoError& broken) {
    const char* at = settings.has("ca") ? "ca" : "client_certificate";
    settings.lack_at(at, broken.reason(), broken.text());
  }
  return context;
}

std::optional<std::string> read_server_name(Settings& settings) {
  auto name = settings.text("server_name");
  if (!name) return name;
  boost::system::error_code not_an_address;
  asio::ip::make_address(*name, not_an_address);
  if (not_an_address && !is_host_name(*name)) {
    settings.complain_at("server_name",
                         in_quotes(*name) +
                             " is no name of one host (such as db.example.org; other letters as "
                             "A-labels, such as xn--bcher-kva.example)");
  }
  return name;
}

std::string read_server_name(Settings& settings, const HostPort& target) {
  auto name = read_server_name(settings);
  if (!name && target.via != HostPort::Via::network)
    settings.complain("`server_name` is missing: the name that the certificate has to prove");
  return name.value_or(target.host);
}

asio::awaitable<TlsSession> start_tls(std::unique_ptr<PlainConn> conn,
                                      std::shared_ptr<const TlsContext> context,
                                      std::string server_name, Attempt& attempt, std::string alpn) {
  attempt.enter(Stage::tls);
  const bool verify = context->verifies();
  auto tls = std::make_unique<TlsConn>(conn->take_socket(), context);
  SSL* session = tls->stream().native_handle();
  boost::system::error_code not_an_address;
  asio::ip::make_address(server_name, not_an_address);
  if (not_an_address) {
    const std::string name = without_root_dot(server_name);
    SSL_set_tlsext_host_name(session, name.c_str());
  }

  if (!alpn.empty()) {
    const std::string offer = static_cast<char>(alpn.size()) + alpn;
    SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }

  VerifyErrors errors;
  if (verify) {
    expect_name(SSL_get0_param(session), server_name);
    // The handshake goes on whatever is wrong, so that the dates can be reported.
    auto gather = [&errors](bool fine, ssl::verify_context& store) {
      if (!fine) errors.add(store.native_handle());
      return true;
    };
    tls->stream().set_verify_mode(ssl::verify_peer);
    tls->stream().set_verify_callback(gather);
  } else {
    tls->stream().set_verify_mode(ssl::verify_none);
  }
  boost::system::error_code error;
  co_await tls->stream().async_handshake(ssl::stream_base::client,
                                         asio::redirect_error(asio::use_awaitable, error));
  // The callback refers to this frame: it must not outlive it.
  if (verify)
    tls->stream().set_verify_callback([](bool fine, ssl::verify_context&) { return fine; });
  if (error) handshake_failed(error);
  TlsSession done;
  report_session(session, errors, server_name, verify, done.report);
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session, &chosen, &length);
  if (length > 0) done.alpn.assign(reinterpret_cast<const char*>(chosen), length);
  done.conn = std::move(tls);
  co_return done;
}

}  // namespace gonogo
