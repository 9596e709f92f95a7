// One definition over a list: `each` makes several checks of one.
#pragma once

#include "daemon/formats/node.h"

namespace gonogo {

// In every gate, a check with `each: [...]` is replaced by one check for each item, with ${each}
// (an item that is a text) or ${each.KEY} (one that is a map) filled in, in its id too. "$${each"
// is left alone. What is wrong goes to `problems`.
void expand_each(Node& root, Problems& problems);

}  // namespace gonogo
