// Which jq expressions the daemon runs itself.
#pragma once

#include <string_view>

namespace gonogo {

// True when `expression` is built from parts alone that neither loop, multiply nor crash: paths,
// `.[]`, literals, comparisons, `and`, `or`, `not`, `//`, `?`, arithmetic on numbers, lists,
// objects and functions such as select, map, any, all, length, keys, has, tonumber and startswith.
// For a text of 64 KiB its work and its results are then bounded as well. What this does not know
// is not harmless; it need not be jq either.
bool is_harmless_jq(std::string_view expression);

}  // namespace gonogo
