// The fields of a crontab's line, read character by character as cron itself reads them.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

namespace gonogo {

// Two programs read crontabs, and they do not agree: Debian's cron (3.0pl1) and cronie (Fedora,
// Arch, SUSE).
enum class CronFlavour : std::uint8_t { debian, cronie };

// A crontab's characters with one step back. A NUL byte ends a text, as it does in cron.
class CrontabText {
 public:
  static constexpr int end = -1;

  explicit CrontabText(std::string_view text) : text_(text) {}

  int get();
  void unget(int ch);
  // Reads until one of `ends`, a NUL or the end of the file, and returns that. What is longer than
  // `limit` is left out of `into`.
  int get_string(std::string& into, std::size_t limit, std::string_view ends);
  // Reads on to the first character of a line that is neither empty nor a comment. At most `most`
  // characters; false when there were more.
  bool skip_comments(std::size_t most = std::string_view::npos);

  struct Place {
    std::size_t offset = 0;
    int line = 1;
  };
  Place place() const { return place_; }
  void go_back(Place place) { place_ = place; }
  std::string_view since(std::size_t offset) const {
    return text_.substr(offset, place_.offset - offset);
  }
  // From `offset` to the next blank or the end of the line.
  std::string_view word_at(std::size_t offset) const;
  std::string_view line_at(std::size_t offset) const;

 private:
  std::string_view text_;
  Place place_;
};

// A word of a crontab for a message: in quotes, cut, and without what follows a "=", which may be a
// secret.
std::string shown_word(std::string_view word);

// When a job runs: the numbers of each field, and which fields begin with a star.
struct CronFields {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;    // of the month, from 1
  std::bitset<13> months;  // from 1
  std::bitset<8> weekdays;
  bool is_wild = false;  // the minute or the hour begins with a star
  bool any_day = false;
  bool any_weekday = false;
  bool at_reboot = false;
};

// Reads five fields or a macro whose first character is `first`, and the blanks behind them.
// Returns the character that follows. At an error it returns CrontabText::end and says why in
// `problem`.
int read_cron_fields(CrontabText& text, int first, CronFlavour flavour, CronFields& fields,
                     std::string& problem);

}  // namespace gonogo
