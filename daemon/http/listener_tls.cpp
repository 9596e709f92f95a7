#include "daemon/http/listener_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "daemon/core/io_error.h"
#include "daemon/formats/digests.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/certificate_chain.h"

namespace gonogo {
namespace asio = boost::asio;
namespace ssl = asio::ssl;

namespace {

constexpr std::size_t most_pem_bytes = 1 << 20;

// Without it OpenSSL would ask for the key's pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return 0; }

std::string library_error(const boost::system::error_code& error) {
  ERR_clear_error();
  return error.message();
}

// Nothing when the file cannot be read, which is a problem then.
std::optional<std::string> read_pem(const PemSource& source,
                                    std::vector<ListenerTlsProblem>& problems) {
  if (source.file.empty()) return source.text;
  try {
    return read_bounded_file(source.file, most_pem_bytes);
  } catch (const IoError& broken) {
    problems.push_back({source.key, broken.what()});
    return std::nullopt;
  }
}

// What a problem of it begins with: its file, if it has one.
std::string subject(const PemSource& source) {
  return source.file.empty() ? std::string() : source.file + " ";
}

class TlsConn : public ListenerConn {
 public:
  TlsConn(StreamSocket socket, std::shared_ptr<const ListenerTls> tls);

  asio::awaitable<void> shake_hands() override {
    co_await stream_.async_handshake(ssl::stream_base::server, asio::use_awaitable);
  }
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    boost::system::error_code error;
    const std::size_t size =
        co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return 0;
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    co_await asio::async_write(stream_, all, asio::use_awaitable);
  }
  void finish_writing() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

 private:
  std::shared_ptr<const ListenerTls> tls_;
  ssl::stream<StreamSocket> stream_;
};

}  // namespace

struct ListenerTls::Native {
  // A stream takes its context without const, and only reads it.
  mutable ssl::context context{ssl::context::tls_server};
  ClientRules clients;  // the context refers to it
  std::vector<std::string> names;
  std::string digest;
};

namespace {

TlsConn::TlsConn(StreamSocket socket, std::shared_ptr<const ListenerTls> tls)
    : tls_(std::move(tls)), stream_(std::move(socket), tls_->native().context) {}

void use_certificate(ListenerTls::Native& native, const PemSource& source, const std::string& pem,
                     std::vector<ListenerTlsProblem>& problems) {
  boost::system::error_code error;
  native.context.use_certificate_chain(asio::buffer(pem), error);
  if (error) {
    problems.push_back({source.key, subject(source) + "holds no certificate in PEM (" +
                                        library_error(error) + ")"});
    return;
  }
  X509* leaf = SSL_CTX_get0_certificate(native.context.native_handle());
  for (std::string& name : facts_of(leaf).names) {
    boost::system::error_code no_address;
    asio::ip::make_address(name, no_address);
    if (no_address) native.names.push_back(std::move(name));
  }
}

void use_key(ListenerTls::Native& native, const ListenerTlsSettings& settings,
             const std::string& pem, std::vector<ListenerTlsProblem>& problems) {
  SSL_CTX* raw = native.context.native_handle();
  const bool has_certificate = SSL_CTX_get0_certificate(raw) != nullptr;
  boost::system::error_code error;
  native.context.use_private_key(asio::buffer(pem), ssl::context::pem, error);
  // A key of another type than the certificate is taken without an error.
  const bool is_other_key = error ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
                                        X509_R_KEY_VALUES_MISMATCH
                                  : has_certificate && SSL_CTX_check_private_key(raw) != 1;
  if (!error && !is_other_key) return;
  std::string text = subject(settings.key);
  if (is_other_key) {
    text += std::string("does not belong to the certificate of ") + settings.certificate.key;
  } else if (pem.find("ENCRYPTED") != std::string::npos) {
    text += "is encrypted (openssl pkey -in FILE -out FILE removes the pass phrase)";
  } else {
    text += "holds no private key in PEM (" + library_error(error) + ")";
  }
  problems.push_back({settings.key.key, std::move(text)});
  ERR_clear_error();
}

void use_client_ca(ListenerTls::Native& native, const PemSource& source, const std::string& pem,
                   std::vector<ListenerTlsProblem>& problems) {
  boost::system::error_code error;
  if (pem.find("-----BEGIN") != std::string::npos)
    native.context.add_certificate_authority(asio::buffer(pem), error);
  else
    error = asio::error::invalid_argument;
  if (error) {
    problems.push_back({source.key, subject(source) + "holds no certificate in PEM"});
    ERR_clear_error();
    return;
  }
  name_authorities(native.context.native_handle(), pem);
}

// The names come from a table, so that OpenSSL knows them.
void limit_protocol(SSL_CTX* raw, const ListenerTlsSettings& settings) {
  SSL_CTX_set_min_proto_version(raw, settings.serves_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(raw, settings.serves_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (!settings.ciphers.empty()) SSL_CTX_set_cipher_list(raw, settings.ciphers.c_str());
  if (!settings.groups.empty()) SSL_CTX_set1_groups_list(raw, settings.groups.c_str());
}

std::string digest_of(const ListenerTlsSettings& settings, const std::vector<std::string>& pems) {
  std::string text;
  for (const std::string& pem : pems) text += pem + '\0';
  text += settings.ciphers + '\0' + settings.groups + '\0';
  text += settings.serves_tls12 ? '2' : '-';
  text += settings.serves_tls13 ? '3' : '-';
  text += std::to_string(static_cast<int>(settings.clients.auth));
  for (const std::string& name : settings.clients.allowed_names) text += '\0' + name;
  return sha256(text);
}

}  // namespace

ListenerTls::ListenerTls(std::unique_ptr<const Native> native) : native_(std::move(native)) {}
ListenerTls::~ListenerTls() = default;
const std::vector<std::string>& ListenerTls::names() const { return native_->names; }
const std::string& ListenerTls::digest() const { return native_->digest; }

std::shared_ptr<const ListenerTls> load_listener_tls(const ListenerTlsSettings& settings,
                                                     std::vector<ListenerTlsProblem>& problems) {
  const std::size_t known = problems.size();
  auto native = std::make_unique<ListenerTls::Native>();
  native->clients = settings.clients;
  SSL_CTX* raw = native->context.native_handle();
  limit_protocol(raw, settings);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(raw, no_pass_phrase);
  const auto certificate = read_pem(settings.certificate, problems);
  const auto key = read_pem(settings.key, problems);
  if (certificate) use_certificate(*native, settings.certificate, *certificate, problems);
  if (key) use_key(*native, settings, *key, problems);
  std::optional<std::string> client_ca;
  if (settings.client_ca.is_given()) {
    client_ca = read_pem(settings.client_ca, problems);
    if (client_ca) use_client_ca(*native, settings.client_ca, *client_ca, problems);
  } else if (settings.clients.auth == ClientAuth::verify_if_given) {
    SSL_CTX_set_default_verify_paths(raw);
  }
  if (problems.size() > known) return nullptr;
  verify_clients(raw, native->clients);
  native->digest = digest_of(settings, {*certificate, *key, client_ca.value_or("")});
  return std::make_shared<const ListenerTls>(std::move(native));
}

std::unique_ptr<ListenerConn> make_tls_conn(StreamSocket socket,
                                            std::shared_ptr<const ListenerTls> tls) {
  return std::make_unique<TlsConn>(std::move(socket), std::move(tls));
}

}  // namespace gonogo
