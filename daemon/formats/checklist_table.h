// The rows of a checklist that is written as a table.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/checklist_mark.h"

namespace gonogo {

// A cell of a table's line: what is between the bars, without the blanks around it; the blanks, if
// there is nothing else.
struct TableCell {
  std::size_t begin = 0;  // in the line
  std::size_t end = 0;
  std::string markdown;
};

// The cells of a line, as GitHub divides it: at each bar that has no backslash in front, also
// within code. `from` is where the line's words begin, behind the marks of lists and quotations.
std::vector<TableCell> cells_of(std::string_view line, std::size_t from);

// A line of dashes below the names of the columns.
bool is_delimiter_row(std::string_view line);

// The line of the first table's column names, if there is a table in these lines.
std::optional<std::size_t> find_table(const std::vector<std::vector<TableCell>>& lines,
                                      const std::vector<bool>& is_delimiter);

// What a row of a table is to a checklist. Offsets are in the line.
struct TableRow {
  std::string number;  // what is in the column of numbers
  std::string text;
  std::vector<std::string> code;
  std::string column;  // the name of the column of the mark, where there are several
  std::optional<ChecklistMark> mark;
  std::size_t end_of_text = 0;  // evidence goes here
  // A signature: where the names and the date go.
  std::optional<ChecklistMark> names;
  std::optional<ChecklistMark> date;
};

struct TableRows {
  bool is_of_signatures = false;
  bool is_doubtful = false;  // no rows, and a column seems to say how each line stands
  std::vector<std::vector<TableRow>> lines;  // for each line of the body, its rows
};

// Nothing when the table is no checklist: no column holds marks, words of a state or blanks to be
// filled in. `cells` begins with the names of the columns. `may_be_signed` is true below a heading
// about signing off.
std::optional<TableRows> read_table(const std::vector<std::vector<TableCell>>& cells,
                                    bool may_be_signed);

}  // namespace gonogo
