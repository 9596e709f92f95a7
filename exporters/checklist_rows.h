// Which checks belong to which rows of a Markdown checklist.
#pragma once

#include <vector>

#include "daemon/core/snapshot.h"
#include "daemon/formats/checklist.h"

namespace gonogo {

// Returns the checks of each row. A number that is written in a row is decisive: the row has the
// checks whose `item` it is. Else a row has the checks whose `title` or `item` is its text; of
// texts that are written twice, those in the section of their `item`. Then the place that a row has
// by being counted: its check has to be about it by the words of its title.
std::vector<std::vector<std::size_t>> checks_of_rows(const ChecklistDocument& document,
                                                     const Checklist& list);

// Returns for each row the checks whose `item` is the place that the row has by being counted, and
// that are about something else by their titles.
std::vector<std::vector<std::size_t>> checks_about_others(const ChecklistDocument& document,
                                                          const Checklist& list);

}  // namespace gonogo
