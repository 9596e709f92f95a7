// A text with {{name}} in it, and behind "%%" what was captured for `x`.
#include "daemon/formats/template.h"

#include <algorithm>

#include "daemon/formats/json_document.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/url.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {

void fuzz(std::string_view input) {
  const auto parts = parts_of(input, 2);
  const std::string& text = parts.front();
  const std::string& captured = parts.back();
  const Captures captures{{"x", captured}, {"y", "{{x}}"}};
  constexpr std::size_t most = 1 << 20;
  for (const Fill place : {Fill::plain, Fill::in_url, Fill::in_json})
    hold(fill_template(text, captures, place).size() <= most, "a filled text is bounded");
  hold(fill_template(text, {}, Fill::plain) == text, "unknown names stay as they are");
  const auto names = names_in_template(text);
  const bool has_slot = std::any_of(
      names.begin(), names.end(), [&](const std::string& name) { return captures.contains(name); });
  if (!has_slot)
    hold(fill_template(text, captures, Fill::plain) == text, "a text without a slot is the same");
  // No value leaves its place.
  const std::string in_json = fill_template(R"({"a":"{{ x }}","b":1})", captures, Fill::in_json);
  const auto document = parse_json(in_json);
  hold(document && document->size() == 2 && member(*document, "b") == 1, "JSON stays JSON");
  hold(to_json_text(member(*document, "a")) == to_json_text(nlohmann::json(captured)),
       "a value in JSON is the value");
  const std::string in_url = fill_template("{{x}}", captures, Fill::in_url);
  hold(in_url.find_first_of("/?#&=@: \r\n\"<>") == std::string::npos, "a value in a URL is a part");
  hold(percent_decoded(in_url) == captured || in_url.size() == most, "a URL gives the value back");
}

}  // namespace gonogo
