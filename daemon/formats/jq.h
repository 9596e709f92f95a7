// jq expressions over JSON that somebody else wrote. libjq stays inside jq.cpp. Its version 1.6
// leaks some 30 bytes at each `index` into an array; `any(.[]; . == X)` does the same and leaks
// nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// A parsed document; jq's own parser refuses more than 256 levels.
class Json {
 public:
  // Nothing, and why in `problem`, when `text` is not exactly one JSON value.
  static std::optional<Json> parse(std::string_view text, std::string& problem);
  Json(Json&&) noexcept;
  Json& operator=(Json&&) noexcept;
  ~Json();

 private:
  friend class JqProgram;
  struct Native;
  explicit Json(std::unique_ptr<Native> native);
  std::unique_ptr<Native> native_;
};

// A compiled expression. It costs some 20 ms and 30 KB, so equal texts share one.
class JqProgram {
 public:
  // Null, and why in `problem`, when `text` is no jq expression. Blocks: for loading.
  static std::shared_ptr<JqProgram> compile(const std::string& text, std::string& problem);
  // As compile(), but shared with no other: for use outside the loop's thread.
  static std::shared_ptr<JqProgram> compile_own(const std::string& text, std::string& problem);
  ~JqProgram();

  const std::string& text() const { return text_; }

  // The values that the expression yields, each as JSON text, at most 1000 of them. An error of the
  // expression ends them and sets `problem`. Two threads must not run one program at once.
  std::vector<std::string> run(const Json& input, std::string& problem);

 private:
  struct Native;
  JqProgram(std::string text, std::unique_ptr<Native> native);
  std::string text_;
  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
