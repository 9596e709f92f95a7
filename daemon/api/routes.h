// The table of routes. Dispatching, authorization, Allow and the documents of the API come from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/api/route.h"

namespace gonogo {

// Rows of one path are next to each other. The first path that matches is taken.
std::span<const Route> routes();

// The rows of the path that a request asks for; none when there is nothing at it.
std::span<const Route> rows_of(std::string_view path);

// The row among those of a path that serves this method, or null.
const Route* row_for(std::span<const Route> rows, std::string_view method);

// "GET, HEAD, POST"
std::string allowed_at(std::span<const Route> rows);

}  // namespace gonogo
