// jq expressions over JSON that somebody else wrote. libjq stays inside jq.cpp. An expression may
// loop for ever, take all memory or crash libjq 1.6 (`.n % -1` can, and an `import` does while it
// is compiled), so the daemon compiles and runs harmless ones alone (jq_parts.h), and these only
// for small texts. A helper process does the rest (daemon/io/jq_process.h).
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

// Problems below are jq's words as they are: they may hold secrets, and are for shown_problem() of
// daemon/io/json_conditions.h.

// Calls `handler`, which must not return, instead of abort() when libjq finds no memory. For a
// process of one thread, before anything else.
void set_jq_memory_handler(void (*handler)(void*));

// Texts above this size are for the helper or, where jq is not asked, for the pool.
inline constexpr std::size_t largest_text_here = 65'536;

// An expression. A compiled one costs some 20 ms and 30 KB, so equal texts share one.
class JqProgram {
 public:
  // Null, and why in `problem`, when `text` is no jq expression. For harmless expressions only.
  // Blocks: for loading.
  static std::shared_ptr<JqProgram> compile(const std::string& text, std::string& problem);
  // As compile(), but shared with no other: for use outside the loop's thread.
  static std::shared_ptr<JqProgram> compile_own(const std::string& text, std::string& problem);
  // One that is not compiled, because only the helper may run it.
  static std::shared_ptr<JqProgram> left_to_helper(std::string text);
  ~JqProgram();

  const std::string& text() const { return text_; }
  // Whether this process may run it on a text of so many bytes.
  bool runs_here(std::size_t bytes) const { return native_ && bytes <= largest_text_here; }

  // The values that the expression yields, each as JSON text, at most 1000 of them. An error of the
  // expression ends them and sets `problem`. Two threads must not run one program at once. It must
  // have been compiled.
  std::vector<std::string> run(const Json& input, std::string& problem);

 private:
  struct Native;
  JqProgram(std::string text, std::unique_ptr<Native> native);
  std::string text_;
  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
