// `each` makes several checks from one definition and a list.
#pragma once

#include "daemon/formats/node.h"

namespace gonogo {

// In every gate, a check with `each: [...]` is replaced by one check for each item. ${each} (an
// item that is a text) or ${each.KEY} (one that is a map) is filled in, also in the id. "$${each"
// stays as it is. What is wrong is added to `problems`.
void expand_each(Node& root, Problems& problems);

}  // namespace gonogo
