#include "daemon/config/listener_tls_section.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "daemon/config/sources.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Named = std::pair<std::string_view, std::string_view>;

// Go's names of the suites of TLS 1.2 that its CipherSuites() has, and OpenSSL's.
constexpr std::array<Named, 10> tls12_suites{
    {{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
     {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
     {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
     {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
     {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
     {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
     {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
     {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"}}};

// In Go those of TLS 1.3 cannot be chosen: all of them are served, listed or not.
constexpr std::array<Named, 3> tls13_suites{{{"TLS_AES_128_GCM_SHA256", ""},
                                             {"TLS_AES_256_GCM_SHA384", ""},
                                             {"TLS_CHACHA20_POLY1305_SHA256", ""}}};

constexpr std::array<Named, 4> curves{
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};

template <std::size_t size>
const Named* find_named(const std::array<Named, size>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const Named& entry) { return entry.first == name; });
  return found == table.end() ? nullptr : &*found;
}

template <std::size_t size>
void complain_of_name(Settings& section, std::string_view key, const std::string& name,
                      const std::array<Named, size>& table) {
  std::vector<std::string_view> known;
  for (const Named& entry : table) known.push_back(entry.first);
  const auto meant = closest(name, known);
  section.complain_at(key, in_quotes(name) + " is not known (" +
                               (meant ? "did you mean " + std::string(*meant) + "?"
                                      : "such as " + std::string(known.front())) +
                               ")");
}

void append(std::string& list, std::string_view name) {
  list += (list.empty() ? "" : ":") + std::string(name);
}

void warn(Settings& section, std::string_view key, std::string text) {
  section.reading().warnings.push_back(
      {section.place_of(key), section.path() + "." + std::string(key), std::move(text)});
}

// The text itself is under `inline_key`, the path of a file under `file_key`, which goes first.
PemSource read_source(Settings& section, const std::string& path, const char* inline_key,
                      const char* file_key) {
  PemSource source{file_key, section.text_or(file_key, ""), {}};
  const bool is_secret = std::string_view(inline_key) == "key";
  std::string text =
      (is_secret ? section.secret(inline_key) : section.text(inline_key)).value_or("");
  if (!source.file.empty()) {
    source.file = relative_to_config(path, source.file);
    if (!text.empty())
      warn(section, inline_key,
           "is not used beside `" + std::string(file_key) + "` (remove one of the two)");
  } else if (!text.empty()) {
    source.key = inline_key;
    source.text = std::move(text);
  }
  return source;
}

void require(Settings& section, const PemSource& source, const char* inline_key,
             const char* example) {
  if (source.is_given()) return;
  const bool is_empty = section.has(source.key);
  if (is_empty)
    section.complain_at(source.key, std::string("is empty (such as ") + example + ")");
  else
    section.complain("`" + std::string(source.key) + "` is missing (such as " + source.key + ": " +
                     example + "; `" + inline_key + "` holds the PEM text itself)");
}

// Nothing for a type that is not known, which is a problem.
std::optional<ClientAuth> read_auth(Settings& section) {
  // Empty is none, as in the toolkit.
  if (section.text_or("client_auth_type", "").empty()) return ClientAuth::none;
  const auto type =
      section.one_of("client_auth_type", {"NoClientCert", "RequestClientCert",
                                          "RequireAnyClientCert", "RequireClientCert",
                                          "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"});
  if (!type) return std::nullopt;
  if (type == "RequestClientCert") return ClientAuth::request;
  if (type == "RequireAnyClientCert" || type == "RequireClientCert") return ClientAuth::require_any;
  if (type == "VerifyClientCertIfGiven") return ClientAuth::verify_if_given;
  if (type == "RequireAndVerifyClientCert") return ClientAuth::require_and_verify;
  return ClientAuth::none;
}

void read_clients(Settings& section, const std::string& path, ListenerTlsSettings& tls) {
  tls.client_ca = read_source(section, path, "client_ca", "client_ca_file");
  tls.clients.allowed_names = section.texts("client_allowed_sans");
  const bool has_names = section.has("client_allowed_sans");
  const std::optional<ClientAuth> auth = read_auth(section);
  tls.clients.auth = auth.value_or(ClientAuth::none);
  if (auth == ClientAuth::require_and_verify && !tls.client_ca.is_given())
    section.complain("`client_ca_file` is missing (RequireAndVerifyClientCert needs it)");
  // Nobody would be asked for a certificate, and who wrote this believes the opposite.
  if (auth == ClientAuth::none) {
    const std::string remedy =
        "is not used without a client_auth_type that verifies clients (add client_auth_type: "
        "RequireAndVerifyClientCert)";
    if (tls.client_ca.is_given()) section.complain_at(tls.client_ca.key, remedy);
    if (has_names) section.complain_at("client_allowed_sans", remedy);
    tls.client_ca = {};
  }
  if (has_names && tls.clients.allowed_names.empty())
    section.complain_at("client_allowed_sans",
                        "is empty: nobody could connect (remove it, or add a name such as "
                        "prometheus.example.org)");
}

void read_versions(Settings& section, ListenerTlsSettings& tls) {
  const auto least = section.one_of("min_version", {"TLS10", "TLS11", "TLS12", "TLS13"});
  const auto most = section.one_of("max_version", {"TLS10", "TLS11", "TLS12", "TLS13"});
  if (least == "TLS10" || least == "TLS11")
    warn(section, "min_version", "is not served (TLS12 is the oldest that is)");
  tls.serves_tls12 = least != "TLS13";
  tls.serves_tls13 = !most || most == "TLS13";
  if (most == "TLS10" || most == "TLS11") {
    section.complain_at("max_version", "is not served: nobody could connect (TLS12 or TLS13)");
  } else if (!tls.serves_tls12 && !tls.serves_tls13) {
    section.complain_at("max_version", "is below min_version: nobody could connect");
  }
}

void read_suites(Settings& section, ListenerTlsSettings& tls) {
  const std::vector<std::string> suites = section.texts("cipher_suites");
  bool is_known = true;
  for (const std::string& name : suites) {
    if (const Named* suite = find_named(tls12_suites, name)) {
      append(tls.ciphers, suite->second);
    } else if (find_named(tls13_suites, name) == nullptr) {
      is_known = false;
      complain_of_name(section, "cipher_suites", name, tls12_suites);
    }
  }
  if (!suites.empty() && is_known && tls.ciphers.empty()) {
    tls.serves_tls12 = false;
    if (!tls.serves_tls13)
      section.complain_at("cipher_suites",
                          "has no suite of TLS 1.2, and max_version is TLS12: nobody could connect "
                          "(add TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, or remove max_version)");
  }
  for (const std::string& name : section.texts("curve_preferences")) {
    if (const Named* curve = find_named(curves, name))
      append(tls.groups, curve->second);
    else
      complain_of_name(section, "curve_preferences", name, curves);
  }
  // Taken without effect, as the toolkit does since Go chooses the suite by itself.
  yaml11_flag(section, "prefer_server_cipher_suites");
}

}  // namespace

std::optional<bool> yaml11_flag(Settings& settings, std::string_view key) {
  const Node* node = settings.raw(key);
  if (node == nullptr || !node->is_scalar() || node->is_quoted) return settings.flag(key);
  const std::string word = lower_case(node->scalar);
  for (const char* yes : {"true", "yes", "on", "y"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "n"}) {
    if (word == no) return false;
  }
  return settings.flag(key);
}

std::optional<ListenerTlsSettings> read_listener_tls(Settings& section, const std::string& path) {
  ListenerTlsSettings tls;
  tls.certificate = read_source(section, path, "cert", "cert_file");
  tls.key = read_source(section, path, "key", "key_file");
  require(section, tls.certificate, "cert", "server.crt");
  require(section, tls.key, "key", "server.key");
  read_clients(section, path, tls);
  read_versions(section, tls);
  read_suites(section, tls);
  section.finish();
  if (!tls.certificate.is_given() || !tls.key.is_given()) return std::nullopt;
  return tls;
}

}  // namespace gonogo
