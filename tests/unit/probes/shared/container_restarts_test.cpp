#include "probes/shared/container_restarts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

const Now start{SteadyTime{} + 1000h, WallTime{} + 24h * 20'000};

Now later(Duration span) {
  return {start.steady + span,
          start.wall + std::chrono::duration_cast<std::chrono::microseconds>(span)};
}

std::string id_of(int number) { return "container-" + std::to_string(1000 + number); }

TEST(ContainerRestarts, ARiseIsKnownInThisProcessAndInALaterOne) {
  ContainerRestarts restarts;
  restarts.count("a", 3, start.steady);
  restarts.count("b", 3, start.steady);
  EXPECT_FALSE(restarts.last_rise("a")) << "what was before the first run is not known";
  restarts.count("a", 4, start.steady + 1min);
  restarts.count("b", 3, start.steady + 1min);
  EXPECT_EQ(restarts.last_rise("a"), start.steady + 1min);
  EXPECT_FALSE(restarts.last_rise("b"));
  EXPECT_FALSE(restarts.last_rise("nosuch"));

  ContainerRestarts next(restarts.note(later(1min)), later(2min));
  EXPECT_EQ(next.last_rise("a"), start.steady + 1min);
  next.count("b", 4, start.steady + 2min);
  EXPECT_EQ(next.last_rise("b"), start.steady + 2min) << "the count itself is in the note too";
}

TEST(ContainerRestarts, EachOfManyContainersIsRememberedFromRunToRun) {
  ContainerRestarts restarts;
  constexpr int many = 250;
  for (int i = 0; i < many; ++i) restarts.count(id_of(i), 0, start.steady);
  restarts.note(later(0s));
  for (int i = 0; i < many; ++i) restarts.count(id_of(i), 1, start.steady + 30s);
  for (int i = 0; i < many; ++i)
    EXPECT_EQ(restarts.last_rise(id_of(i)), start.steady + 30s) << id_of(i);
}

TEST(ContainerRestarts, TheNoteIsBoundedAndHoldsThoseThatRestartFirst) {
  ContainerRestarts restarts;
  for (int i = 0; i < 250; ++i) restarts.count(id_of(i), 0, start.steady);
  // By their names the others come first.
  for (const int i : {240, 241}) restarts.count(id_of(i), 1, start.steady + 30s);
  for (int i = 100; i < 250; ++i)
    restarts.count(id_of(i), i == 240 || i == 241, start.steady + 1min);
  const std::string note = restarts.note(later(1min));
  const auto containers = nlohmann::json::parse(note).at("containers");
  EXPECT_EQ(containers.size(), 100U);
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(containers.contains(id_of(i))) << id_of(i) << " was not seen in the last run";
  const ContainerRestarts next(note, later(2min));
  for (const int i : {240, 241}) EXPECT_EQ(next.last_rise(id_of(i)), start.steady + 30s);
}

TEST(ContainerRestarts, ContainersThatAreGoneAreForgotten) {
  ContainerRestarts restarts;
  for (const char* id : {"old", "new"}) restarts.count(id, 0, start.steady);
  for (const char* id : {"old", "new"}) restarts.count(id, 1, start.steady + 1s);
  restarts.count("new", 1, start.steady + 2h);
  restarts.forget_unseen_since(start.steady + 1h);
  EXPECT_FALSE(restarts.last_rise("old"));
  EXPECT_TRUE(restarts.last_rise("new"));
}

TEST(ContainerRestarts, ANoteOfAnotherKindIsNone) {
  for (const char* note :
       {"", "x", "[]", "{}", R"({"boot":7})", R"({"boot":"b","containers":{"a":{"count":1}}})",
        R"({"boot":"b","containers":{"a":{"count":1,"rose":1,"seen":[1]}}})"}) {
    ContainerRestarts restarts(note, start);
    restarts.count("a", 5, start.steady);
    EXPECT_FALSE(restarts.last_rise("a")) << note;
  }
}

}  // namespace
}  // namespace gonogo
