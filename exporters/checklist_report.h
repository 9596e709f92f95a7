// Fills in a Markdown checklist from a snapshot.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

// Returns the list as it was written. A box is ticked when every check of its row is good;
// evidence, times and names are below it. Signatures are filled in, and the decision is at the end.
std::string checklist_report(const std::string& markdown, const Snapshot& snapshot);

// The same as an HTML page that prints well. HTML in the list is shown as text.
std::string checklist_page(const std::string& markdown, const Snapshot& snapshot);

}  // namespace gonogo
