// A checklist that people wrote in Markdown, as rows with ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/formats/checklist_mark.h"

namespace gonogo {

struct ChecklistRow {
  // box: "- [ ] ...", or a line, an item or a row of a table with a mark; criterion: a line that
  // begins with a check mark or a cross; signature: "name: ____"; step: an item of a numbered list
  // of a rollback procedure.
  enum class Kind : std::uint8_t { box, criterion, signature, step };
  // Where it is written: as an item of a list, as a line of a paragraph, or in a table.
  enum class Place : std::uint8_t { item, line, table };

  // The number that is written in the row; else the number of its section and a running number
  // ("4.2.1"); a box inside another box adds a letter to the id of the outer one ("4.2.2a"). A
  // section without a number is named by its meaning (GO, NOGO, SIGN, POST, RB), else by the words
  // of its heading, else "list". No two rows have the same id.
  std::string id;
  Kind kind = Kind::box;
  Place place = Place::item;
  std::string text;                   // without markup, marks and its number
  std::vector<std::string> code;      // the parts that are written as code
  std::size_t section = 0;            // index in ChecklistDocument::sections
  std::size_t line = 0;               // in the source, from 0
  std::size_t last_line = 0;          // of its first paragraph
  std::optional<ChecklistMark> mark;  // what a report replaces
  std::optional<std::size_t> parent;  // the row of the box that this box is in

  // table: where evidence, names and a date go, in the source.
  std::size_t end_of_text = 0;
  std::optional<ChecklistMark> names;
  std::optional<ChecklistMark> date;

  // What was written in front of the text as its number, as it is written.
  std::string number;
  // Several marks are in its line of a table: which of them, from 1; else 0.
  std::size_t column = 0;
  // Another row before it has the same number; its id differs.
  bool repeats_number = false;
};

struct ChecklistSection {
  std::string id;  // "4.2", "GO"
  std::string title;
};

// A field of the form that the verdict fills in, and that nobody checks: a box "GO" or "NO-GO", the
// version, the date of the decision.
struct ChecklistField {
  enum class Kind : std::uint8_t { go, no_go, version, decision, decision_date, other };
  Kind kind = Kind::other;
  std::size_t line = 0;
  std::optional<ChecklistMark> mark;
};

// A line that reads like a row and is none.
struct UnreadLine {
  std::size_t line = 0;
  std::string text;
  std::string why;
};

struct ChecklistDocument {
  std::vector<ChecklistSection> sections;  // those that have rows
  std::vector<ChecklistRow> rows;
  std::vector<ChecklistField> fields;
  std::vector<UnreadLine> unread;  // while there are some, nobody knows all rows
};

// CommonMark with GitHub's task lists and tables. What is in a comment, in code or in front matter
// is no row.
ChecklistDocument parse_checklist(const std::string& markdown);

}  // namespace gonogo
