// Several parts of one run at the same time, and what each of them found.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/io/parts.h"
#include "probes/resources.h"

namespace gonogo {

template <typename Answer>
struct PartEnd {
  std::optional<Answer> answer;
  Finding failure;  // why there is no answer
  Duration took{};
};

template <typename Answer>
PartEnd<Answer> end_of(PartResult<Answer>&& result) {
  PartEnd<Answer> end{std::move(result.answer), {}, result.took};
  if (result.is_late) {
    end.failure = Finding::fail(Reason::timeout, "no answer within " + to_words(result.took) +
                                                     " at " + std::string(name_of(result.stage)));
  } else if (result.error) {
    end.failure = finding_of(result.error, result.stage);
  }
  return end;
}

// As run_parts(): a part that has not ended by `deadline` has failed with `timeout`. Leave the run
// itself some time after `deadline`, otherwise it ends before it can report what the parts found.
template <typename Answer>
boost::asio::awaitable<std::vector<PartEnd<Answer>>> side_by_side(Resources& resources,
                                                                  SteadyTime deadline,
                                                                  std::vector<Part<Answer>> parts) {
  auto running = run_parts<Answer>(resources, deadline, std::move(parts));
  auto results = co_await std::move(running);
  std::vector<PartEnd<Answer>> ends;
  for (PartResult<Answer>& result : results) ends.push_back(end_of(std::move(result)));
  co_return ends;
}

// The moment by which parts have to be done: a tenth of what is left is kept for the run itself.
inline SteadyTime deadline_of_parts(const Attempt& attempt) {
  return attempt.deadline() - attempt.remaining() / 10;
}

}  // namespace gonogo
