#include "exporters/junit_document.h"

#include "daemon/core/text.h"
#include "exporters/markup.h"

namespace gonogo {
namespace {

std::string test_case(const Snapshot& snapshot, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  const auto& last = snapshot.checks[index].record.last;
  const std::string gate = snapshot.checklist->gates[check.gate].id;
  std::string text = "    <testcase classname=\"" + markup_escaped(gate) + "\" name=\"" +
                     markup_escaped(check.id) + "\" time=\"" +
                     std::to_string(last ? in_seconds(last->took) : 0) + "\">";
  if (!status.good) {
    const bool blocks = check.severity == Severity::blocker;
    text += std::string("<") + (blocks ? "failure" : "skipped") + " message=\"" +
            std::string(name_of(status.reason)) + ": " +
            markup_escaped(on_one_line(status.summary, 400)) + "\"/>";
  }
  return text + "</testcase>\n";
}

}  // namespace

std::string junit_document(const Snapshot& snapshot) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gonogo\">\n";
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    const Gate& gate = snapshot.checklist->gates[i];
    text += "  <testsuite name=\"" + markup_escaped(gate.id) + "\" tests=\"" +
            std::to_string(gate.checks.size()) + "\" failures=\"" +
            std::to_string(snapshot.gates[i].blocking) + "\">\n";
    for (const std::size_t check : gate.checks) text += test_case(snapshot, check);
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace gonogo
