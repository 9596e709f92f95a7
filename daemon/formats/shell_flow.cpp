#include "daemon/formats/shell_flow.h"

#include <algorithm>

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;
using Kind = ShellCommand::Kind;

// Functions that call functions.
constexpr int deepest = 8;

ShellResult opposite(ShellResult result) {
  if (result == ShellResult::unknown) return result;
  return result == ShellResult::good ? ShellResult::bad : ShellResult::good;
}

bool is_pattern(const ShellToken& token) {
  return token.is_expanded || token.text.find_first_of("*?[\\") != std::string::npos;
}

// Whether a branch of "case" is taken.
ShellResult fits(const std::vector<ShellToken>& patterns, const ShellToken& subject) {
  ShellResult result = ShellResult::bad;
  for (const ShellToken& pattern : patterns) {
    if (pattern.text == "*" && !pattern.is_quoted) return ShellResult::good;
    const bool is_known = !is_pattern(pattern) && !subject.is_expanded;
    if (is_known && pattern.text == subject.text) return ShellResult::good;
    if (!is_known) result = ShellResult::unknown;
  }
  return result;
}

}  // namespace

ShellResult ShellFlow::run_list(const ShellList& list) {
  ShellResult last = ShellResult::good;
  for (const ShellAndOr& item : list) {
    if (item.end == "&") {
      in_subshell([&] { return run_and_or(item); });
      last = ShellResult::good;
    } else {
      last = run_and_or(item);
    }
    if (!item.end.empty()) sign(item.end);
  }
  return list.empty() ? ShellResult::unknown : last;
}

ShellResult ShellFlow::run_and_or(const ShellAndOr& item) {
  const auto run = [&](std::size_t i) {
    if (i + 1 == item.pipelines.size()) return run_pipeline(item.pipelines[i]);
    return tested([&] { return run_pipeline(item.pipelines[i]); });
  };
  ShellResult last = run(0);
  bool is_certain = is_live();
  for (std::size_t i = 1; i < item.pipelines.size(); ++i) {
    const bool is_or = item.signs[i - 1] == "||";
    const ShellResult passing = is_or ? ShellResult::bad : ShellResult::good;
    sign(item.signs[i - 1]);
    if (last == ShellResult::unknown) {
      const ShellResult next = perhaps([&] { return run(i); });
      last = next == opposite(passing) ? next : ShellResult::unknown;
      is_certain = false;
    } else if (last == passing) {
      last = run(i);
    } else {
      when(false, [&] { return run(i); });
      is_certain = false;
    }
  }
  const bool fails = last == ShellResult::bad && is_certain && !item.pipelines.back().is_negated;
  if (fails && is_live() && state_.exits_on_error && tests_ == 0) end_shell(ShellResult::bad);
  return last;
}

ShellResult ShellFlow::run_pipeline(const ShellPipeline& pipeline) {
  if (pipeline.is_timed) sign("time");
  if (pipeline.is_negated) sign("!");
  const auto run = [&](const ShellCommand& command) {
    return pipeline.is_negated ? tested([&] { return run_command(command); })
                               : run_command(command);
  };
  ShellResult last = ShellResult::unknown;
  for (std::size_t i = 0; i < pipeline.commands.size(); ++i) {
    const ShellCommand& command = pipeline.commands[i];
    if (i > 0) sign("|");
    feeder_ = i > 0 ? &pipeline.commands[i - 1] : nullptr;
    last = pipeline.commands.size() == 1 ? run(command) : in_subshell([&] { return run(command); });
    feeder_ = nullptr;
  }
  if (pipeline.commands.size() > 1 && state_.has_pipefail && last == ShellResult::good)
    last = ShellResult::unknown;
  return pipeline.is_negated ? opposite(last) : last;
}

ShellResult ShellFlow::run_command(const ShellCommand& command) {
  if (command.kind == Kind::simple) return run_simple(command);
  // Redirections come first, whatever the command is.
  const bool is_refused = is_live() && refuses(command.redirections);
  const ShellResult result = when(!is_refused, [&] { return run_compound(command); });
  mention(command.redirections);
  run_substitutions(command.redirections);
  return result;
}

ShellResult ShellFlow::run_compound(const ShellCommand& command) {
  const auto body = [&](std::size_t i) { return run_list(command.lists[i]); };
  switch (command.kind) {
    case Kind::simple: break;
    case Kind::stray:
    case Kind::arithmetic:
      mention(command.words);
      run_substitutions(command.words);
      break;
    case Kind::subshell: {
      sign("(");
      const ShellResult result = in_subshell([&] { return body(0); });
      sign(")");
      return result;
    }
    case Kind::group: {
      sign("{");
      const ShellResult result = body(0);
      sign("}");
      return result;
    }
    case Kind::conditional: return run_if(command);
    case Kind::loop:
    case Kind::until_loop: return run_while(command);
    case Kind::each_loop: return run_for(command);
    case Kind::choice: return run_case(command);
    case Kind::function: define(command); return ShellResult::good;
  }
  return ShellResult::unknown;
}

// A condition and its commands; behind them what is left of the "if".
ShellResult ShellFlow::run_if(const ShellCommand& command, std::size_t at) {
  if (at >= command.lists.size()) return ShellResult::unknown;
  if (at + 1 == command.lists.size()) {
    sign("else");
    return run_list(command.lists[at]);
  }
  sign(at == 0 ? "if" : "elif");
  const ShellResult condition = tested([&] { return run_list(command.lists[at]); });
  sign("then");
  const ShellEnd before = state_.end;
  ShellResult result =
      when(condition != ShellResult::bad, [&] { return run_list(command.lists[at + 1]); });
  const ShellEnd then_end = std::exchange(state_.end, before);
  const ShellResult other =
      when(condition != ShellResult::good, [&] { return run_if(command, at + 2); });
  const bool has_else = at + 2 < command.lists.size();
  const ShellEnd else_end = has_else ? state_.end : before;
  if (condition == ShellResult::good) {
    state_.end = then_end;
  } else if (condition == ShellResult::bad) {
    result = has_else ? other : ShellResult::good;
  } else {
    state_.end = std::min(then_end, else_end);
    result = ShellResult::unknown;
  }
  if (at == 0) sign("fi");
  return result;
}

ShellResult ShellFlow::run_while(const ShellCommand& command) {
  const bool is_until = command.kind == Kind::until_loop;
  sign(is_until ? "until" : "while");
  ShellResult condition = tested([&] { return run_list(command.lists[0]); });
  if (is_until) condition = opposite(condition);
  run_turns(command, 1, condition);
  return ShellResult::unknown;
}

// The commands of a loop, which has a first turn by `is_entered`.
void ShellFlow::run_turns(const ShellCommand& command, std::size_t commands,
                          ShellResult is_entered) {
  sign("do");
  const auto turn = [&] {
    ++loops_;
    const ShellResult result =
        commands < command.lists.size() ? run_list(command.lists[commands]) : ShellResult::unknown;
    --loops_;
    if (state_.end == ShellEnd::loop) state_.end = ShellEnd::none;
    return result;
  };
  when(is_entered != ShellResult::bad,
       [&] { return is_entered == ShellResult::good ? turn() : perhaps(turn); });
  sign("done");
}

ShellResult ShellFlow::run_for(const ShellCommand& command) {
  sign("for");
  mention(command.words);
  if (is_live() && refuses(command.words)) return ShellResult::bad;
  run_substitutions(command.words);
  if (!command.words.empty()) state_.variables.insert(command.words[0].text);
  ShellResult is_entered = ShellResult::unknown;
  const Words items = Words(command.words).subspan(std::min<std::size_t>(1, command.words.size()));
  const bool is_arithmetic = !command.words.empty() && command.words[0].text == "(";
  if (!command.has_words) {
    const bool has_none = functions_ == 0 && !state_.has_arguments;
    is_entered = has_none ? ShellResult::bad : ShellResult::unknown;
  } else if (items.empty()) {
    is_entered = ShellResult::bad;
  } else if (!is_arithmetic && std::any_of(items.begin(), items.end(), [](const ShellToken& item) {
               return !item.is_expanded;
             })) {
    is_entered = ShellResult::good;
  }
  run_turns(command, 0, is_entered);
  return ShellResult::unknown;
}

ShellResult ShellFlow::run_case(const ShellCommand& command) {
  sign("case");
  ShellResult result = ShellResult::unknown;
  mention(command.words);
  if (is_live() && refuses(command.words)) return ShellResult::bad;
  run_substitutions(command.words);
  ShellResult is_left = ShellResult::good;  // whether no branch above was taken
  for (std::size_t i = 0; i < command.lists.size(); ++i) {
    mention(command.patterns[i]);
    sign(")");
    const ShellResult fit =
        command.words.empty() ? ShellResult::unknown : fits(command.patterns[i], command.words[0]);
    const auto body = [&] { return run_list(command.lists[i]); };
    const bool is_certain = is_left == ShellResult::good && fit == ShellResult::good;
    const ShellResult own = when(is_left != ShellResult::bad && fit != ShellResult::bad,
                                 [&] { return is_certain ? body() : perhaps(body); });
    if (is_certain) result = own;
    if (fit == ShellResult::good) is_left = ShellResult::bad;
    if (fit == ShellResult::unknown && is_left == ShellResult::good) is_left = ShellResult::unknown;
    sign(";;");
  }
  sign("esac");
  return result;
}

void ShellFlow::define(const ShellCommand& command) {
  mention(command.words);
  if (command.lists.empty()) return;
  when(false, [&] { return run_list(command.lists[0]); });
  if (is_live() && !command.words.empty())
    state_.functions[command.words[0].text] = std::make_shared<const ShellList>(command.lists[0]);
}

ShellResult ShellFlow::call(const std::string& name) {
  const std::shared_ptr<const ShellList> body = state_.functions.at(name);
  if (functions_ >= deepest) return ShellResult::unknown;
  ++functions_;
  const int loops = std::exchange(loops_, 0);
  ShellResult result = run_list(*body);
  loops_ = loops;
  --functions_;
  if (state_.end == ShellEnd::function) {
    result = state_.status;
    state_.end = ShellEnd::none;
  }
  return result;
}

}  // namespace gonogo
