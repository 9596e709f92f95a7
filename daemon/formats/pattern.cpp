#include "daemon/formats/pattern.h"

#include <algorithm>
#include <utility>

#include "daemon/core/utf8.h"

namespace gonogo {
namespace {

std::unique_ptr<const RE2> compiled(const std::string& text, bool of_bytes) {
  RE2::Options options;
  if (of_bytes) options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  return std::make_unique<const RE2>(text, options);
}

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

// As UTF-8, each byte outside it being a character of Latin-1.
std::string as_characters(std::string_view text) {
  std::string characters;
  characters.reserve(text.size() + 16);
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_prefix(text);
    characters.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    characters += static_cast<char>(0xC0 | (byte >> 6));
    characters += static_cast<char>(0x80 | (byte & 0x3F));
    text.remove_prefix(1);
  }
  return characters;
}

// Where the byte `place` of as_characters(text) is in `text`.
std::size_t place_in(std::string_view text, std::size_t place) {
  std::size_t in_text = 0;
  std::size_t in_characters = 0;
  while (in_characters < place) {
    const std::string_view rest = text.substr(in_text);
    if (const std::size_t valid = valid_utf8_prefix(rest)) {
      const std::size_t step = std::min(valid, place - in_characters);
      in_text += step;
      in_characters += step;
    } else {
      in_text += 1;
      in_characters += 2;
    }
  }
  return in_text;
}

using Pieces = std::vector<re2::StringPiece>;

std::optional<Pieces> match_of(const RE2& expression, std::string_view text) {
  Pieces groups(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  if (!expression.Match(piece_of(text), 0, text.size(), RE2::UNANCHORED, groups.data(),
                        static_cast<int>(groups.size())))
    return std::nullopt;
  return groups;
}

// `place` gives where in the text a place of what was searched is.
template <typename Place>
TextPattern::Groups groups_in(std::string_view text, const char* searched, const Pieces& pieces,
                              const Place& place) {
  TextPattern::Groups groups;
  for (const re2::StringPiece& piece : pieces) {
    if (piece.data() == nullptr) {
      groups.emplace_back();
      continue;
    }
    const auto begin = static_cast<std::size_t>(piece.data() - searched);
    const std::size_t from = place(begin);
    groups.emplace_back(text.substr(from, place(begin + piece.size()) - from));
  }
  return groups;
}

std::size_t same_place(std::size_t place) { return place; }

}  // namespace

TextPattern::TextPattern(std::string text, bool of_bytes)
    : text_(std::move(text)), of_bytes_(of_bytes), expression_(compiled(text_, of_bytes)) {
  if (of_bytes_ || !expression_->ok()) return;
  bytes_ = compiled(text_, true);
  if (!bytes_->ok()) bytes_.reset();
}

Pattern TextPattern::compile(const std::string& text, bool of_bytes, std::string& problem) {
  Pattern pattern(new TextPattern(text, of_bytes));
  if (pattern->expression_->ok()) return pattern;
  problem = pattern->expression_->error();
  return nullptr;
}

bool TextPattern::matches(std::string_view text, RE2::Anchor anchor) const {
  const auto fits = [anchor](const RE2& expression, std::string_view searched) {
    return expression.Match(piece_of(searched), 0, searched.size(), anchor, nullptr, 0);
  };
  if (of_bytes_ || is_utf8(text)) return fits(*expression_, text);
  if (bytes_ && fits(*bytes_, text)) return true;
  return fits(*expression_, as_characters(text));
}

bool TextPattern::matches(std::string_view text) const { return matches(text, RE2::UNANCHORED); }

bool TextPattern::matches_whole(std::string_view text) const {
  return matches(text, RE2::ANCHOR_BOTH);
}

std::optional<TextPattern::Groups> TextPattern::find(std::string_view text, bool goes_on) const {
  const std::size_t valid = of_bytes_ ? text.size() : valid_utf8_prefix(text);
  const bool is_text = valid == text.size() || (goes_on && is_begun_character(text.substr(valid)));
  if (!is_text) {
    const std::string characters = as_characters(text);
    if (const auto found = match_of(*expression_, characters)) {
      return groups_in(text, characters.data(), *found,
                       [text](std::size_t place) { return place_in(text, place); });
    }
  }
  const RE2* expression = is_text ? expression_.get() : bytes_.get();
  if (expression == nullptr) return std::nullopt;
  const auto found = match_of(*expression, text);
  if (!found) return std::nullopt;
  return groups_in(text, text.data(), *found, same_place);
}

std::string TextPattern::without(std::string_view text) const {
  std::string rest(text);
  const RE2* expression = of_bytes_ || is_utf8(text) ? expression_.get() : bytes_.get();
  if (expression != nullptr) RE2::GlobalReplace(&rest, *expression, " ");
  return rest;
}

Pattern compile_pattern(Settings& settings, std::string_view key, const std::string& text,
                        bool of_bytes) {
  std::string problem;
  Pattern pattern = TextPattern::compile(text, of_bytes, problem);
  if (!pattern) {
    settings.complain_at(
        key, "is no RE2 expression: " + problem + " (see github.com/google/re2/wiki/Syntax)");
  }
  return pattern;
}

std::vector<Pattern> read_patterns(Settings& settings, std::string_view key) {
  std::vector<Pattern> patterns;
  for (const std::string& text : settings.texts(key)) {
    if (Pattern pattern = compile_pattern(settings, key, text))
      patterns.push_back(std::move(pattern));
  }
  return patterns;
}

}  // namespace gonogo
