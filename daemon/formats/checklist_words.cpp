#include "daemon/formats/checklist_words.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <string_view>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_words = 28;
constexpr std::size_t most_words = 4;
constexpr std::size_t size_of_digest = 5;

bool is_filler(const std::string& word) {
  static const RE2 filler(
      R"(a|an|the|is|are|be|been|was|of|to|for|in|on|at|by|via|with|and|it|its|that|this|has|have|can)");
  return RE2::FullMatch(word, filler);
}

// Without it the text says the same.
bool is_without_meaning(const std::string& word) {
  static const RE2 filler("a|an|the|is|are|be|been|was|it|its|that|this");
  return RE2::FullMatch(word, filler);
}

// Latin letters with accents as ASCII.
std::string with_latin_letters(const std::string& text) {
  constexpr std::pair<const char*, const char*> letters[] = {{"(?i)[àáâãåāăą]", "a"},
                                                             {"(?i)ä|æ", "ae"},
                                                             {"(?i)[çćč]", "c"},
                                                             {"(?i)[ďđð]", "d"},
                                                             {"(?i)[èéêëēęě]", "e"},
                                                             {"(?i)[ìíîïīı]", "i"},
                                                             {"(?i)ł", "l"},
                                                             {"(?i)[ñńň]", "n"},
                                                             {"(?i)[òóôõøōő]", "o"},
                                                             {"(?i)ö|œ", "oe"},
                                                             {"(?i)ř", "r"},
                                                             {"(?i)[śšş]", "s"},
                                                             {"ß", "ss"},
                                                             {"(?i)[ťţ]", "t"},
                                                             {"(?i)[ùúûūůű]", "u"},
                                                             {"(?i)ü", "ue"},
                                                             {"(?i)[ýÿ]", "y"},
                                                             {"(?i)[źżž]", "z"}};
  std::string plain = text;
  for (const auto& [from, to] : letters) RE2::GlobalReplace(&plain, from, to);
  return lower_case(plain);
}

// Blanks for all that is no letter and no digit in ASCII.
std::string plain_letters(const std::string& text) {
  std::string plain = with_latin_letters(text);
  for (char& c : plain) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = ' ';
  }
  return plain;
}

// The same, where the letters of other scripts count.
std::string with_other_scripts(const std::string& text) {
  std::string plain = with_latin_letters(text);
  static const RE2 between(R"([^\pL\pM\pN]+)");
  RE2::GlobalReplace(&plain, between, " ");
  return plain;
}

// FNV-1a: the same on every host.
std::string short_digest(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size_of_digest; ++i, hash >>= 4) out += digits[hash & 15U];
  return out;
}

std::vector<std::string> words_of(const std::string& plain) {
  static const RE2 word(R"((\S+))");
  std::vector<std::string> words;
  re2::StringPiece rest(plain);
  std::string part;
  while (RE2::FindAndConsume(&rest, word, &part)) words.push_back(part);
  return words;
}

struct WordsOfId {
  std::string id;         // empty when the text has no word in Latin letters
  bool is_whole = false;  // it says all that the text says
};

WordsOfId words_of_id(const std::string& text) {
  WordsOfId of_text;
  std::string plain = plain_letters(text);
  std::vector<std::string> words = words_of(plain);
  // "customer A" is not "customer".
  const bool ends_with_letter = !words.empty() && words.back() == "a";
  const bool has_others = !std::all_of(words.begin(), words.end(), is_filler);
  const bool may_drop =
      !ends_with_letter && std::all_of(words.begin(), words.end(), [](const std::string& word) {
        return !is_filler(word) || is_without_meaning(word);
      });
  if (has_others) std::erase_if(words, is_filler);
  std::size_t count = 0;
  for (const std::string& word : words) {
    std::string& id = of_text.id;
    if (count == most_words || (!id.empty() && id.size() + 1 + word.size() > longest_words)) break;
    id += (id.empty() ? "" : "-") + word.substr(0, longest_words);
    ++count;
  }
  // Signs and other scripts are no part of an id, and may be what differs.
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.';
  };
  const std::string signs = comparable(with_latin_letters(text));
  of_text.is_whole = (may_drop || !has_others) && count == words.size() &&
                     std::all_of(signs.begin(), signs.end(), is_plain) &&
                     (words.empty() || words.front().size() <= longest_words);
  return of_text;
}

}  // namespace

std::string comparable(const std::string& text) {
  std::string lower = lower_case(text);
  static const RE2 blanks(R"([\s\x{a0}]+)");
  static const RE2 variants(R"([\x{fe0e}\x{fe0f}])");
  RE2::GlobalReplace(&lower, blanks, " ");
  RE2::GlobalReplace(&lower, variants, "");
  const auto is_digit = [&lower](std::size_t i) {
    return i < lower.size() && std::isdigit(static_cast<unsigned char>(lower[i])) != 0;
  };
  const auto is_letter = [&lower](std::size_t i) {
    return i < lower.size() &&
           (std::isalnum(static_cast<unsigned char>(lower[i])) != 0 || (lower[i] & 0x80) != 0);
  };
  std::string out;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = lower[i];
    const bool is_between_digits = i > 0 && is_digit(i - 1) && is_digit(i + 1);
    const bool is_between_letters = i > 0 && is_letter(i - 1) && is_letter(i + 1);
    const bool begins_word = i == 0 || !is_letter(i - 1);
    bool counts = is_letter(i) || std::string_view("<>=%&|").find(c) != std::string_view::npos;
    switch (c) {
      case '.': counts = is_between_digits || (begins_word && is_digit(i + 1)); break;
      case '-': counts = is_between_digits || (begins_word && is_digit(i + 1)); break;
      case '!':
        counts = begins_word && (is_letter(i + 1) || lower.compare(i + 1, 1, "=") == 0);
        break;
      case '$': counts = is_digit(i + 1); break;
      case '/':
      case '@': counts = is_between_letters; break;
      case ' ':
      case ',':
      case ':':
      case '*':
      case '^': counts = is_between_digits; break;
      default: break;
    }
    if (counts) out += c;
  }
  return out;
}

std::vector<std::string> ids_of_texts(const std::vector<TextToName>& texts,
                                      const std::string& without_words,
                                      const std::set<std::string>& reserved) {
  std::vector<std::string> ids;
  std::map<std::string, int> uses;
  const auto count_again = [&] {
    uses.clear();
    for (const std::string& id : ids) ++uses[id];
  };
  std::vector<bool> has_digest;
  const auto add_digest = [&](std::size_t i, const std::string& of) {
    const std::string words = words_of_id(texts[i].text).id;
    ids[i] = (words.empty() ? without_words : words) + "-" + short_digest(of);
    has_digest[i] = true;
  };
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const WordsOfId words = words_of_id(texts[i].text);
    ids.push_back(words.id);
    has_digest.push_back(false);
    if (!words.is_whole || words.id.empty() || reserved.contains(words.id))
      add_digest(i, comparable(texts[i].text));
  }
  count_again();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (uses[ids[i]] > 1 && !has_digest[i]) add_digest(i, comparable(texts[i].text));
  }
  count_again();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (uses[ids[i]] > 1) add_digest(i, texts[i].place + "\n" + comparable(texts[i].text));
  }
  // The same words twice in one place.
  std::set<std::string> taken = reserved;
  for (std::string& id : ids) {
    const std::string first = id;
    for (int again = 2; !taken.insert(id).second; ++again) id = first + "-" + std::to_string(again);
  }
  return ids;
}

bool is_id_of_text(const std::string& id, const std::string& text) {
  const std::string words = words_of_id(text).id;
  static const RE2 behind(R"((?:-(?:[0-9a-f]{5}|\d{1,5})){0,2})");
  return !words.empty() && id.starts_with(words) && RE2::FullMatch(id.substr(words.size()), behind);
}

bool has_word_of(const std::string& text, const std::string& other) {
  constexpr std::size_t beginning = 4;
  std::vector<std::string> words = words_of(with_other_scripts(text));
  if (!std::all_of(words.begin(), words.end(), is_filler)) std::erase_if(words, is_filler);
  std::set<std::string> of_other;
  for (const std::string& word : words_of(with_other_scripts(other)))
    of_other.insert(word.substr(0, beginning));
  return std::any_of(words.begin(), words.end(), [&of_other](const std::string& word) {
    return of_other.contains(word.substr(0, beginning));
  });
}

}  // namespace gonogo
