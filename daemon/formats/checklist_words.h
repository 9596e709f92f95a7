// Whether two texts of a checklist say the same, and ids that are made of their words.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace gonogo {

// Two texts that differ in case, markup, punctuation and blanks alone are the same row. A sign that
// changes what the text says ("!=", "2/3", "-5", "80 %") is no punctuation.
std::string comparable(const std::string& text);

// Of a text that is written into a configuration, on one line.
constexpr std::size_t longest_title = 4000;

struct TextToName {
  std::string text;
  std::string place;  // such as the heading above: it parts texts that say the same
};

// A short id for each text, of its first words. Ids stay when texts are added or moved, and none
// comes to mean another text: where words are left out, or another text has the same, a digest of
// the whole text is a part of the id. `reserved` ids are not given. `without_words` begins the id
// of a text that has no word in Latin letters.
std::vector<std::string> ids_of_texts(const std::vector<TextToName>& texts,
                                      const std::string& without_words,
                                      const std::set<std::string>& reserved);

// True for an id that is made of the text, with or without a digest or a number.
bool is_id_of_text(const std::string& id, const std::string& text);

// True when `other` has a word that begins like one of `text`. Words such as "the" count only in a
// text that has no others.
bool has_word_of(const std::string& text, const std::string& other);

}  // namespace gonogo
