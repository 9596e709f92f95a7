#include "daemon/config/yaml_text.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Not of the bytes that go on with a character.
bool is_start(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

// How many bytes the character at the beginning of `text` has; 0: it is no UTF-8.
std::size_t length_of_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

// Below 0x20, 0x7F, U+0080 to U+009F, U+FFFE and U+FFFF.
bool is_control_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return true;
  if (byte(0) == 0xC2 && text.size() > 1) return byte(1) < 0xA0;
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

// By its mark, or by the zero bytes of its first characters.
std::string_view other_encoding(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return "UTF-16";
  if (bytes.size() < 8) return {};
  const auto zero = [bytes](std::size_t i) { return bytes[i] == '\0'; };
  const bool is_wide = zero(1) && zero(2);
  if (is_wide && zero(0) != zero(3)) return "UTF-32";
  if (zero(0) != zero(1) && zero(2) != zero(3) && zero(0) == zero(2)) return "UTF-16";
  return {};
}

std::string in_hexadecimal(unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
}

}  // namespace

bool begins_with_no_break_space(std::string_view text) { return text.starts_with("\xC2\xA0"); }

bool holds_control_character(std::string_view text, std::string_view allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control_character(text.substr(i)) && allowed.find(text[i]) == std::string_view::npos)
      return true;
  }
  return false;
}

int YamlText::indent_of(std::string_view line) {
  return static_cast<int>(std::min(line.find_first_not_of(' '), line.size()));
}

bool YamlText::is_item(std::string_view line) {
  const std::string_view content = line.substr(static_cast<std::size_t>(indent_of(line)));
  return content == "-" || content.starts_with("- ");
}

YamlText::YamlText(const std::string& bytes) : bytes_(bytes) {
  if (bytes_.starts_with(byte_order_mark)) bytes_.erase(0, byte_order_mark.size());
  if (!bytes_.ends_with('\n')) bytes_ += '\n';
  lines_.push_back(0);
  bool is_ascii = true;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (bytes_[i] == '\n') lines_.push_back(i + 1);
    if (static_cast<unsigned char>(bytes_[i]) >= 0x80) is_ascii = false;
  }
  if (is_ascii) return;
  std::uint32_t characters = 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (i % block == 0) characters_.push_back(characters);
    if (is_start(bytes_[i])) ++characters;
  }
}

bool YamlText::is_blank() const { return bytes_.find_first_not_of(" \t\r\n") == std::string::npos; }

std::optional<YamlProblem> YamlText::no_text() const {
  if (const std::string_view encoding = other_encoding(bytes_); !encoding.empty())
    return YamlProblem{1, 1, "is " + std::string(encoding) + " (save it as UTF-8)"};
  int line = 0;
  for (std::size_t i = 0; i < bytes_.size();) {
    const auto byte = static_cast<unsigned char>(bytes_[i]);
    const std::size_t size = length_of_character(std::string_view(bytes_).substr(i));
    const bool is_break = byte == '\r' && bytes_[i + 1] == '\n';
    const bool is_allowed = byte == '\n' || byte == '\t' || is_break;
    const bool is_control =
        size > 0 && !is_allowed && is_control_character(std::string_view(bytes_).substr(i));
    if (size == 0 || is_control) {
      std::string text = "has the byte " + in_hexadecimal(byte);
      if (byte == '\r')
        text += ", a carriage return without a line feed (end lines by line feeds)";
      else
        text += size == 0  ? ", which is no UTF-8 (wanted YAML in UTF-8)"
                : size > 1 ? ", the first of a control character (wanted YAML text)"
                           : ", a control character (wanted YAML text)";
      return at(line, static_cast<int>(i - lines_[static_cast<std::size_t>(line)]),
                std::move(text));
    }
    if (byte == '\n') ++line;
    i += size;
  }
  return std::nullopt;
}

std::size_t YamlText::characters_before(std::size_t offset) const {
  if (characters_.empty()) return offset;
  const std::size_t full = std::min(offset / block, characters_.size() - 1);
  const std::string_view rest =
      std::string_view(bytes_).substr(full * block, offset - full * block);
  counted_ += rest.size();
  return characters_[full] +
         static_cast<std::size_t>(std::count_if(rest.begin(), rest.end(), is_start));
}

int YamlText::column_in_characters(int line, int column) const {
  const std::size_t begin = offset_of(line, 0);
  const std::size_t end = offset_of(line, std::max(column, 0));
  return static_cast<int>(characters_before(end) - characters_before(begin)) + 1;
}

YamlProblem YamlText::at(int line, int column, std::string text) const {
  return {line + 1, column_in_characters(line, column), std::move(text)};
}

std::size_t YamlText::offset_of(int line, int column) const {
  if (line < 0 || static_cast<std::size_t>(line) >= lines_.size()) return bytes_.size();
  return std::min(lines_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(column),
                  bytes_.size());
}

std::string_view YamlText::line_at(int line) const {
  if (line < 0 || static_cast<std::size_t>(line) >= lines_.size()) return {};
  const std::size_t begin = lines_[static_cast<std::size_t>(line)];
  std::string_view text = std::string_view(bytes_).substr(begin);
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool YamlText::begins_document(int line) const { return line_at(line).starts_with("---"); }

std::optional<int> YamlText::end_of_quote(int line, int column) const {
  const std::size_t begin = offset_of(line, column);
  const char quote = begin < bytes_.size() ? bytes_[begin] : ' ';
  if (quote != '"' && quote != '\'') return line;
  for (std::size_t i = begin + 1; i < bytes_.size(); ++i) {
    if (bytes_[i] == '\n') ++line;
    if (quote == '"' && bytes_[i] == '\\') {
      ++i;
      if (i < bytes_.size() && bytes_[i] == '\n') ++line;
    } else if (bytes_[i] == quote) {
      if (quote == '"' || i + 1 >= bytes_.size() || bytes_[i + 1] != quote) return line;
      ++i;
    }
  }
  return std::nullopt;
}

char YamlText::byte_at(int line, int column) const {
  const std::size_t offset = offset_of(line, column);
  return offset < bytes_.size() ? bytes_[offset] : '\n';
}

bool YamlText::lacks_colon(int line, int column, std::string_view key) const {
  std::string_view rest = std::string_view(bytes_).substr(offset_of(line, column));
  if (!rest.starts_with(key)) return false;  // quoted, or behind a "?"
  rest.remove_prefix(key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return !rest.starts_with(':');
}

}  // namespace gonogo
