#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/store/ledger.h"
#include "daemon/store/store_snapshot.h"

namespace gonogo {
namespace {

using nlohmann::json;

// Gives the page of an audit after an entry.
using Pages = std::function<std::optional<json>(std::int64_t after, std::string& problem)>;

Pages pages_of_daemon(const CommonOptions& common, const DaemonOptions& daemon) {
  return [&common, &daemon](std::int64_t after, std::string& problem) -> std::optional<json> {
    const auto answer =
        ask_daemon(common, daemon, "GET", "/api/v1/audit?after=" + std::to_string(after), problem);
    if (!answer) return std::nullopt;
    json page = json::parse(answer->body, nullptr, false);
    if (answer->status == 200 && page.is_object()) return page;
    problem = "the daemon answered " + std::to_string(answer->status) + ": " + answer->detail();
    return std::nullopt;
  };
}

AuditEntry entry_of(const json& entry) {
  return {entry.at("seq").get<std::int64_t>(),
          WallTime{std::chrono::microseconds{entry.at("at").get<std::int64_t>()}},
          entry.at("what").get<std::string>(),
          entry.at("who").get<std::string>(),
          entry.at("body").get<std::string>(),
          entry.at("hash").get<std::string>()};
}

struct Verified {
  std::string problem;  // empty: it holds
  AuditHead head;
  std::int64_t entries = 0;
  std::string key;  // the public key of its signatures
  DecisionReplay decided;
  std::vector<std::string> notes;        // what was found and put right before
  std::vector<std::string> differences;  // what the tables beside it say differently
};

Verified failed(std::string problem, AuditHead head = {}, std::int64_t entries = 0) {
  Verified result;
  result.problem = std::move(problem);
  result.head = std::move(head);
  result.entries = entries;
  return result;
}

// Checks the whole audit against its own digests, its signed head, and an entry noted earlier.
Verified verify(const Pages& pages, const std::string& noted, const std::string& own_key) {
  Verified result;
  std::string problem;
  std::optional<json> page = pages(0, problem);
  if (!page) return failed(problem);
  const std::string key = own_key.empty() ? page->value("public_key", "") : own_key;
  const json begins = page->at("begins_after");
  const AuditHead begin{begins.at("seq").get<std::int64_t>(), begins.at("hash").get<std::string>()};
  if (begin.seq > 0 && !is_signed(key, "checkpoint", begin, begins.value("signature", "")))
    return failed("its checkpoint is not signed with the key");
  AuditVerifier verifier(begin);
  result.key = key;
  bool has_noted = noted.empty();
  while (true) {
    for (const json& text : page->at("entries")) {
      const AuditEntry entry = entry_of(text);
      if (const auto wrong = verifier.take(entry))
        return failed(*wrong, verifier.head(), result.entries);
      ++result.entries;
      result.decided.take(entry);
      if (entry.what == "tables-repaired")
        result.notes.push_back(
            "entry " + std::to_string(entry.seq) +
            ": the tables beside the audit had been changed, and were put right: " +
            on_one_line(entry.body, 400));
      has_noted = has_noted || noted == std::to_string(entry.seq) + ":" + entry.hash;
    }
    result.head = verifier.head();
    const json head = page->value("head", json());
    if (page->at("entries").empty() || !head.is_object() ||
        head.at("seq").get<std::int64_t>() <= result.head.seq) {
      if (!head.is_object()) {
        if (result.entries > 0) result.problem = "its head is gone";
      } else if (head.at("seq").get<std::int64_t>() != result.head.seq ||
                 head.at("hash").get<std::string>() != result.head.hash) {
        result.problem = "it ends at entry " + std::to_string(result.head.seq) + ", wanted " +
                         std::to_string(head.at("seq").get<std::int64_t>()) +
                         ": its end is cut off or changed";
      } else if (!is_signed(key, "head", result.head, head.value("signature", ""))) {
        result.problem = "its head is not signed with the key";
      }
      break;
    }
    page = pages(result.head.seq, problem);
    if (!page) return failed(problem, result.head, result.entries);
  }
  if (result.problem.empty() && !has_noted) result.problem = "it does not hold the entry " + noted;
  if (result.problem.empty()) result.problem = page->value("problem", "");
  result.differences = page->value("differences", std::vector<std::string>());
  return result;
}

// A store that a daemon may have open: it is read, and not disturbed.
Verified verify_store(const AuditOptions& options) {
  const StoreSnapshot store(options.store);
  std::string key = options.key;
  if (key.empty()) key = AuditKey(options.store + ".key", false).public_key();
  const Pages pages = [&store](std::int64_t after, std::string&) {
    return std::optional(json::parse(audit_page(store.database(), after, 500)));
  };
  Verified result = verify(pages, options.head, key);
  if (result.problem.empty() && tables_follow_audit(store.database()))
    result.differences = result.decided.differences(store.database());
  return result;
}

}  // namespace

int audit_verify(const CommonOptions& common, const DaemonOptions& daemon,
                 const AuditOptions& options) {
  Verified result;
  try {
    result = options.store.empty()
                 ? verify(pages_of_daemon(common, daemon), options.head, options.key)
                 : verify_store(options);
  } catch (const SqliteError& error) {
    std::cerr << error.what() << "\n";
    return exit_no_answer;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return exit_no_go;
  }
  const bool is_unanswered = options.store.empty() && result.entries == 0 && result.head.seq == 0;
  if (is_unanswered && !result.problem.empty()) {
    std::cerr << result.problem << "\n";
    return exit_no_answer;
  }
  if (!result.problem.empty()) {
    std::cerr << "the audit does not hold: " << result.problem << "\n";
    return exit_no_go;
  }
  std::cout << "the audit holds: " << counted(result.entries, "entry", "entries") << ", head "
            << result.head.seq << ":" << result.head.hash << ", signed with " << result.key << "\n";
  for (const std::string& note : result.notes) std::cout << note << "\n";
  if (result.differences.empty()) return exit_go;
  std::cerr << "the tables beside the audit were changed; the audit counts:\n";
  for (const std::string& difference : result.differences)
    std::cerr << "  " << on_one_line(difference, 400) << "\n";
  return exit_no_go;
}

int audit_show(const CommonOptions& common, const DaemonOptions& daemon,
               const AuditOptions& options) {
  const Pages pages = pages_of_daemon(common, daemon);
  std::int64_t after = 0;
  while (true) {
    std::string problem;
    const auto page = pages(after, problem);
    if (!page) {
      std::cerr << problem << "\n";
      return exit_no_answer;
    }
    const json entries = page->value("entries", json::array());
    if (entries.empty()) return exit_go;
    for (const json& entry : entries) {
      after = entry.at("seq").get<std::int64_t>();
      if (options.json) {
        std::cout << to_json_text(entry) << "\n";
      } else {
        std::cout << after << " " << entry.value("time", "") << " " << entry.value("what", "")
                  << " by " << entry.value("who", "") << ": " << entry.value("body", "") << "\n";
      }
    }
  }
}

}  // namespace gonogo
