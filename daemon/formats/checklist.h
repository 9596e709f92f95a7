// A checklist that people wrote in Markdown, as rows with ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gonogo {

struct ChecklistRow {
  // box: "- [ ] ..."; criterion: a line that begins with a check mark or a cross; signature: "name:
  // ____"; step: an item of a numbered list of a rollback procedure.
  enum class Kind : std::uint8_t { box, criterion, signature, step };

  // The number of its section and a running number ("4.2.1"); a box inside another box adds a
  // letter to the id of the outer one ("4.2.2a"). A section without a number is named by its
  // meaning (GO, NOGO, SIGN, POST, RB), else by the words of its heading.
  std::string id;
  Kind kind = Kind::box;
  std::string text;                 // without markup
  std::vector<std::string> code;    // the parts that are written as code
  std::size_t section = 0;          // index in ChecklistDocument::sections
  std::size_t line = 0;             // in the source, from 0
  std::size_t last_line = 0;        // of its first paragraph
  std::optional<std::size_t> mark;  // box: the position of its mark in the source
};

struct ChecklistSection {
  std::string id;  // "4.2", "GO"
  std::string title;
};

struct ChecklistDocument {
  std::vector<ChecklistSection> sections;  // those that have rows
  std::vector<ChecklistRow> rows;
};

// CommonMark with GitHub's task lists.
ChecklistDocument parse_checklist(const std::string& markdown);

// Two texts that differ in case, markup, punctuation and blanks alone are the same row.
std::string comparable(const std::string& text);

}  // namespace gonogo
