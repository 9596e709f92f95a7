#include "daemon/core/signoff_ruling.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

// Stores of former versions hold several sign-offs of one person in a role.
bool is_replaced(const Signoff& signoff, const std::vector<const Signoff*>& given) {
  return std::any_of(given.begin(), given.end(), [&](const Signoff* other) {
    return is_by_the_same(*other, signoff) &&
           std::tie(other->id, other->at) > std::tie(signoff.id, signoff.at);
  });
}

}  // namespace

SignoffRuling rule_on(const SignoffRule& rule, const std::vector<const Signoff*>& given,
                      const std::string& release, WallTime now) {
  SignoffRuling ruling;
  std::set<std::string_view> people;
  for (const Signoff* signoff : given) {
    // One from the future is not trusted: the clock was set back, or the record is forged.
    if (signoff->role != rule.role || signoff->at > now || is_replaced(*signoff, given)) continue;
    if (is_for_another(*signoff, rule.end(), release)) {
      ruling.other_release = signoff->release;
      continue;
    }
    // What has ended stays ended, even if the rule that ended it is no longer in force.
    const auto end = signoff->ended ? signoff->ended : end_of(*signoff, rule.end());
    if (signoff->ended || (end && now >= *end)) {
      ruling.lapsed = std::max(ruling.lapsed.value_or(*end), *end);
      continue;
    }
    if (end) ruling.until = std::min(ruling.until.value_or(*end), *end);
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
