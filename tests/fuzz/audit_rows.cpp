// Rows of the audit. Lines of the input change a chain that was written by the daemon: whatever
// they do, it is found. And any entry at all is replayed.
#include <algorithm>

#include "daemon/store/audit_chain.h"
#include "daemon/store/decision_replay.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

constexpr std::int64_t begin = 1'775'347'200'000'000;  // 2026-04-05

std::vector<AuditEntry> chain() {
  std::vector<AuditEntry> entries;
  AuditHead head;
  const auto add = [&](const std::string& what, const std::string& body) {
    AuditEntry entry{head.seq + 1, WallTime{std::chrono::microseconds{begin + head.seq}},
                     what,         "A. Lead",
                     body,         {}};
    entry.hash = hash_of(head.hash, entry);
    head = {entry.seq, entry.hash};
    entries.push_back(std::move(entry));
  };
  add("configuration", configuration_to_json("d1", {{"drill", {.per_release = true}}}));
  add("release", release_body("v1"));
  add("signoff", R"({"check":"drill","role":"lead","note":"fine","release":"v1"})");
  add("waiver", R"({"check":"api","why":"known","until":1775350800000000,"release":null})");
  add("signoff-withdrawn", R"({"seq":3})");
  return entries;
}

// Why the rows are no chain that ends at `head`.
std::optional<std::string> problem_of(const std::vector<AuditEntry>& entries,
                                      const AuditHead& head) {
  AuditVerifier verifier{AuditHead{}};
  for (const AuditEntry& entry : entries) {
    if (auto problem = verifier.take(entry)) return problem;
  }
  const bool is_end = verifier.head().seq == head.seq && verifier.head().hash == head.hash;
  return is_end ? std::nullopt : std::optional<std::string>("its end was removed");
}

bool is_same(const AuditEntry& one, const AuditEntry& other) {
  return one.seq == other.seq && one.at == other.at && one.what == other.what &&
         one.who == other.who && one.body == other.body && one.hash == other.hash;
}

// The first two characters say which row and what of it; the rest is put there.
void change(std::vector<AuditEntry>& entries, std::string_view line) {
  if (line.size() < 2 || entries.empty()) return;
  const std::size_t at = static_cast<unsigned char>(line[0]) % entries.size();
  const std::size_t other = line.size() % entries.size();
  const std::string text(line.substr(2));
  AuditEntry& entry = entries[at];
  const auto place = entries.begin() + static_cast<std::ptrdiff_t>(at);
  switch (line[1]) {
    case 'b': entry.body = text; break;
    case 'w': entry.what = text; break;
    case 'o': entry.who = text; break;
    case 'h': entry.hash = text; break;
    case 's': entry.seq = static_cast<std::int64_t>(text.size()); break;
    case 't': entry.at += std::chrono::microseconds{text.size()}; break;
    case 'd': entries.erase(place); break;
    case 'c': entries.insert(place, entries[other]); break;
    case 'x': std::swap(entries[at], entries[other]); break;
    case 'r': entry.hash = hash_of(at == 0 ? AuditHead{}.hash : entries[at - 1].hash, entry); break;
    default: break;
  }
}

void replay(const std::vector<AuditEntry>& entries) {
  DecisionReplay replay;
  for (const AuditEntry& entry : entries) replay.take(entry);
  const Decisions decisions = replay.decisions();
  hold(decisions.signoffs.size() <= entries.size() && decisions.waivers.size() <= entries.size(),
       "an entry decides one thing");
  for (const Signoff& signoff : decisions.signoffs) static_cast<void>(to_json(signoff));
  const auto needed = replay.first_needed(WallTime{std::chrono::microseconds{begin}});
  if (!decisions.waivers.empty() || !decisions.signoffs.empty())
    hold(needed || decisions.signoffs.empty(), "what decides is kept");
  if (!decisions.deployment) return;
  const auto again = deployment_from_json(to_json(*decisions.deployment));
  hold(again && to_json(*again) == to_json(*decisions.deployment), "a deploy is read as written");
}

}  // namespace

void fuzz(std::string_view input) {
  const std::vector<AuditEntry> written = chain();
  const AuditHead head{written.back().seq, written.back().hash};
  std::vector<AuditEntry> rows = written;
  hold(!problem_of(rows, head), "what was written is a chain");
  std::string_view lines = input;
  for (int changes = 0; changes < 8 && !lines.empty(); ++changes) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    change(rows, lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  const bool is_unchanged =
      std::equal(rows.begin(), rows.end(), written.begin(), written.end(), is_same);
  hold(problem_of(rows, head).has_value() != is_unchanged, "each change is found, and no other");
  replay(rows);
  for (const char* what : {"signoff", "waiver", "configuration", "deployment", "release"}) {
    AuditEntry entry{1, WallTime{std::chrono::microseconds{begin}}, what, "A", std::string(input),
                     {}};
    replay({entry});
  }
}

}  // namespace gonogo
