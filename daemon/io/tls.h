// TLS on a Conn. OpenSSL stays inside tls.cpp and certificate_chain.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/io/certificate.h"
#include "daemon/io/conn.h"
#include "daemon/io/renewable.h"

struct x509_store_st;

namespace gonogo {

class Settings;

struct TlsOptions {
  std::string ca_file;           // or a folder as c_rehash(1) makes it; empty: the system's roots
  std::string certificate_file;  // the client's, PEM; empty: none
  std::string key_file;
  std::string min_version;  // "1.0" to "1.3"; empty: 1.2
  bool verify = true;
};

// Keys and roots, loaded once and shared by every run, and loaded again when their files change.
// While the files cannot be used, neither can it; nothing is trusted in their stead. A copy stays
// as it is: for the pool.
class TlsContext : public Renewable {
 public:
  struct Native;
  explicit TlsContext(TlsOptions options);
  // Throws IoError (missing, permission, content) when the files cannot be used.
  std::shared_ptr<const Native> native() const;
  // Belong to this context. Throws as native() does.
  x509_store_st* roots() const;
  bool verifies() const { return options_.verify; }
  const TlsOptions& options() const { return options_; }

  const FileStamps& stamps() const override { return loaded_.stamps; }
  std::function<Renewal()> reader() override;
  bool is_as(const Renewable& other) const override { return stamps() == other.stamps(); }

 private:
  struct Loaded {
    FileStamps stamps;
    std::shared_ptr<const Native> native;  // null: see `problem`
    Reason reason = Reason::none;
    std::string problem;
  };
  static Loaded load(const TlsOptions& options);

  TlsOptions options_;
  Loaded loaded_;
};

// Reads ca, client_certificate, client_key, min_tls and verify. Files that cannot be used are a
// lack. With TlsIdentity::none the client certificate is left out. Equal options share one context
// for as long as their files are unchanged.
enum class TlsIdentity : std::uint8_t { as_configured, none };
std::shared_ptr<const TlsContext> read_tls_context(
    Settings& settings, TlsIdentity identity = TlsIdentity::as_configured);

// Reads server_name: the name to send and prove; problems go to `settings`.
std::optional<std::string> read_server_name(Settings& settings);

// Reads server_name: the name to send and prove, the host of `target` without it.
std::string read_server_name(Settings& settings, const HostPort& target);

struct TlsSession {
  std::unique_ptr<Conn> conn;
  ChainReport report;
  std::string alpn;  // the protocol the server chose, such as "h2"
};

// Enters tls and shakes hands; `server_name` is sent (SNI) and verified, an address only verified;
// `alpn` is the one protocol to offer (RFC 7301).
// A chain that does not verify is in the report and is no error here; nothing has been sent yet.
// Throws IoError (tls) when the handshake itself fails.
boost::asio::awaitable<TlsSession> start_tls(std::unique_ptr<PlainConn> conn,
                                             std::shared_ptr<const TlsContext> context,
                                             std::string server_name, Attempt& attempt,
                                             std::string alpn = {});

// The chain in a PEM file, leaf first, verified against `context`. Blocks: for the pool.
// Throws IoError (missing, permission, type, content).
ChainReport read_chain_file(const std::string& path, const TlsContext& context,
                            const std::string& server_name);
// The same of a text in PEM; `name` is what an error calls it.
ChainReport read_chain(const std::string& text, const std::string& name, const TlsContext& context,
                       const std::string& server_name);

}  // namespace gonogo
