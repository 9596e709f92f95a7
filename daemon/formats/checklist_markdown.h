// What md4c makes of a Markdown text, as blocks of lines that know where they are in the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gonogo {

struct MarkdownLine {
  std::size_t number = 0;  // in the source, from 0
  std::size_t begin = 0;   // where its words begin in the source, behind markup
  std::string text;        // without markup and comments
  std::string bare;        // the same with each part that is code as one "`"
  std::vector<std::string> code;
};

// An item of a list that is open at a block.
struct MarkdownItem {
  std::size_t id = 0;  // differs for each item
  bool is_box = false;
  std::size_t mark = 0;  // box: the position of its mark in the source
  bool is_numbered = false;
};

struct MarkdownBlock {
  // words: a paragraph, or what an item of a list says. html: neither a comment nor what HTML
  // shows as it is written.
  enum class Kind : std::uint8_t { heading, words, html };
  Kind kind = Kind::words;
  std::vector<MarkdownItem> items;  // the innermost is the last
  bool is_first = false;            // the first of the innermost item
  std::vector<MarkdownLine> lines;
};

struct MarkdownText {
  std::vector<MarkdownBlock> blocks;
  std::vector<std::size_t> open_comments;  // lines where a comment begins that never ends
  std::vector<std::size_t> unseen;         // lines of which nothing is shown, such as "- [x]: a"
  std::vector<std::size_t> line_starts;    // in the source
};

// CommonMark with GitHub's task lists. A byte order mark and front matter are no part of it, and
// tables are words: see checklist_table.h.
MarkdownText read_markdown(const std::string& source);

// The words of one line and its code, without markup and comments.
std::pair<std::string, std::vector<std::string>> plain_words(const std::string& markdown);

// Where the text begins behind a byte order mark and front matter (YAML between "---", TOML between
// "+++").
std::size_t begin_of_markdown(const std::string& source);

// Where each line begins. A line ends with LF, CR LF or CR.
std::vector<std::size_t> starts_of_lines(const std::string& text);

}  // namespace gonogo
