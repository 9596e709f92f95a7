// Which members a composite has.
#include <gtest/gtest.h>

#include "daemon/config/config.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

class CompositeMembers : public testing::Test {
 protected:
  // Of `c`, beside two gates: their ids, and how many of them are needed.
  std::string members(const std::string& rule, const std::string& more = "") {
    const auto config = load_config(scratch.write("gonogo.yaml", R"(
gates:
  g:
    checks:
      a: {item: "1.1", severity: advisory, disk: {path: /}}
      a2: {item: "1.2", disk: {path: /}}
      b: {item: "2.1", severity: advisory, disk: {path: /}}
      only-a: {composite: {all_of: [a]}}
      signed-a: {signoff: {role: lead}, composite: {all_of: [a]}}
      a-or-b: {composite: {any_of: [a, b]}}
)" + more + "      c: {composite: " + rule + "}\n" + R"(
  h:
    checks:
      y: {item: "3.1", disk: {path: /}}
      z: {item: "3.2", severity: advisory, disk: {path: /}}
  advice:
    checks:
      w: {severity: advisory, disk: {path: /}}
)"),
                                    {}, bench.resources);
    std::string text;
    if (!config) {
      for (const Problem& problem : config.error()) text += problem.text + "\n";
      return text;
    }
    const Checklist& list = *config->checklist;
    const CompositeRule& composite = *list.checks[*list.find_check("c")].composite;
    for (const CompositeRule::Member& member : composite.members) {
      text += member.is_gate ? "gate:" + list.gates[member.index].id : list.checks[member.index].id;
      text += " ";
    }
    return text + std::to_string(composite.at_least);
  }
  Scratch scratch;
  Workbench bench;
};

TEST_F(CompositeMembers, PatternsThatOverlapAreMerged) {
  EXPECT_EQ(members("{at_least: 2, of: [a, '1.*', b]}"), "a a2 b 2");
  EXPECT_EQ(members("{at_least: 2, of: ['1.1', '1.*', b]}"), "a a2 b 2");
  EXPECT_EQ(members("{at_least: 2, of: ['1.*', a, b]}"), "a a2 b 2");
  EXPECT_EQ(members("{all_of: ['1.*', '1.2', a]}"), "a a2 2");
  EXPECT_EQ(members("{any_of: [a, '1.1']}"), "a 1");
}

TEST_F(CompositeMembers, AreCountedOnceMerged) {
  EXPECT_EQ(members("{at_least: 3, of: [a, '1.*']}"), "needs 3 of only 2 members\n");
  EXPECT_EQ(members("{at_least: 3, of: [a, '1.*', b]}"), "a a2 b 3");
}

TEST_F(CompositeMembers, WrittenTwiceAreAProblem) {
  for (const char* rule :
       {"{at_least: 2, of: [a, a, b]}", "{all_of: [a, b, a]}", "{any_of: [a, a]}"})
    EXPECT_EQ(members(rule), "names \"a\" twice (a member counts once; give it once)\n") << rule;
  EXPECT_EQ(members("{at_least: 2, of: ['1.*', '1.*', b]}"),
            "names \"1.*\" twice (a member counts once; give it once)\n");
  EXPECT_EQ(members("{at_least: 2, of: [h, h, b]}"),
            "names \"h\" twice (a member counts once; give it once)\n");
  EXPECT_EQ(members("{at_least: 2, of: [h, 'gate:h', b]}"),
            "names \"gate:h\" twice (a member counts once; give it once)\n");
  EXPECT_EQ(members("{at_least: 2, of: [a, a, a]}"),
            "names \"a\" twice (a member counts once; give it once)\n"
            "needs 2 of only 1 member\n");
}

TEST_F(CompositeMembers, WhichAnotherMemberCountsAlreadyAreNotCountedAgain) {
  const std::string in_gate =
      "counts \"y\" twice: by itself and in \"gate:h\" (leave one of the two out)\n";
  EXPECT_EQ(members("{at_least: 2, of: [h, y, b]}"), in_gate);
  EXPECT_EQ(members("{at_least: 2, of: ['3.*', 'gate:h', b]}"), in_gate);
  EXPECT_EQ(members("{at_least: 2, of: [a, only-a, b]}"),
            "counts \"a\" twice: by itself and in \"only-a\" (leave one of the two out)\n");
  EXPECT_EQ(members("{at_least: 2, of: [a-or-b, a]}"),
            "counts \"a\" twice: by itself and in \"a-or-b\" (leave one of the two out)\n");
  EXPECT_EQ(members("{at_least: 2, of: [a, b, deep]}",
                    "      deep: {composite: {any_of: [only-a, a2]}}\n"),
            "counts \"a\" twice: by itself and in \"deep\" (leave one of the two out)\n");
  EXPECT_EQ(members("{at_least: 2, of: [only-a, also-a, b]}",
                    "      also-a: {composite: {any_of: ['1.1']}}\n"),
            "counts \"a\" twice: in \"only-a\" and in \"also-a\" (leave one of the two out)\n");
}

TEST_F(CompositeMembers, MayShareWhatIsNotCountedTwice) {
  // Of a gate its advisory checks do not count.
  EXPECT_EQ(members("{at_least: 2, of: [h, z, b]}"), "gate:h z b 2");
  // Each of these has more than the check that they share.
  EXPECT_EQ(
      members("{at_least: 2, of: [a-or-b, more]}", "      more: {composite: {all_of: [a, a2]}}\n"),
      "a-or-b more 2");
  EXPECT_EQ(members("{all_of: [h, y, a, only-a]}"), "gate:h y a only-a 4");
  EXPECT_EQ(members("{any_of: [h, y]}"), "gate:h y 1");
  EXPECT_EQ(members("{at_least: 2, of: [a, b]}"), "a b 2");
}

TEST_F(CompositeMembers, HaveToBeAbleToBeBad) {
  const std::string empty =
      "\"gate:advice\" is always good: none of its checks blocks (name its checks or their items "
      "instead, make one of them a blocker, or leave it out)\n";
  EXPECT_EQ(members("{all_of: [advice]}"), empty);
  EXPECT_EQ(members("{all_of: [h, 'gate:advice']}"), empty);
  EXPECT_EQ(members("{any_of: [advice, b]}"), empty);
  EXPECT_EQ(members("{at_least: 1, of: [advice, b]}"), empty);
  EXPECT_EQ(members("{all_of: [h]}"), "gate:h 1");
  EXPECT_EQ(members("{all_of: [w]}"), "w 1") << "by itself an advisory check counts";
  EXPECT_EQ(members("{all_of: ['gate:gonogo']}"), "gate:gonogo 1");
}

}  // namespace
}  // namespace gonogo
