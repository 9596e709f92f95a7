#include "daemon/core/signoff_ruling.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "daemon/core/text.h"

namespace gonogo {

SignoffRuling rule_on(const SignoffRule& rule, const std::vector<const Signoff*>& given,
                      const std::string& release, WallTime now) {
  SignoffRuling ruling;
  std::set<std::string_view> people;
  for (const Signoff* signoff : given) {
    // One from the future is not trusted: the clock was set back, or the record is forged.
    if (signoff->role != rule.role || signoff->at > now) continue;
    if (rule.per_release && (release.empty() || signoff->release != release)) {
      ruling.other_release = signoff->release;
      continue;
    }
    if (rule.valid_for) {
      const WallTime end = end_of(*signoff, *rule.valid_for);
      if (signoff->ended || now >= end) {
        ruling.lapsed = std::max(ruling.lapsed.value_or(end), end);
        continue;
      }
      ruling.until = std::min(ruling.until.value_or(end), end);
    }
    people.insert(signoff->who);
    ruling.counting.push_back(signoff);
  }
  ruling.people = people.size();
  return ruling;
}

std::string words_for_missing(const SignoffRule& rule, const SignoffRuling& ruling,
                              const std::string& release) {
  std::string words = "no sign-off by " + rule.role;
  if (ruling.lapsed) words = "sign-off by " + rule.role + " ended " + to_rfc3339(*ruling.lapsed);
  if (rule.people > 1)
    words = std::to_string(ruling.people) + " of " + std::to_string(rule.people) +
            " people in role " + rule.role + " signed off";
  if (!rule.per_release) return words;
  if (release.empty()) return words + "; no release is announced for which they could";
  words += " for release " + in_quotes(release);
  if (!ruling.other_release.empty())
    words += ", the last was for " + in_quotes(ruling.other_release);
  return words;
}

}  // namespace gonogo
