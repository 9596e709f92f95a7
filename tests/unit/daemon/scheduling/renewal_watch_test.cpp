#include "daemon/scheduling/renewal_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "daemon/io/blocking_pool.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// Holds the text of a file; without one it is not sound.
class FileText : public Renewable {
 public:
  explicit FileText(std::string path) : path_(std::move(path)), stamps_(stamps_of({path_})) {
    text = read_all(path_);
  }
  const FileStamps& stamps() const override { return stamps_; }
  bool is_as(const Renewable&) const override { return false; }
  std::function<Renewal()> reader() override {
    return [this, path = path_] {
      Renewal renewal{stamps_of({path}), true, {}};
      const std::string content = read_all(path);
      renewal.is_sound = !content.empty();
      renewal.put_in_force = [this, content, stamps = renewal.stamps] {
        stamps_ = stamps;
        return std::exchange(text, content) != content;
      };
      return renewal;
    };
  }
  std::string text;

 private:
  std::string path_;
  FileStamps stamps_;
};

class RenewalWatchTest : public testing::Test {
 protected:
  std::shared_ptr<FileText> of(const std::string& name) {
    return std::make_shared<FileText>(scratch.path(name));
  }
  // One tick, and all the work on the pool that follows from it.
  void tick() {
    clock.advance(2s);
    for (int quiet = 0; quiet < 20;) {
      loop.restart();
      quiet = loop.run_one_for(5ms) == 0 ? quiet + 1 : 0;
    }
  }
  void tick_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000 && !holds(); ++i) tick();
    EXPECT_TRUE(holds());
  }

  Scratch scratch;
  boost::asio::io_context loop;
  FakeClock clock{loop};
  BlockingPool pool{loop.get_executor(), 2, 4};
  std::vector<std::string> renewed;
  RenewalWatch watch{loop.get_executor(), clock, pool, [this](const std::vector<std::string>& ids) {
                       renewed.insert(renewed.end(), ids.begin(), ids.end());
                     }};
};

TEST_F(RenewalWatchTest, AChangedFileIsReadAgainForAllChecksThatUseItAndNoOthers) {
  scratch.write("a", "one");
  scratch.write("b", "other");
  const auto a = of("a");
  const auto b = of("b");
  watch.watch({{"x", {a}}, {"y", {a, b}}, {"z", {b}}});
  tick();
  EXPECT_TRUE(renewed.empty());
  scratch.write("a", "two");
  tick_until([&] { return !renewed.empty(); });
  EXPECT_EQ(renewed, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(a->text, "two");
}

TEST_F(RenewalWatchTest, AChangeBetweenTheLoadAndTheFirstTickIsSeen) {
  scratch.write("a", "one");
  const auto a = of("a");
  scratch.write("a", "three");
  watch.watch({{"x", {a}}});
  tick_until([&] { return a->text == "three"; });
}

TEST_F(RenewalWatchTest, WhatIsMissingForAMomentReplacesNothing) {
  scratch.write("a", "one");
  const auto a = of("a");
  watch.watch({{"x", {a}}});
  std::filesystem::remove(scratch.path("a"));
  tick();
  EXPECT_EQ(a->text, "one");
  scratch.write("a", "two");
  tick_until([&] { return a->text == "two"; });
  std::filesystem::remove(scratch.path("a"));
  tick_until([&] { return a->text.empty(); });
}

TEST_F(RenewalWatchTest, WhatAReloadReplacedIsNotWatchedAnyMore) {
  scratch.write("a", "one");
  const auto former = of("a");
  watch.watch({{"x", {former}}});
  const auto now = of("a");
  watch.watch({{"x", {now}}});
  scratch.write("a", "two");
  tick_until([&] { return now->text == "two"; });
  EXPECT_EQ(former->text, "one");
  EXPECT_EQ(renewed, (std::vector<std::string>{"x"}));
  watch.stop();
  renewed.clear();
  scratch.write("a", "three");
  tick();
  EXPECT_TRUE(renewed.empty());
}

}  // namespace
}  // namespace gonogo
