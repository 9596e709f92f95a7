// The passwords inside addresses and connection strings that are secrets as a whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct EmbeddedSecret {
  std::string user;  // empty when it belongs to none
  std::string text;
  bool has_user = false;  // programs write "user:text" in base64
};

// Of `scheme://user:password@host`, `user:password@tcp(host)` (MySQL), and of each
// `password=...`, `token=...` and its like: in the query of a URL, or in a connection string of
// libpq, JDBC, ODBC or ADO.NET. As it is written, and as a program that reads it has it. A few at
// most; where it is unclear where a value ends, each of its ends.
std::vector<EmbeddedSecret> embedded_secrets(std::string_view secret);

}  // namespace gonogo
