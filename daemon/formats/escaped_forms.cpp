#include "daemon/formats/escaped_forms.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/core/text_cleaner.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

// What an encoder of JSON or JavaScript writes as "\u003c" beyond what it has to.
struct JsonEncoder {
  std::string_view codes;
  bool is_ascii = false;  // writes no other byte
  bool is_upper = false;  // "\u003C"
  bool is_slash_escaped = false;
};

constexpr std::array<JsonEncoder, 11> json_encoders{{
    {"", true},                    // Python
    {"", true, true},              // Jackson
    {"", false, false, true},      // PHP, JSON_UNESCAPED_UNICODE
    {"", true, false, true},       // PHP
    {"<>&'\"", true, true, true},  // PHP with JSON_HEX_*
    {"<>&"},                       // Go, Rails
    {"<>&", false, true},          // Django's json_script
    {"<>&'", true},                // Jinja
    {"<>&='"},                     // Gson
    {"<>&'\"+`", true, true},      // .NET
    {"<>&'\"=-;`", false, true},   // Django's escapejs
}};

// Those whose JSON pages have in their text and their attributes: Python, PHP, Go and Rails.
constexpr std::array<std::size_t, 4> json_in_html{0, 2, 3, 5};

// An encoder of HTML or XML: what it writes for each character.
using Entities = std::vector<std::pair<char, std::string_view>>;

const std::vector<Entities>& html_encoders() {
  static const std::vector<Entities> encoders{
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#x27;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&#34;"}, {'\'', "&#39;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#039;"}},
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}},
      {{'&', "&amp;"},
       {'<', "&lt;"},
       {'>', "&gt;"},
       {'"', "&quot;"},
       {'\'', "&#x27;"},
       {'/', "&#x2F;"}},
      {{'&', "&amp;"},
       {'<', "&lt;"},
       {'>', "&gt;"},
       {'"', "&quot;"},
       {'\'', "&#39;"},
       {'/', "&#x2F;"},
       {'`', "&#x60;"},
       {'=', "&#x3D;"}},
      {{'&', "&amp;"},
       {'<', "&lt;"},
       {'>', "&gt;"},
       {'"', "&#34;"},
       {'\'', "&#39;"},
       {'+', "&#43;"}},
  };
  return encoders;
}

// What encoders for URLs leave as it is, beside letters, digits and "-._~".
constexpr std::array<std::string_view, 6> plain_in_urls{
    "",                  // RFC 3986
    "/",                 // Python
    "!'()*",             // encodeURIComponent
    "*",                 // forms
    "!#$&'()*+,/:;=?@",  // encodeURI
    "$&+=:@",            // a segment of a path
};

std::string json_escaped(std::string_view text) {
  const std::string quoted = to_json_text(nlohmann::json(std::string(text)));
  return quoted.substr(1, quoted.size() - 2);
}

std::string json_code(unsigned unit, bool is_upper) {
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), is_upper ? "\\u%04X" : "\\u%04x", unit & 0xFFFFU);
  return code.data();
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `text` is JSON: only "\u00e4" and its like are longer than two characters.
std::string upper_codes(std::string text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 2)) {
    if (text[at + 1] != 'u') continue;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      if (text[i] >= 'a' && text[i] <= 'f') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
  }
  return text;
}

std::string json_of(const JsonEncoder& encoder, std::string_view text) {
  std::string out;
  std::string pending;  // what no rule of this encoder names
  const auto flush = [&] {
    const std::string json = nlohmann::json(pending).dump(-1, ' ', encoder.is_ascii,
                                                          nlohmann::json::error_handler_t::replace);
    const std::string inside = json.substr(1, json.size() - 2);
    out += encoder.is_upper ? upper_codes(inside) : inside;
    pending.clear();
  };
  for (const char c : text) {
    if (encoder.codes.find(c) != std::string_view::npos) {
      flush();
      out += json_code(static_cast<unsigned char>(c), encoder.is_upper);
    } else if (c == '/' && encoder.is_slash_escaped) {
      flush();
      out += "\\/";
    } else {
      pending += c;
    }
  }
  flush();
  return out;
}

std::string html_of(const Entities& entities, std::string_view text) {
  std::string out;
  for (const char c : text) {
    std::string_view written(&c, 1);
    for (const auto& [character, entity] : entities) {
      if (character == c) written = entity;
    }
    out += written;
  }
  return out;
}

std::string url_of(std::string_view plain, std::string_view text, const char* format) {
  std::string out;
  for (const char c : text) {
    if (is_letter_or_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos ||
        plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      std::array<char, 4> code{};
      std::snprintf(code.data(), code.size(), format, static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

// As HTML forms have it.
std::string spaces_as_plus(std::string text) {
  for (std::size_t at = text.find("%20"); at != std::string::npos; at = text.find("%20", at))
    text.replace(at, 3, "+");
  return text;
}

// A backslash before each of these, as simple programs do it.
std::string backslashed(std::string_view special, std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// As a shell's single quotes have it; `quote` is what such a quote becomes.
std::string shell_quoted(std::string_view quote, std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? quote : std::string_view(&c, 1);
  return out;
}

// As `printf %q` of bash 5.2 writes a text without control characters.
std::string bash_quoted(std::string_view text) {
  const bool is_special_first = text.starts_with('#') || text.starts_with('~');
  return (is_special_first ? "\\" : "") + backslashed(" !\"$&'()*,;<>?[\\]^`{|}", text);
}

// Each quote twice, as SQL, YAML and CSV have it.
std::string doubled(char quote, std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Each byte of `special`, and each beyond ASCII, by its number, as in "\x26" or "\303".
std::string by_number(std::string_view special, const char* format, std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_ascii(c) && special.find(c) == std::string_view::npos) {
      out += c;
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), format, static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

// Each character beyond ASCII of a valid UTF-8 text by its number, as in "&#228;" or "\xe4".
std::string by_code_point(const char* below_256, const char* beyond, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (is_ascii(text[at])) {
      out += text[at++];
      continue;
    }
    const auto first = static_cast<unsigned char>(text[at++]);
    unsigned point = first >= 0xF0 ? first & 0x07U : first >= 0xE0 ? first & 0x0FU : first & 0x1FU;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
      point = (point << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    std::array<char, 16> code{};
    std::snprintf(code.data(), code.size(), point < 256 ? below_256 : beyond, point);
    out += code.data();
  }
  return out;
}

// As nginx writes its log.
std::string nginx_logged(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') {
      out += c;
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02X", static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

// What is in a URL already, put into another URL.
std::string url_in_url(std::string_view plain, std::string_view url) {
  const bool is_plus_plain = plain.find('+') != std::string_view::npos;
  std::string out;
  for (const char c : url) {
    if (c == '%') {
      out += "%25";
    } else if (c == '+' && !is_plus_plain) {
      out += "%2B";
    } else {
      out += c;
    }
  }
  return out;
}

std::string upper_hex(std::string_view text) {
  std::string out = to_hex(text);
  for (char& c : out) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace

std::vector<std::string> escaped_forms(std::string_view text) {
  const std::string json = json_escaped(text);
  std::vector<std::string> forms{
      json,
      printable(text, text.size() * 4),
      printable(json, json.size() * 4),
      backslashed("\"\\", text),
      backslashed("'\\", text),
      backslashed("\"'\\", text),
      backslashed("\"\\$`", text),
      shell_quoted("'\\''", text),
      shell_quoted("'\"'\"'", text),  // Python's shlex
      bash_quoted(text),
      by_number("", "\\%03o", backslashed("'\\", text)),
      by_number("", "\\%03o", backslashed("@$\"\\", text)),  // Perl
      by_number("", "\\x%02x", backslashed("'\\", text)),
      by_code_point("\\x%02x", "\\u%04x", backslashed("'\\", text)),
      by_code_point("\\x%02X", "\\u%04X", backslashed("\"\\", text)),  // PyYAML
      by_number("", "\\x%02x", backslashed("\"\\", text)),             // Apache
      nginx_logged(text),
      doubled('\'', text),
      doubled('\'', backslashed("\\", text)),  // PostgreSQL's E'...'
      doubled('"', text),
      doubled('"', json),
      to_hex(text),
      upper_hex(text)};
  for (const JsonEncoder& encoder : json_encoders) {
    forms.push_back(json_of(encoder, text));
    forms.push_back(json_escaped(forms.back()));  // JSON in JSON
  }
  for (const char* format : {"\\x%02x", "\\x%02X"}) {
    forms.push_back(by_number("<>&'\"", format, text));
    forms.push_back(by_number("<>&'\"=", format, text));
  }
  for (const char* format : {"&#%u;", "&#x%x;", "&#x%X;"}) {
    forms.push_back(by_code_point(format, format, text));
    for (const Entities& entities : html_encoders())
      forms.push_back(by_code_point(format, format, html_of(entities, text)));
  }
  for (const Entities& entities : html_encoders()) {
    forms.push_back(html_of(entities, text));
    forms.push_back(html_of(entities, json));
    for (const std::size_t encoder : json_in_html)
      forms.push_back(html_of(entities, json_of(json_encoders[encoder], text)));
  }
  for (const std::string_view plain : plain_in_urls) {
    for (const char* format : {"%%%02X", "%%%02x"}) {
      const std::string url = url_of(plain, text, format);
      const std::string form = spaces_as_plus(url);
      for (const std::string& each : {url, form, url_in_url(plain, url), url_in_url(plain, form)})
        forms.push_back(each);
    }
  }
  return forms;
}

}  // namespace gonogo
