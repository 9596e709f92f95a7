#include "daemon/formats/checklist.h"

#include <md4c.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::string_view check_mark = "\xE2\x9C\x85";  // U+2705
constexpr std::string_view cross_mark = "\xE2\x9D\x8C";  // U+274C

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// "4.2 API Health" to "4.2" and "API Health".
std::pair<std::string, std::string> split_number(const std::string& heading) {
  std::size_t end = 0;
  while (end < heading.size() &&
         (std::isdigit(static_cast<unsigned char>(heading[end])) != 0 || heading[end] == '.'))
    ++end;
  std::string number = heading.substr(0, end);
  while (!number.empty() && number.back() == '.') number.pop_back();
  const bool is_number =
      !number.empty() && (end == heading.size() || heading[end] == ' ') && number.front() != '.';
  if (!is_number) return {"", heading};
  return {number, std::string(trimmed(heading.substr(end)))};
}

std::string words_of(const std::string& heading) {
  std::string words;
  for (const char c : lower_case(heading)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words += c;
    } else if (!words.empty() && words.back() != '-') {
      words += '-';
    }
  }
  while (!words.empty() && words.back() == '-') words.pop_back();
  return words.substr(0, 40);
}

std::string prefix_of(const std::string& heading) {
  const std::string text = lower_case(heading);
  if (contains(text, "criteria"))
    return contains(text, "no-go criteria") || contains(text, "nogo criteria") ? "NOGO" : "GO";
  if (contains(text, "sign-off") || contains(text, "sign off") || contains(text, "signoff"))
    return "SIGN";
  if (contains(text, "post-deploy") || contains(text, "post deploy")) return "POST";
  if (contains(text, "rollback")) return "RB";
  return words_of(heading);
}

// Collects rows from what md4c reports while it reads.
class Rows {
 public:
  explicit Rows(const std::string& markdown) : source_(markdown) {
    for (std::size_t i = 0; i < source_.size(); ++i) {
      if (source_[i] == '\n') line_starts_.push_back(i + 1);
    }
  }

  ChecklistDocument read() {
    MD_PARSER parser{};
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      static_cast<Rows*>(self)->enter(type, detail);
      return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      static_cast<Rows*>(self)->leave(type);
      return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) {
      if (type == MD_SPAN_CODE) static_cast<Rows*>(self)->code_.emplace_back();
      static_cast<Rows*>(self)->in_code_ = type == MD_SPAN_CODE;
      return 0;
    };
    parser.leave_span = [](MD_SPANTYPE, void*, void* self) {
      static_cast<Rows*>(self)->in_code_ = false;
      return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      static_cast<Rows*>(self)->take(type, {text, size});
      return 0;
    };
    md_parse(source_.data(), static_cast<MD_SIZE>(source_.size()), &parser, this);
    return std::move(document_);
  }

 private:
  struct Item {
    bool is_box = false;
    bool is_step = false;
    std::size_t mark = 0;
    bool has_text = false;  // its first paragraph was read
  };

  std::size_t line_at(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
  }

  void enter(MD_BLOCKTYPE type, void* detail) {
    if (type == MD_BLOCK_LI) {
      write_item();
      const auto& item = *static_cast<MD_BLOCK_LI_DETAIL*>(detail);
      const bool is_numbered = !lists_.empty() && lists_.back();
      items_.push_back({item.is_task != 0, is_numbered && items_.empty(),
                        item.is_task != 0 ? item.task_mark_offset : 0, false});
    }
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
      write_item();
      lists_.push_back(type == MD_BLOCK_OL);
    }
    if (type == MD_BLOCK_CODE || type == MD_BLOCK_TABLE) write_item();
    if (type == MD_BLOCK_H || type == MD_BLOCK_P) clear();
    if (type == MD_BLOCK_CODE) in_block_of_code_ = true;
  }

  void leave(MD_BLOCKTYPE type) {
    if (type == MD_BLOCK_H) {
      heading_ = std::string(trimmed(text_));
      clear();
    } else if (type == MD_BLOCK_P) {
      if (items_.empty()) write_paragraph();
      write_item();
      clear();
    } else if (type == MD_BLOCK_LI) {
      write_item();
      items_.pop_back();
      clear();
    } else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
      lists_.pop_back();
    } else if (type == MD_BLOCK_CODE) {
      in_block_of_code_ = false;
    }
  }

  void take(MD_TEXTTYPE type, std::string_view text) {
    if (in_block_of_code_) return;
    const bool is_of_source = text.data() >= source_.data() &&
                              text.data() + text.size() <= source_.data() + source_.size();
    if (is_of_source && type != MD_TEXT_SOFTBR && type != MD_TEXT_BR) {
      const auto offset = static_cast<std::size_t>(text.data() - source_.data());
      if (!first_) first_ = offset;
      last_ = offset;
    }
    if (type == MD_TEXT_SOFTBR || type == MD_TEXT_BR) {
      text_ += '\n';
      return;
    }
    text_ += text;
    if (in_code_) code_.back() += text;
  }

  void clear() {
    text_.clear();
    code_.clear();
    first_.reset();
  }

  // The words of an item come before its first list or block, or before its end.
  void write_item() {
    if (items_.empty() || items_.back().has_text || trimmed(text_).empty() || !first_) return;
    Item& item = items_.back();
    item.has_text = true;
    const bool is_row = item.is_box || (item.is_step && prefix() == "RB");
    if (is_row) {
      ChecklistRow row;
      row.kind = item.is_box ? ChecklistRow::Kind::box : ChecklistRow::Kind::step;
      if (item.is_box) row.mark = item.mark;
      row.line = line_at(item.is_box ? item.mark : *first_);
      row.last_line = line_at(last_);
      add(std::move(row), one_line(text_));
    }
    clear();
  }

  void write_paragraph() {
    if (!first_) return;
    std::size_t line = line_at(*first_);
    std::string_view rest = text_;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      write_line(std::string(trimmed(rest.substr(0, end))), line++);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void write_line(const std::string& text, std::size_t line) {
    ChecklistRow row;
    row.line = row.last_line = line;
    for (const std::string_view mark : {check_mark, cross_mark}) {
      if (!text.starts_with(mark)) continue;
      row.kind = ChecklistRow::Kind::criterion;
      add(std::move(row), std::string(trimmed(std::string_view(text).substr(mark.size()))));
      return;
    }
    const std::size_t colon = text.find(':');
    const std::size_t blank = text.find("___");
    const bool is_signature = colon != std::string::npos && blank != std::string::npos &&
                              colon < blank &&
                              trimmed(text.substr(colon + 1, blank - colon - 1)).empty();
    if (!is_signature) return;
    row.kind = ChecklistRow::Kind::signature;
    add(std::move(row), text.substr(0, colon));
  }

  std::string prefix() const {
    const auto [number, title] = split_number(heading_);
    return number.empty() ? prefix_of(heading_) : number;
  }

  void add(ChecklistRow row, std::string text) {
    const std::string section = prefix();
    const auto boxes =
        std::count_if(items_.begin(), items_.end(), [](const Item& item) { return item.is_box; });
    const bool is_inside = row.kind == ChecklistRow::Kind::box && boxes > 1 && !last_top_.empty();
    if (is_inside) {
      row.id = last_top_ + letters(inside_++);
    } else {
      row.id = section + "." + std::to_string(++numbers_[section]);
      last_top_ = row.id;
      inside_ = 0;
    }
    row.text = std::move(text);
    row.code = code_;
    const bool is_new = document_.sections.empty() || document_.sections.back().id != section;
    if (is_new) document_.sections.push_back({section, split_number(heading_).second});
    row.section = document_.sections.size() - 1;
    document_.rows.push_back(std::move(row));
  }

  static std::string letters(std::size_t index) {
    std::string text(1, static_cast<char>('a' + index % 26));
    return index < 26 ? text : letters(index / 26 - 1) + text;
  }

  static std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return std::string(trimmed(text));
  }

  const std::string& source_;
  std::vector<std::size_t> line_starts_{0};
  ChecklistDocument document_;
  std::map<std::string, int> numbers_;  // the rows so far in each section
  std::string last_top_;
  std::size_t inside_ = 0;
  std::string heading_;
  std::vector<bool> lists_;  // the open lists: whether each is numbered
  std::vector<Item> items_;  // the open items
  std::string text_;
  std::vector<std::string> code_;
  bool in_code_ = false;
  bool in_block_of_code_ = false;
  std::optional<std::size_t> first_;  // where the text begins in the source
  std::size_t last_ = 0;
};

}  // namespace

ChecklistDocument parse_checklist(const std::string& markdown) { return Rows(markdown).read(); }

std::string comparable(const std::string& text) {
  std::string out;
  for (const char c : lower_case(text)) {
    const bool counts = std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
    if (counts) out += c;
  }
  return out;
}

}  // namespace gonogo
