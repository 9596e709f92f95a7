#include "daemon/formats/jq_messages.h"

#include <cstdint>
#include <cstring>

namespace gonogo {
namespace {

void append_number(std::string& to, std::uint64_t number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& to, std::string_view text) {
  append_number(to, text.size());
  to.append(text);
}

std::optional<std::uint64_t> take_number(std::string_view& from) {
  std::uint64_t number = 0;
  if (from.size() < sizeof number) return std::nullopt;
  std::memcpy(&number, from.data(), sizeof number);
  from.remove_prefix(sizeof number);
  return number;
}

std::optional<std::string_view> take_text(std::string_view& from) {
  const auto size = take_number(from);
  if (!size || *size > from.size()) return std::nullopt;
  const std::string_view text = from.substr(0, *size);
  from.remove_prefix(*size);
  return text;
}

std::optional<std::vector<std::string_view>> take_texts(std::string_view& from) {
  const auto count = take_number(from);
  if (!count) return std::nullopt;
  std::vector<std::string_view> texts;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto text = take_text(from);
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

std::optional<JqAnswers> parse_answers(std::string_view bytes) {
  const auto problem = take_text(bytes);
  const auto values = problem ? take_texts(bytes) : std::nullopt;
  if (!values) return std::nullopt;
  return JqAnswers{{values->begin(), values->end()}, std::string(*problem)};
}

}  // namespace

std::string to_bytes(const JqRequest& request) {
  std::string bytes;
  append_number(bytes, request.asks_truth ? 1 : 0);
  for (const auto* texts : {&request.expressions, &request.texts}) {
    append_number(bytes, texts->size());
    for (const std::string_view text : *texts) append_text(bytes, text);
  }
  return bytes;
}

std::optional<JqRequest> parse_jq_request(std::string_view bytes) {
  const auto asks_truth = take_number(bytes);
  const auto expressions = asks_truth ? take_texts(bytes) : std::nullopt;
  const auto texts = expressions ? take_texts(bytes) : std::nullopt;
  if (!texts || !bytes.empty()) return std::nullopt;
  return JqRequest{*expressions, *texts, *asks_truth == 1};
}

void append_part(std::string& reply, JqPart part, std::string_view content) {
  reply += static_cast<char>(part);
  append_text(reply, content);
}

std::string to_bytes(const JqAnswers& answers) {
  std::string bytes;
  append_text(bytes, answers.problem);
  append_number(bytes, answers.values.size());
  for (const std::string& value : answers.values) append_text(bytes, value);
  return bytes;
}

JqReply parse_jq_reply(std::string_view bytes) {
  JqReply reply;
  while (!bytes.empty() && !reply.is_whole) {
    const auto part = static_cast<JqPart>(bytes.front());
    bytes.remove_prefix(1);
    const auto content = take_text(bytes);
    if (!content) break;
    switch (part) {
      case JqPart::compile_problem: reply.compile_problem = *content; continue;
      case JqPart::text_problem: reply.text_problem = *content; continue;
      case JqPart::truths: reply.truths += *content; continue;
      case JqPart::end: reply.is_whole = true; continue;
      case JqPart::answers:
        if (auto answers = parse_answers(*content)) {
          reply.answers.push_back(std::move(*answers));
          continue;
        }
        break;
    }
    break;
  }
  return reply;
}

}  // namespace gonogo
