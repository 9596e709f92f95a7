#include "exporters/junit_document.h"

#include "daemon/core/text.h"
#include "exporters/markup.h"

namespace gonogo {
namespace {

std::string test_case(const Snapshot& snapshot, const PolledChecks& polled, std::size_t index) {
  const Check& check = snapshot.checklist->checks[index];
  const CheckStatus& status = snapshot.checks[index];
  const auto& last = snapshot.checks[index].record.last;
  const std::string gate = snapshot.checklist->gates[check.gate].id;
  std::string text = "    <testcase classname=\"" + markup_escaped(gate) + "\" name=\"" +
                     markup_escaped(check.id) + "\" time=\"" +
                     std::to_string(last ? in_seconds(last->took) : 0) + "\">";
  if (!status.good) {
    const bool blocks = check.severity == Severity::blocker && polled.is_asked(index);
    text += std::string("<") + (blocks ? "failure" : "skipped") + " message=\"" +
            std::string(name_of(status.reason)) + ": " +
            markup_escaped(on_one_line(status.summary, 400)) + "\"/>";
  }
  return text + "</testcase>\n";
}

std::string suite(const std::string& name, std::size_t tests, std::size_t failures,
                  const std::string& cases) {
  return "  <testsuite name=\"" + markup_escaped(name) + "\" tests=\"" + std::to_string(tests) +
         "\" failures=\"" + std::to_string(failures) + "\">\n" + cases + "  </testsuite>\n";
}

std::string calendar_case(const Closure& closure) {
  return "    <testcase classname=\"calendar\" name=\"open\" time=\"0\"><failure "
         "message=\"frozen: " +
         markup_escaped(on_one_line(closure.reason, 400)) + "\"/></testcase>\n";
}

}  // namespace

std::string junit_document(const Snapshot& snapshot, const PolledChecks& polled) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gonogo\">\n";
  for (const Gate& gate : snapshot.checklist->gates) {
    std::string cases;
    std::size_t count = 0;
    for (const std::size_t check : gate.checks) {
      if (!polled.is_shown(check)) continue;
      cases += test_case(snapshot, polled, check);
      ++count;
    }
    if (count > 0)
      text += suite(gate.id, count, count_blocking(snapshot, polled, gate.checks), cases);
  }
  if (snapshot.frozen) text += suite("calendar", 1, 1, calendar_case(*snapshot.frozen));
  return text + "</testsuites>\n";
}

}  // namespace gonogo
