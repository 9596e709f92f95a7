#include "daemon/formats/checklist_markdown.h"

#include <md4c.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "daemon/core/text.h"
#include "daemon/core/utf8.h"

namespace gonogo {
namespace {

constexpr unsigned dialect =
    MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;

std::string_view line_at(const std::string& source, std::size_t from) {
  const std::size_t end = std::min(source.find_first_of("\r\n", from), source.size());
  return std::string_view(source).substr(from, end - from);
}

// HTML that shows or runs its text as it is written, and so holds no rows.
bool is_verbatim(std::string_view html) {
  static const RE2 form(R"((?i)^\s*<(?:(?:script|pre|style|textarea)(?:[\s>]|$)|[?]|![A-Z\[]))");
  return RE2::PartialMatch(html, form);
}

// The words of a line of HTML, with boxes in the place of what is ticked there.
std::string without_tags(std::string_view html) {
  std::string text(html);
  static const RE2 input(R"((?i)<input(?:\s[^>]*)?(?:>|$))");
  RE2::GlobalReplace(&text, input, "[ ] ");
  static const RE2 tag(R"(<[^>]*>|^[^<]*>)");
  RE2::GlobalReplace(&text, tag, " ");
  return std::string(trimmed(text));
}

// Collects blocks from what md4c reports while it reads.
class Blocks {
 public:
  explicit Blocks(const std::string& source) : source_(source), from_(begin_of_markdown(source)) {
    text_.line_starts = starts_of_lines(source);
    seen_.resize(text_.line_starts.size());
  }

  MarkdownText read() {
    MD_PARSER parser{};
    parser.flags = dialect;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
      static_cast<Blocks*>(self)->enter(type, detail);
      return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
      static_cast<Blocks*>(self)->leave(type);
      return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) {
      static_cast<Blocks*>(self)->begin_code(type == MD_SPAN_CODE);
      return 0;
    };
    parser.leave_span = [](MD_SPANTYPE, void*, void* self) {
      static_cast<Blocks*>(self)->in_code_ = false;
      return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      static_cast<Blocks*>(self)->take(type, {text, size});
      return 0;
    };
    md_parse(source_.data() + from_, static_cast<MD_SIZE>(source_.size() - from_), &parser, this);
    for (std::size_t i = number_of(from_); i < text_.line_starts.size(); ++i) {
      const bool is_empty = trimmed(line_at(source_, text_.line_starts[i])).empty();
      if (!is_empty && !seen_[i]) text_.unseen.push_back(i);
    }
    return std::move(text_);
  }

 private:
  std::size_t number_of(std::size_t offset) const {
    const auto& starts = text_.line_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
    return static_cast<std::size_t>(after - starts.begin()) - 1;
  }

  void enter(MD_BLOCKTYPE type, void* detail) {
    if (type == MD_BLOCK_LI) {
      write(MarkdownBlock::Kind::words);
      const auto& item = *static_cast<MD_BLOCK_LI_DETAIL*>(detail);
      const bool is_box = item.is_task != 0;
      items_.push_back({++last_item_, is_box, is_box ? item.task_mark_offset + from_ : 0,
                        !lists_.empty() && lists_.back()});
      is_first_ = true;
    } else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
      write(MarkdownBlock::Kind::words);
      lists_.push_back(type == MD_BLOCK_OL);
    } else if (type == MD_BLOCK_CODE || type == MD_BLOCK_HTML || type == MD_BLOCK_H ||
               type == MD_BLOCK_P || type == MD_BLOCK_QUOTE || type == MD_BLOCK_HR) {
      write(MarkdownBlock::Kind::words);
    }
    if (type == MD_BLOCK_CODE) in_block_of_code_ = true;
    if (type == MD_BLOCK_HTML) {
      in_html_ = true;
      html_.clear();
      html_lines_.clear();
    }
  }

  void leave(MD_BLOCKTYPE type) {
    if (type == MD_BLOCK_H) {
      write(MarkdownBlock::Kind::heading);
    } else if (type == MD_BLOCK_P) {
      write(MarkdownBlock::Kind::words);
    } else if (type == MD_BLOCK_LI) {
      write(MarkdownBlock::Kind::words);
      items_.pop_back();
      is_first_ = false;
    } else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
      lists_.pop_back();
    } else if (type == MD_BLOCK_CODE) {
      in_block_of_code_ = false;
    } else if (type == MD_BLOCK_HTML) {
      in_html_ = false;
      write_html();
    }
  }

  void begin_code(bool is_code) {
    in_code_ = is_code;
    is_new_code_ = is_code;
  }

  void take(MD_TEXTTYPE type, std::string_view text) {
    const bool is_of_source = text.data() >= source_.data() &&
                              text.data() + text.size() <= source_.data() + source_.size();
    if (is_of_source) {
      here_ = static_cast<std::size_t>(text.data() - source_.data());
      seen_[number_of(here_)] = true;
    }
    if (in_block_of_code_) return;
    if (in_html_) return take_html(text, is_of_source);
    if (type == MD_TEXT_SOFTBR || type == MD_TEXT_BR || text == "\n") return;
    if (type == MD_TEXT_HTML && (in_comment_ || text.starts_with("<!--"))) {
      in_comment_ = !text.ends_with("-->");
      return;
    }
    const std::size_t number =
        is_of_source || lines_.empty() ? number_of(here_) : lines_.back().number;
    if (lines_.empty() || lines_.back().number != number)
      lines_.push_back({number, here_, {}, {}, {}});
    MarkdownLine& line = lines_.back();
    const std::string words = type == MD_TEXT_ENTITY ? character_of(text) : std::string(text);
    line.text += words;
    if (!in_code_) {
      line.bare += words;
    } else {
      if (is_new_code_ || line.code.empty()) line.code.emplace_back();
      if (is_new_code_ || line.bare.empty()) line.bare += '`';
      is_new_code_ = false;
      line.code.back() += text;
    }
  }

  // Entities that people write in checklists, and all that are numbers; the rest is left as it is
  // written.
  static std::string character_of(std::string_view entity) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"&amp;", "&"},         {"&lt;", "<"},          {"&gt;", ">"},
        {"&quot;", "\""},       {"&apos;", "'"},        {"&nbsp;", "\u00A0"},
        {"&vert;", "|"},        {"&mdash;", "\u2014"},  {"&le;", "\u2264"},
        {"&ge;", "\u2265"},     {"&check;", "\u2713"},  {"&checkmark;", "\u2713"},
        {"&cross;", "\u2717"},  {"&square;", "\u25A1"}, {"&squ;", "\u25A1"},
        {"&Square;", "\u25A1"}, {"&lbrack;", "["},      {"&rbrack;", "]"},
        {"&lsqb;", "["},        {"&rsqb;", "]"},        {"&bigcirc;", "\u25EF"},
        {"&cir;", "\u25CB"},    {"&squf;", "\u25AA"},   {"&radic;", "\u221A"}};
    for (const auto& [name, character] : known) {
      if (entity == name) return std::string(character);
    }
    static const RE2 number("&#([0-9]{1,7});");
    static const RE2 hex_number("&#[xX]([0-9a-fA-F]{1,6});");
    std::uint32_t code = 0;
    const bool is_number = RE2::FullMatch(entity, number, &code) ||
                           RE2::FullMatch(entity, hex_number, RE2::Hex(&code));
    const bool is_character = code >= 0x20 && code <= 0x10ffff && (code & ~0x7ffU) != 0xd800;
    if (!is_number || !is_character) return std::string(entity);
    std::string character;
    append_utf8(character, code);
    return character;
  }

  void take_html(std::string_view text, bool is_of_source) {
    if (is_of_source && text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
      const std::size_t number = number_of(here_);
      if (html_lines_.empty() || html_lines_.back() != number) html_lines_.push_back(number);
    }
    html_ += text;
  }

  void write(MarkdownBlock::Kind kind) {
    in_comment_ = false;
    if (lines_.empty()) return;
    for (MarkdownLine& line : lines_) {
      line.text = std::string(trimmed(line.text));
      line.bare = std::string(trimmed(line.bare));
    }
    const bool is_first = !items_.empty() && is_first_;
    is_first_ = false;
    text_.blocks.push_back({kind, items_, is_first, std::exchange(lines_, {})});
  }

  void write_html() {
    const std::string_view html = trimmed(html_);
    if (html.starts_with("<!--")) {
      if (html.find("-->") == std::string_view::npos && !html_lines_.empty())
        text_.open_comments.push_back(html_lines_.front());
      return;
    }
    if (is_verbatim(html)) return;
    MarkdownBlock block{MarkdownBlock::Kind::html, items_, false, {}};
    for (const std::size_t number : html_lines_) {
      const std::size_t start = text_.line_starts[number];
      const std::string words = without_tags(line_at(source_, start));
      if (!words.empty()) block.lines.push_back({number, start, words, words, {}});
    }
    if (!block.lines.empty()) text_.blocks.push_back(std::move(block));
  }

  const std::string& source_;
  std::size_t from_;
  MarkdownText text_;
  std::vector<bool> seen_;           // lines of the source of which something is shown
  std::vector<MarkdownLine> lines_;  // of the block that is read
  std::vector<bool> lists_;          // the open lists: whether each is numbered
  std::vector<MarkdownItem> items_;  // the open items
  std::size_t last_item_ = 0;
  bool is_first_ = false;  // no words of the innermost item were read
  std::size_t here_ = 0;
  bool in_code_ = false;
  bool is_new_code_ = false;
  bool in_comment_ = false;
  bool in_block_of_code_ = false;
  bool in_html_ = false;
  std::string html_;
  std::vector<std::size_t> html_lines_;
};

}  // namespace

MarkdownText read_markdown(const std::string& source) { return Blocks(source).read(); }

std::pair<std::string, std::vector<std::string>> plain_words(const std::string& markdown) {
  const bool is_plain = markdown.find_first_of("*_`[<&\\~!") == std::string::npos;
  if (is_plain || markdown == "[ ]" || markdown == "[x]") return {markdown, {}};
  // The word in front keeps what follows from beginning a list, a heading or a quotation.
  const MarkdownText text = read_markdown("x " + markdown);
  if (text.blocks.empty() || text.blocks.front().lines.empty()) return {markdown, {}};
  const MarkdownLine& line = text.blocks.front().lines.front();
  return {std::string(trimmed(std::string_view(line.text).substr(1))), line.code};
}

std::size_t begin_of_markdown(const std::string& source) {
  const std::size_t begin = source.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::string_view fence = trimmed(line_at(source, begin));
  if ((fence != "---" && fence != "+++") || source.compare(begin, 3, fence) != 0) return begin;
  // Keys, what is indented below them, items and comments: other text between two rules is text.
  static const RE2 key(R"(^["']?[\w.-]+["']?\s*[:=](\s.*)?$)");
  static const RE2 other(R"(^(?:[ \t].*|#.*|- .*|\[.*\]|[\]}],?)?$)");
  bool has_key = false;
  const std::vector<std::size_t> starts = starts_of_lines(source);
  for (std::size_t i = 1; i < starts.size(); ++i) {
    const std::string_view line = line_at(source, starts[i]);
    const std::string_view words = trimmed(line);
    if (has_key && (words == fence || (fence == "---" && words == "...")) && line.front() != ' ')
      return i + 1 < starts.size() ? starts[i + 1] : source.size();
    const bool is_key = RE2::FullMatch(line, key);
    const bool is_other = RE2::FullMatch(line, other) && (has_key || line.starts_with("#"));
    if (!is_key && !is_other) return begin;
    has_key = has_key || is_key;
  }
  return begin;
}

std::vector<std::size_t> starts_of_lines(const std::string& text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = text[i] == '\n' || (text[i] == '\r' && text.compare(i + 1, 1, "\n") != 0);
    if (ends) starts.push_back(i + 1);
  }
  return starts;
}

}  // namespace gonogo
