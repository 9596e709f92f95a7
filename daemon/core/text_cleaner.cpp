#include "daemon/core/text_cleaner.h"

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace gonogo {
namespace {

// Messages are made on the loop and on the threads of the pool. Who cleans holds the lock, so that
// a cleaner is not used after its end.
std::shared_mutex guard;
const CleanText* current = nullptr;

}  // namespace

TextCleaner::TextCleaner(CleanText clean) : clean_(std::move(clean)) {
  const std::scoped_lock lock(guard);
  current = &clean_;
}

TextCleaner::~TextCleaner() {
  const std::scoped_lock lock(guard);
  if (current == &clean_) current = nullptr;
}

std::string cleaned(std::string_view text, Torn torn) {
  const std::shared_lock lock(guard);
  return current == nullptr ? std::string(text) : (*current)(text, text.size(), torn);
}

std::string cleaned_beginning(std::string_view text, std::size_t most) {
  const std::shared_lock lock(guard);
  return current == nullptr ? std::string(text) : (*current)(text, most, Torn{});
}

}  // namespace gonogo
