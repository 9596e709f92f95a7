#include "daemon/cli/parser.h"

#include "daemon/cli/verb_table.h"
#include "daemon/core/units.h"
#include "daemon/version.h"

namespace gonogo {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string objection_to_duration(std::string& text) {
  if (parse_duration(text)) return {};
  return "\"" + text + "\" is no duration (such as 30s, 45m)";
}

std::vector<std::string> choices_of(const VerbOption& row) {
  return CLI::detail::split(row.value, '|');
}

void add_check(CLI::Option& option, const VerbOption& row) {
  // The description is empty because the value's name says the same.
  switch (row.accepts) {
    case Accepts::any: return;
    case Accepts::file: option.check(CLI::Validator(CLI::ExistingFile).description("")); return;
    case Accepts::duration: option.check(CLI::Validator(objection_to_duration, "")); return;
    case Accepts::choice:
      option.check(CLI::Validator(CLI::IsMember(choices_of(row))).description(""));
      return;
    case Accepts::limit: option.check(CLI::Validator(CLI::Range(1, 1000)).description("")); return;
  }
}

// An option with its default where it has one.
CLI::Option* add_target(CLI::App& app, const VerbOption& row, Parsed& parsed) {
  return std::visit(
      Overloaded{
          [&](std::string& (*text)(Parsed&)) {
            CLI::Option* option = app.add_option(row.name, text(parsed), row.what);
            return text(parsed).empty() ? option : option->capture_default_str();
          },
          [&](bool& (*flag)(Parsed&)) { return app.add_flag(row.name, flag(parsed), row.what); },
          [&](int& (*number)(Parsed&)) {
            return app.add_option(row.name, number(parsed), row.what)->capture_default_str();
          },
          [&](Duration& (*span)(Parsed&)) {
            Duration& target = span(parsed);
            const auto read = [&target](const std::string& text) {
              target = parse_duration(text).value_or(Duration::zero());
            };
            return app.add_option_function<std::string>(row.name, read, row.what)
                ->default_str(to_words(target));
          },
          [&](std::vector<std::string>& (*texts)(Parsed&)) {
            return app.add_option(row.name, texts(parsed), row.what);
          }},
      row.target);
}

std::string first_name(const std::string& names) { return names.substr(0, names.find(',')); }

void add_options(CLI::App& app, const Verb& verb, Parsed& parsed) {
  for (const VerbOption& row : verb.options) {
    CLI::Option* option = add_target(app, row, parsed);
    if (!row.is_flag()) option->type_name(row.value);
    if (row.is_required) option->required();
    if (!row.environment.empty()) option->envname(row.environment);
    add_check(*option, row);
  }
  for (const VerbOption& row : verb.options) {
    const std::string name = first_name(row.name);
    if (!row.needs.empty()) app.get_option(name)->needs(app.get_option(row.needs));
    if (!row.excludes.empty()) app.get_option(name)->excludes(app.get_option(row.excludes));
  }
}

}  // namespace

std::unique_ptr<CLI::App> make_parser(Parsed& parsed) {
  auto app = std::make_unique<CLI::App>(std::string("gonogo: ") + purpose, "gonogo");
  app->set_version_flag("--version", std::string("gonogo ") + version + " (" + revision + ")");
  app->require_subcommand(1);
  std::map<std::string, CLI::App*> groups;
  for (const Verb& verb : verbs()) {
    CLI::App* parent = app.get();
    const std::size_t blank = verb.name.find(' ');
    if (blank != std::string::npos) {
      CLI::App*& group = groups[verb.name.substr(0, blank)];
      if (group == nullptr) {
        for (const VerbGroup& row : verb_groups()) {
          if (verb.name.starts_with(row.name + " "))
            group = app->add_subcommand(row.name, row.summary)->require_subcommand(1);
        }
      }
      parent = group;
    }
    const std::size_t begin = blank == std::string::npos ? 0 : blank + 1;
    CLI::App* subcommand = parent->add_subcommand(verb.name.substr(begin), verb.summary);
    add_options(*subcommand, verb, parsed);
    subcommand->callback([&parsed, run = verb.run] { parsed.exit_code = run(parsed); });
  }
  return app;
}

}  // namespace gonogo
