#include "daemon/formats/dotenv.h"

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Keys = std::map<std::string, std::string>;

bool is_name_character(char c, bool first) {
  const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return letter || (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

std::string_view take_name(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_name_character(text[length], length == 0)) ++length;
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  return name;
}

std::string value_of(const Keys& keys, std::string_view name) {
  const auto found = keys.find(std::string(name));
  return found == keys.end() ? std::string() : found->second;
}

// `text` begins with "$". Takes a reference off it and returns its value, or "$" itself when there
// is no reference.
std::string take_reference(std::string_view& text, const Keys& keys) {
  std::string_view rest = text.substr(1);
  if (rest.starts_with('$')) {
    text.remove_prefix(2);
    return "$";
  }
  const bool braced = rest.starts_with('{');
  if (braced) rest.remove_prefix(1);
  const std::string_view name = take_name(rest);
  std::string value = value_of(keys, name);
  if (braced) {
    const std::size_t end = rest.find('}');
    if (name.empty() || end == std::string_view::npos) {
      text.remove_prefix(1);
      return "$";
    }
    const std::string_view rule = rest.substr(0, end);
    const bool use_default =
        rule.starts_with(":-")
            ? value.empty()
            : rule.starts_with('-') && keys.find(std::string(name)) == keys.end();
    if (use_default) value = std::string(rule.substr(rule.find('-') + 1));
    text = rest.substr(end + 1);
    return value;
  }
  if (name.empty()) {
    text.remove_prefix(1);
    return "$";
  }
  text = rest;
  return value;
}

std::string take_double_quoted(std::string_view& text, const Keys& keys) {
  std::string value;
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '$') {
      value += take_reference(text, keys);
      continue;
    }
    if (text.front() == '\\' && text.size() > 1) {
      const char c = text[1];
      if (c == 'n') {
        value += '\n';
      } else if (c == 'r') {
        value += '\r';
      } else if (c == 't') {
        value += '\t';
      } else if (c == '"' || c == '\\' || c == '$') {
        value += c;
      } else {
        value.append({'\\', c});
      }
      text.remove_prefix(2);
      continue;
    }
    value += text.front();
    text.remove_prefix(1);
  }
  return value;
}

std::string take_unquoted(std::string_view line, const Keys& keys) {
  std::string value;
  while (!line.empty()) {
    const bool after_space = value.empty() || value.back() == ' ' || value.back() == '\t';
    if (line.front() == '#' && after_space) break;
    if (line.front() == '$') {
      value += take_reference(line, keys);
    } else {
      value += line.front();
      line.remove_prefix(1);
    }
  }
  return std::string(trimmed(value));
}

void skip_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

void take_value(std::string_view& text, const std::string& name, Keys& keys) {
  skip_blanks(text);
  if (text.starts_with('\'')) {
    const std::size_t end = text.find('\'', 1);
    if (end != std::string_view::npos) {
      keys[name] = std::string(text.substr(1, end - 1));
      text.remove_prefix(end + 1);
    }
  } else if (text.starts_with('"') && text.find('"', 1) != std::string_view::npos) {
    text.remove_prefix(1);
    keys[name] = take_double_quoted(text, keys);
  } else {
    keys[name] = take_unquoted(text.substr(0, text.find('\n')), keys);
  }
}

}  // namespace

std::map<std::string, std::string> parse_dotenv(std::string_view text) {
  Keys keys;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    skip_blanks(text);
    if (text.starts_with("export ")) {
      text.remove_prefix(7);
      skip_blanks(text);
    }
    std::string_view rest = text;
    const std::string name(take_name(rest));
    skip_blanks(rest);
    if (!name.empty() && rest.starts_with('=')) {
      rest.remove_prefix(1);
      text = rest;
      take_value(text, name, keys);
    }
    skip_line(text);
  }
  return keys;
}

}  // namespace gonogo
