// A Markdown checklist, filled in from what is known.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/snapshot.h"
#include "daemon/formats/checklist_document.h"

namespace gonogo {

// For each row the checks that are for it: by its id, else by its text, in `item` or `title`.
std::vector<std::vector<std::size_t>> checks_of_rows(const ChecklistDocument& document,
                                                     const Checklist& list);

// The list as it was written, each box ticked when every check of it is good, with evidence, times
// and names below it, the signatures filled in and the decision at the end.
std::string checklist_report(const std::string& markdown, const Snapshot& snapshot);

// The same as a page of its own that prints well. HTML in the list is shown, not taken.
std::string checklist_page(const std::string& markdown, const Snapshot& snapshot);

}  // namespace gonogo
