#include "daemon/io/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/bounded_file.h"

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

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;

std::string name_in_words(const X509_NAME* name) {
  const Bio memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(std::max(0L, size))};
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> owner(alternatives);
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives) && names.size() < 100; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      const unsigned char* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      const int size = ASN1_STRING_length(name->d.iPAddress);
      if (size == 4) {
        names.push_back(asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}).to_string());
      } else if (size == 16) {
        asio::ip::address_v6::bytes_type v6;
        std::copy_n(bytes, 16, v6.begin());
        names.push_back(asio::ip::address_v6(v6).to_string());
      }
    }
  }
  return names;
}

CertificateFacts facts_of(X509* certificate) {
  CertificateFacts facts;
  facts.subject = name_in_words(X509_get_subject_name(certificate));
  facts.issuer = name_in_words(X509_get_issuer_name(certificate));
  facts.names = names_of(certificate);
  facts.not_before = to_time(X509_get0_notBefore(certificate));
  facts.not_after = to_time(X509_get0_notAfter(certificate));
  facts.is_self_signed = (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  facts.key_bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
  return facts;
}

// What X509_verify_cert complained about, gathered while it goes on.
struct Complaints {
  std::vector<std::pair<int, int>> errors;  // code, depth

  void add(X509_STORE_CTX* store) {
    const std::pair error{X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store)};
    if (errors.size() < 20) errors.push_back(error);
  }
};

struct Meaning {
  Reason reason;
  std::string text;
};

// `sent` certificates were presented. See openssl-verification-options(1) for the codes.
Meaning meaning_of(int code, int depth, int sent) {
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return {Reason::cert_expired, "certificate has expired"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Reason::cert_not_yet_valid, "certificate is not valid yet"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Reason::cert_name, "certificate is for another name"};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {Reason::cert_self_signed, "certificate is self-signed"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      if (depth == 0 && sent <= 1) {
        return {Reason::cert_incomplete,
                "issuer of the only certificate sent is neither sent nor trusted (intermediate "
                "missing?)"};
      }
      [[fallthrough]];
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
      return {Reason::cert_untrusted, "chain ends at an authority that is not trusted"};
    default: return {Reason::cert_untrusted, X509_verify_cert_error_string(code)};
  }
}

int rank(Reason reason) {
  // What an operator mends first. A self-signed one has no chain whose dates would matter.
  switch (reason) {
    case Reason::cert_self_signed: return 0;
    case Reason::cert_expired: return 1;
    case Reason::cert_not_yet_valid: return 2;
    case Reason::cert_incomplete: return 3;
    case Reason::cert_untrusted: return 4;
    default: return 5;
  }
}

void report_complaints(const Complaints& complaints, int sent, const std::string& server_name,
                       ChainReport& report) {
  std::vector<Meaning> meanings;
  for (const auto& [code, depth] : complaints.errors) {
    Meaning meaning = meaning_of(code, depth, sent);
    if (meaning.reason == Reason::cert_name) {
      std::string names;
      for (const std::string& name : report.certificates.front().names) {
        if (names.size() < 100) names += (names.empty() ? "" : ", ") + name;
      }
      meaning.text =
          "certificate is for " + in_quotes(names) + ", wanted " + in_quotes(server_name);
    }
    const auto same = [&](const Meaning& other) { return other.reason == meaning.reason; };
    if (std::none_of(meanings.begin(), meanings.end(), same))
      meanings.push_back(std::move(meaning));
  }
  std::stable_sort(meanings.begin(), meanings.end(), [](const Meaning& a, const Meaning& b) {
    return rank(a.reason) < rank(b.reason);
  });
  for (Meaning& meaning : meanings) {
    report.errors.push_back(meaning.reason);
    report.error_texts.push_back(std::move(meaning.text));
  }
}

void expect_name(X509_VERIFY_PARAM* wanted, const std::string& server_name) {
  boost::system::error_code not_an_address;
  asio::ip::make_address(server_name, not_an_address);
  if (not_an_address) {
    X509_VERIFY_PARAM_set1_host(wanted, server_name.c_str(), server_name.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, server_name.c_str());
  }
}

class TlsConn : public Conn {
 public:
  TlsConn(StreamSocket socket, std::shared_ptr<const TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->native().context) {}

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
  std::shared_ptr<const TlsContext> context_;
  ssl::stream<StreamSocket> stream_;
};

void report_session(SSL* session, const Complaints& complaints, const std::string& server_name,
                    bool verify, ChainReport& report) {
  report.protocol = SSL_get_version(session);
  report.cipher = SSL_get_cipher_name(session);
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(session);
  const STACK_OF(X509)* verified = SSL_get0_verified_chain(session);
  const bool sound = complaints.errors.empty() && verify && verified != nullptr;
  const STACK_OF(X509)* chain = sound ? verified : sent;
  for (int i = 0; i < sk_X509_num(chain) && i < 20; ++i) {
    report.certificates.push_back(facts_of(sk_X509_value(chain, i)));
  }
  report.was_verified = verify;
  if (verify && !report.certificates.empty()) {
    report_complaints(complaints, sk_X509_num(sent), server_name, report);
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

std::int64_t change_time(const std::string& path) {
  struct stat info {};
  if (path.empty() || ::stat(path.c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options)
    : native_(std::make_unique<Native>()), verify_(options.verify) {
  SSL_CTX* context = native_->context.native_handle();
  static const std::map<std::string, int> versions{{"1.0", TLS1_VERSION},
                                                   {"1.1", TLS1_1_VERSION},
                                                   {"", TLS1_2_VERSION},
                                                   {"1.2", TLS1_2_VERSION},
                                                   {"1.3", TLS1_3_VERSION}};
  const auto version = versions.find(options.min_version);
  if (version == versions.end())
    throw std::runtime_error("unknown TLS version " + options.min_version);
  SSL_CTX_set_min_proto_version(context, version->second);
  // Idle buffers are given back: thousands of connections stay small.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (verify_ && options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      throw std::runtime_error("the system's roots: " + last_openssl_error());
    }
  } else if (verify_ && SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    throw std::runtime_error(options.ca_file + ": " + last_openssl_error());
  }
  if (!options.certificate_file.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
      throw std::runtime_error(options.certificate_file + ": " + last_openssl_error());
    }
    const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
      throw std::runtime_error(key + ": " + last_openssl_error());
    }
  }
}

TlsContext::~TlsContext() = default;

std::shared_ptr<const TlsContext> read_tls_context(Settings& settings) {
  TlsOptions options;
  options.ca_file = settings.text_or("ca", "");
  options.certificate_file = settings.text_or("client_certificate", "");
  options.key_file = settings.text_or("client_key", "");
  options.min_version = settings.one_of("min_tls", {"1.0", "1.1", "1.2", "1.3"}).value_or("");
  options.verify = settings.flag_or("verify", true);

  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const TlsContext>> known;
  const std::string key = options.ca_file + '\n' + options.certificate_file + '\n' +
                          options.key_file + '\n' + options.min_version +
                          (options.verify ? "\nv" : "\n-") +
                          std::to_string(change_time(options.ca_file)) + "/" +
                          std::to_string(change_time(options.certificate_file)) + "/" +
                          std::to_string(change_time(options.key_file));
  const std::scoped_lock lock(mutex);
  if (auto shared = known[key].lock()) return shared;
  try {
    auto context = std::make_shared<const TlsContext>(options);
    known[key] = context;
    return context;
  } catch (const std::runtime_error& error) {
    settings.complain(std::string("TLS: ") + error.what() + " (wanted a readable PEM file)");
    return nullptr;
  }
}

std::string read_server_name(Settings& settings, const HostPort& target) {
  const auto name = settings.text("server_name");
  if (!name && target.via != HostPort::Via::network)
    settings.complain("`server_name` is missing: the name that the certificate has to prove");
  return name.value_or(target.host);
}

asio::awaitable<TlsSession> start_tls(std::unique_ptr<PlainConn> conn,
                                      std::shared_ptr<const TlsContext> context,
                                      std::string server_name, Attempt& attempt, std::string alpn) {
  attempt.enter(Stage::tls);
  const bool verify = context->verifies();
  auto tls = std::make_unique<TlsConn>(conn->take_socket(), std::move(context));
  SSL* session = tls->stream().native_handle();
  boost::system::error_code not_an_address;
  asio::ip::make_address(server_name, not_an_address);
  if (not_an_address) SSL_set_tlsext_host_name(session, server_name.c_str());

  if (!alpn.empty()) {
    const std::string offer = static_cast<char>(alpn.size()) + alpn;
    SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }

  Complaints complaints;
  if (verify) {
    expect_name(SSL_get0_param(session), server_name);
    // Goes on whatever is wrong, so that the dates can be told.
    auto gather = [&complaints](bool fine, ssl::verify_context& store) {
      if (!fine) complaints.add(store.native_handle());
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
  report_session(session, complaints, server_name, verify, done.report);
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session, &chosen, &length);
  if (length > 0) done.alpn.assign(reinterpret_cast<const char*>(chosen), length);
  done.conn = std::move(tls);
  co_return done;
}

ChainReport read_chain_file(const std::string& path, const TlsContext& context,
                            const std::string& server_name) {
  const std::string text = read_bounded_file(path, 1 << 20);
  const Bio memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<X509Ptr> owned;
  std::unique_ptr<STACK_OF(X509), Freed<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>> rest(
      sk_X509_new_null());
  while (owned.size() < 50) {
    X509Ptr next(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    if (!owned.empty()) sk_X509_push(rest.get(), next.get());
    owned.push_back(std::move(next));
  }
  ERR_clear_error();
  if (owned.empty()) {
    throw IoError(Reason::content, path + " holds no PEM certificate");
  }
  ChainReport report;
  for (const X509Ptr& certificate : owned)
    report.certificates.push_back(facts_of(certificate.get()));
  if (!context.verifies()) return report;

  const std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  X509_STORE* roots = SSL_CTX_get_cert_store(context.native().context.native_handle());
  Complaints complaints;
  X509_STORE_CTX_init(check.get(), roots, owned.front().get(), rest.get());
  X509_STORE_CTX_set_default(check.get(), "ssl_server");
  if (!server_name.empty()) expect_name(X509_STORE_CTX_get0_param(check.get()), server_name);
  X509_STORE_CTX_set_app_data(check.get(), &complaints);
  X509_STORE_CTX_set_verify_cb(check.get(), [](int fine, X509_STORE_CTX* store) {
    if (fine == 0) static_cast<Complaints*>(X509_STORE_CTX_get_app_data(store))->add(store);
    return 1;
  });
  X509_verify_cert(check.get());
  report.was_verified = true;
  report_complaints(complaints, static_cast<int>(owned.size()), server_name, report);
  return report;
}

}  // namespace gonogo
