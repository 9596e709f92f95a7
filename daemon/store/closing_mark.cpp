#include "daemon/store/closing_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace gonogo {
namespace {

constexpr const char* note_name = "closed";

std::string random_word() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device device;
  std::string word;
  for (int i = 0; i < 32; ++i) word += digits.at(device() % digits.size());
  return word;
}

}  // namespace

ClosingMark::ClosingMark(const std::string& store_path) : path_(store_path + ".closed") {
  {
    std::ifstream file(path_);
    found_.assign(std::istreambuf_iterator<char>(file), {});
  }
  take_away();
}

bool ClosingMark::take_away() const {
  std::error_code error;
  std::filesystem::remove(path_, error);
  return !error;
}

bool ClosingMark::was_of(SqliteDatabase& database) const {
  SqliteStatement note(database, "SELECT value FROM note WHERE name = ?");
  note.bind(1, note_name);
  const bool is_of_it = note.step() && !found_.empty() && note.text(0) == found_;
  note.reset();
  // Should the file come back with a power failure, it belongs to nothing.
  try {
    database.run("PRAGMA synchronous = FULL; DELETE FROM note WHERE name = 'closed'");
  } catch (const SqliteError&) {
    // There is no room for it. The file is gone.
  }
  database.run("PRAGMA synchronous = NORMAL");
  return is_of_it;
}

void ClosingMark::leave(SqliteDatabase& database) const {
  const std::string word = random_word();
  SqliteStatement note(database, "INSERT OR REPLACE INTO note VALUES (?, ?)");
  note.bind(1, note_name);
  note.bind(2, word);
  note.step();
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  const auto written = ::write(file, word.data(), word.size());
  ::close(file);
  if (written != static_cast<ssize_t>(word.size())) ::unlink(path_.c_str());
}

}  // namespace gonogo
