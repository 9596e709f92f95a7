#include "daemon/io/starttls.h"

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_line = 4096;
constexpr int most_lines = 100;

[[noreturn]] void refuse(std::string_view wanted, std::string_view seen) {
  throw IoError(Reason::protocol, "answered " +
                                      in_quotes(cleaned(trimmed(seen), torn_at_both_ends)) +
                                      ", wanted " + std::string(wanted));
}

asio::awaitable<void> say(Conn& conn, std::string text) {
  const asio::const_buffer out = asio::buffer(text);
  co_await conn.write(out);
}

// SMTP and FTP: "250-..." is followed by more lines, "250 ..." is the last (RFC 5321, 4.2.1; RFC
// 959, 4.2).
asio::awaitable<void> expect_reply(Conn& conn, std::string& rest, std::string code) {
  for (int i = 0; i < most_lines; ++i) {
    const std::string line = co_await read_until(conn, "\n", longest_line, rest);
    if (!line.starts_with(code)) {
      const bool goes_on = i > 0 && line.starts_with(' ');
      if (!goes_on) refuse(code, line);
    } else if (line.size() > 3 && line[3] != '-') {
      co_return;
    }
  }
  refuse(code, "more than 100 lines");
}

// IMAP and POP3: reads lines up to one that begins with `wanted`.
asio::awaitable<void> expect_line(Conn& conn, std::string& rest, std::string wanted,
                                  std::string passed_over) {
  for (int i = 0; i < most_lines; ++i) {
    const std::string line = co_await read_until(conn, "\n", longest_line, rest);
    if (line.starts_with(wanted)) co_return;
    if (passed_over.empty() || !line.starts_with(passed_over)) refuse(wanted, line);
  }
  refuse(wanted, "more than 100 lines");
}

asio::awaitable<std::string> read_bytes(Conn& conn, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const asio::mutable_buffer into = asio::buffer(bytes.data() + have, count - have);
    const std::size_t size = co_await conn.read_some(into);
    if (size == 0) refuse("an answer to the request for TLS", "connection closed");
    have += size;
  }
  co_return bytes;
}

asio::awaitable<void> ask_postgres(Conn& conn) {
  // SSLRequest: length 8, code 80877103 (PostgreSQL's manual, 55.7).
  const std::string request("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);
  co_await say(conn, request);
  const std::string answer = co_await read_bytes(conn, 1);
  if (answer != "S") refuse("S (TLS accepted)", answer);
}

asio::awaitable<void> ask_ldap(Conn& conn) {
  // ExtendedRequest 1.3.6.1.4.1.1466.20037 with message id 1 (RFC 4511, 4.14).
  const std::string oid = "1.3.6.1.4.1.1466.20037";
  const std::string request = std::string("\x30\x1d\x02\x01\x01\x77\x18\x80\x16", 9) + oid;
  co_await say(conn, request);
  const std::string head = co_await read_bytes(conn, 2);
  const auto length = static_cast<unsigned char>(head[1]);
  if (head[0] != '\x30' || length > 0x84) refuse("an LDAP message", head);
  std::size_t size = length;
  if (length >= 0x81) {
    const std::string more = co_await read_bytes(conn, length - 0x80U);
    size = 0;
    for (const char c : more) size = size * 256 + static_cast<unsigned char>(c);
  }
  if (size < 10 || size > longest_line) refuse("a short LDAP message", head);
  const std::string body = co_await read_bytes(conn, size);
  // messageID, then ExtendedResponse [APPLICATION 24] that begins with resultCode ENUMERATED 0.
  const std::size_t response = body.find('\x78');
  const std::size_t code = body.find(std::string("\x0a\x01", 2));
  if (response == std::string::npos || code == std::string::npos || code + 2 >= body.size() ||
      body[code + 2] != '\0') {
    refuse("success (0)", body);
  }
}

}  // namespace

asio::awaitable<void> ask_for_tls(Conn& conn, std::string protocol) {
  std::string rest;
  if (protocol == "smtp") {
    co_await expect_reply(conn, rest, "220");
    co_await say(conn, "EHLO gonogo.invalid\r\n");
    co_await expect_reply(conn, rest, "250");
    co_await say(conn, "STARTTLS\r\n");
    co_await expect_reply(conn, rest, "220");
  } else if (protocol == "ftp") {
    co_await expect_reply(conn, rest, "220");
    co_await say(conn, "AUTH TLS\r\n");
    co_await expect_reply(conn, rest, "234");
  } else if (protocol == "imap") {
    co_await expect_line(conn, rest, "* OK", "");
    co_await say(conn, "a1 STARTTLS\r\n");
    co_await expect_line(conn, rest, "a1 OK", "* ");
  } else if (protocol == "pop3") {
    co_await expect_line(conn, rest, "+OK", "");
    co_await say(conn, "STLS\r\n");
    co_await expect_line(conn, rest, "+OK", "");
  } else if (protocol == "postgres") {
    co_await ask_postgres(conn);
  } else if (protocol == "ldap") {
    co_await ask_ldap(conn);
  }
  // Plain text after the last answer could be taken for the first text inside TLS (CVE-2011-0411).
  if (!rest.empty()) refuse("silence before TLS", rest);
}

}  // namespace gonogo
