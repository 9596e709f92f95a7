// The ids of a checklist's sections and rows.
#pragma once

#include <string>
#include <vector>

#include "daemon/formats/checklist.h"

namespace gonogo {

// "4.2" of "4.2 API", "GO" of "GO criteria", else the words of the heading.
std::string id_of_section(const std::string& heading);

// Makes the sections, one for each heading. Their rows know them by their index.
void name_sections(ChecklistDocument& document, const std::vector<std::string>& headings);

// Takes the numbers out of the rows' texts and gives each row its id. A row that is counted never
// gets a number that is written in another row.
void number_rows(ChecklistDocument& document);

}  // namespace gonogo
