// The boxes and signs with which people mark a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

struct ChecklistMark {
  // square: "[ ]", of which the inside is the mark. ballot: U+2610 and its like. sign: a green
  // check mark or a red cross and their like. name: ":x:". cell: a cell of a table that is to hold
  // a box.
  enum class Style : std::uint8_t { square, ballot, sign, name, cell };
  Style style = Style::square;
  std::size_t offset = 0;  // of what is replaced, in the source
  std::size_t size = 1;
};

// A mark at the front of a text. Its `offset` and `size` are those of the whole mark in the text.
std::optional<ChecklistMark> mark_at_front(std::string_view text);

// What is written in the place of a mark.
std::string to_text(ChecklistMark::Style style, bool is_ticked);

// A mark alone, or a mark with a word such as "done" or "open".
bool is_mark_alone(std::string_view text);

// A word that says how a row stands, as it is written in a column for that, or nothing.
bool is_word_of_state(std::string_view text);

// A line of text that is no row and yet reads like one: a box that Markdown takes for text.
bool looks_like_row(std::string_view text);

}  // namespace gonogo
