// What the daemon and the helper that runs jq write to each other. Both are the same executable, so
// numbers have the order of this host.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// Texts belong to the caller. Without texts the expressions are only compiled.
struct JqRequest {
  std::vector<std::string_view> expressions;
  std::vector<std::string_view> texts;
  // For many texts and one expression: whether it gives `true` and nothing else for each of them.
  // Otherwise there is one text at most, and the answers are all values.
  bool asks_truth = false;
};

std::string to_bytes(const JqRequest& request);
std::optional<JqRequest> parse_jq_request(std::string_view bytes);

// The values that one expression gives, and why they end before their time.
struct JqAnswers {
  std::vector<std::string> values;
  std::string problem;
};

// What an expression says of a text, as it is written. not_judged: one of its bounds is for a value
// that is not there, or of another kind (jq_bounds.h).
enum class JqTruth : char { no = '0', yes = '1', not_judged = '?' };

// What the helper wrote before it ended; parts that it did not finish are missing.
struct JqReply {
  std::string compile_problem;  // of the expression that follows the last answers
  std::string text_problem;     // why the text is no JSON
  std::vector<JqAnswers> answers;
  std::string truths;  // a JqTruth for each text
  bool is_whole = false;
};

enum class JqPart : char {
  compile_problem = 'c',
  text_problem = 'j',
  answers = 'a',
  truths = 't',
  end = '.'
};

void append_part(std::string& reply, JqPart part, std::string_view content);
std::string to_bytes(const JqAnswers& answers);
JqReply parse_jq_reply(std::string_view bytes);

}  // namespace gonogo
