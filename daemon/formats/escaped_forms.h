// How programs write a text in JSON, HTML, XML, JavaScript, URLs and hexadecimal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// What the usual encoders make of `text`. They differ in which characters they escape, and in the
// case of the digits. Most forms are equal if the text has few special characters.
std::vector<std::string> escaped_forms(std::string_view text);

}  // namespace gonogo
