#include "daemon/formats/checklist.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::string ids_of(const std::string& markdown) {
  std::string ids;
  for (const ChecklistRow& row : parse_checklist(markdown).rows)
    ids += (ids.empty() ? "" : " ") + row.id + "=" + row.text;
  return ids;
}

struct Case {
  const char* name;
  const char* markdown;
  const char* ids;
};
class ChecklistDocumentTest : public testing::TestWithParam<Case> {};

TEST_P(ChecklistDocumentTest, HasARowForEachBoxLineAndSignature) {
  EXPECT_EQ(ids_of(GetParam().markdown), GetParam().ids);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChecklistDocumentTest,
    testing::Values(
        Case{"sections",
             "### 1. Infra\n#### 1.1 Server\n- [ ] a\n- [x] b\n#### 1.2 Disk\n- [ ] c\n",
             "1.1.1=a 1.1.2=b 1.2.1=c"},
        Case{"nested", "# 4.2 API\n- [ ] up\n  - [ ] db\n  - [ ] jobs\n- [ ] docs\n",
             "4.2.1=up 4.2.1a=db 4.2.1b=jobs 4.2.2=docs"},
        Case{"bullets", "## 3 A\n* [ ] star\n+ [ ] plus\n1. [ ] one\n",
             "3.1=star 3.2=plus 3.3=one"},
        Case{"code_is_none", "## 1 A\n```\n- [ ] no\n```\n\n    - [ ] nor this\n\n- [ ] `yes`\n",
             "1.1=yes"},
        Case{"markup", "## 1 A\n- [ ] **bold** [link](https://x.example) `code`\n",
             "1.1=bold link code"},
        Case{"no_number", "## Before launch\n- [ ] a\n- [ ] b\n",
             "before-launch.1=a before-launch.2=b"},
        Case{"criteria",
             "### GO Criteria (all)\n\xE2\x9C\x85 **Infra**: up\n\xE2\x9C\x85 **Db**: up\n\n### "
             "NO-GO "
             "Criteria\n\xE2\x9D\x8C **Down**\n",
             "GO.1=Infra: up GO.2=Db: up NOGO.1=Down"},
        Case{"signatures", "## Sign-Off\n**Lead**: ____ Date: ____\n\n**Owner**: ____\n",
             "SIGN.1=Lead SIGN.2=Owner"},
        Case{
            "rollback",
            "## Rollback Procedure\n1. Check `x`\n2. Roll back:\n   ```\n   git\n   ```\n3. Tell\n",
            "RB.1=Check x RB.2=Roll back: RB.3=Tell"},
        Case{"numbered_lists_elsewhere", "## 1 Steps\n1. not a row\n", ""},
        Case{"two_lines", "## 1 A\n- [ ] first\n  second\n- [ ] next\n",
             "1.1=first second 1.2=next"},
        Case{"html_is_text", "## 1 A\n- [ ] <script>alert(1)</script>\n",
             "1.1=<script>alert(1)</script>"},
        Case{"empty", "", ""}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace gonogo
