#include "daemon/cli/man_page.h"

#include "daemon/cli/verb_table.h"
#include "daemon/version.h"

namespace gonogo {
namespace {

// Text as roff takes it: hyphens that can be copied, and no line that begins a request.
std::string in_roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + in_roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + in_roff(text) + "\\fR"; }

// "--config,-c" as "--config, -c".
std::string names_of(const VerbOption& option) {
  std::string names;
  for (const char c : option.name) {
    names += c;
    if (c == ',') names += ' ';
  }
  return names;
}

std::string described(const VerbOption& option) {
  std::string text = ".TP\n";
  if (option.is_argument()) {
    text += italic(option.value);
  } else {
    text += bold(names_of(option));
    if (!option.is_flag()) text += " " + italic(option.value);
  }
  text += "\n" + in_roff(option.what);
  if (option.is_required) text += " (required)";
  if (!option.environment.empty()) text += " (environment: " + in_roff(option.environment) + ")";
  if (!option.needs.empty()) text += " (only with " + bold(option.needs) + ")";
  if (!option.excludes.empty()) text += " (not with " + bold(option.excludes) + ")";
  return text + "\n";
}

std::string exits_of(const ExitMeanings& exits) {
  std::string text = ".PP\nExit status: ";
  const auto add = [&text](const char* code, std::string_view meaning) {
    if (!meaning.empty()) text += std::string(code) + " " + in_roff(meaning) + ", ";
  };
  add("0", exits.zero);
  add("1", exits.one);
  add("2", exits.two);
  add("3", exits.three);
  add("78", exits.bad_config);
  return text + "64 wrong usage.\n";
}

std::string described(const Verb& verb) {
  std::string text =
      ".SS " + in_roff("gonogo " + usage_of(verb)) + "\n" + in_roff(verb.summary) + ".\n";
  for (const VerbOption& option : verb.options) text += described(option);
  return text + exits_of(verb.exits);
}

}  // namespace

std::string man_page() {
  std::string text = std::string(".TH GONOGO 8 \"\" \"gonogo ") + version +
                     "\" \"System Administration\"\n"
                     ".SH NAME\ngonogo \\- " +
                     purpose +
                     "\n.SH SYNOPSIS\n.B gonogo\n.I VERB\n.RI [ OPTION ]...\n.br\n"
                     ".B gonogo \\-\\-version\n.SH DESCRIPTION\n"
                     "gonogo keeps a go/no\\-go checklist true. Every item is a check that a probe "
                     "runs on a schedule; checks belong to gates; all gates together make one "
                     "verdict, GO or NO\\-GO, with its reasons.\n.SH VERBS\n";
  for (const Verb& verb : verbs()) text += described(verb);
  return text +
         ".SH EXIT STATUS\n"
         "0 GO or done, 1 NO\\-GO or refused, 2 no answer from the daemon, 3 a deploy is "
         "unproven, 64 wrong usage, "
         "78 bad configuration. The codes of each verb are above.\n"
         ".SH ENVIRONMENT\n"
         ".TP\n.B GONOGO_CONFIG\\fR, \\fBGONOGO_URL\\fR, \\fBGONOGO_TOKEN_FILE\\fR, "
         "\\fBGONOGO_CA\\fR, "
         "\\fBGONOGO_CERT\\fR, \\fBGONOGO_CERT_KEY\n"
         "are used for the options named above when these are not given.\n"
         ".TP\n.B GONOGO_LISTEN\\fR, \\fBGONOGO_STORE\n"
         "override server.listen and store.path of the configuration.\n"
         ".SH FILES\n.TP\n.I /etc/gonogo/gonogo.yaml\nthe configuration\n"
         ".SH SEE ALSO\n.BR systemd (1),\n.BR prometheus (1)\n";
}

}  // namespace gonogo
