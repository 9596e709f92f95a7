#include "daemon/formats/redactor.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/embedded_secrets.h"
#include "daemon/formats/escaped_forms.h"

namespace gonogo {
namespace {

// Hiding a shorter text would hide ordinary words; the configuration refuses such secrets.
constexpr std::size_t shortest_secret = 4;

// Base64 for URLs (RFC 4648, 5).
std::string base64url(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::uint32_t start_of(std::string_view text) {
  std::uint32_t start = 0;
  std::memcpy(&start, text.data(), shortest_secret);
  return start;
}

std::size_t first_two(std::string_view text) {
  return static_cast<unsigned char>(text[0]) * 256U + static_cast<unsigned char>(text[1]);
}

}  // namespace

// Which bytes of a text are hidden.
class Redactor::Marks {
 public:
  explicit Marks(std::string_view text) : text_(text), hidden_(text.size(), false) {}

  void hide(std::size_t from, std::size_t size) {
    std::fill_n(hidden_.begin() + static_cast<std::ptrdiff_t>(from), size, true);
  }

  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (!hidden_[i]) {
        out += text_[i];
      } else if (i == 0 || !hidden_[i - 1]) {
        out += "[secret]";
      }
    }
    return out;
  }

 private:
  std::string_view text_;
  std::vector<bool> hidden_;
};

Redactor::Redactor(const Redactor& other) {
  const std::shared_lock lock(other.guard_);
  forms_ = other.forms_;
  starts_ = other.starts_;
  longest_ = other.longest_;
}

Redactor& Redactor::operator=(const Redactor& other) {
  if (this == &other) return *this;
  const Redactor copy(other);
  const std::scoped_lock lock(guard_);
  forms_ = copy.forms_;
  starts_ = copy.starts_;
  longest_ = copy.longest_;
  return *this;
}

bool Redactor::is_empty() const {
  const std::shared_lock lock(guard_);
  return forms_.empty();
}

void Redactor::add(std::string form) {
  if (form.size() < shortest_secret) return;
  const std::scoped_lock lock(guard_);
  Forms& forms = forms_[start_of(form)];
  if (std::find(forms.begin(), forms.end(), form) != forms.end()) return;
  longest_ = std::max(longest_, form.size());
  starts_.set(first_two(form));
  forms.push_back(std::move(form));
  // The longest comes first, so that a secret that contains another is found as a whole.
  std::sort(forms.begin(), forms.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

// Also as URLs have it, and without the padding, which some programs leave out.
void Redactor::add_base64(std::string_view secret) {
  for (std::string text = base64(secret);; text.pop_back()) {
    add(text);
    add(base64url(text));
    if (!text.ends_with('=')) return;
  }
}

// Programs and logs show single lines of what they are given.
void Redactor::add_lines(std::string_view secret) {
  while (!secret.empty()) {
    const std::size_t end = std::min(secret.find('\n'), secret.size());
    const std::string_view line = trimmed(secret.substr(0, end));
    // "-----BEGIN PRIVATE KEY-----" is no secret.
    if (!line.starts_with("-----") && line.size() >= shortest_secret) {
      add(std::string(line));
      for (std::string& form : escaped_forms(line)) add(std::move(form));
    }
    secret.remove_prefix(std::min(end + 1, secret.size()));
  }
}

void Redactor::hide(std::string_view secret) {
  const auto hide_text = [this](std::string_view text) {
    if (text.size() < shortest_secret) return;
    add(std::string(text));
    add(std::string(trimmed(text)));
    add_base64(text);
    for (std::string& form : escaped_forms(text)) add(std::move(form));
    add_lines(text);
  };
  hide_text(secret);
  for (const EmbeddedSecret& inside : embedded_secrets(secret)) {
    hide_text(inside.text);
    if (inside.has_user) add_base64(inside.user + ":" + inside.text);
  }
}

void Redactor::hide_credentials(std::string_view user, std::string_view password) {
  hide(password);
  add_base64(std::string(user) + ":" + std::string(password));
}

void Redactor::hide_all_of(const Redactor& other) {
  const Redactor copy(other);
  for (const auto& [start, forms] : copy.forms_) {
    for (const std::string& form : forms) add(form);
  }
}

const Redactor::Forms* Redactor::forms_at(std::string_view text) const {
  if (!starts_.test(first_two(text))) return nullptr;
  const auto found = forms_.find(start_of(text));
  return found == forms_.end() ? nullptr : &found->second;
}

// How many bytes of a hidden value `text` ends with, if it is not the whole value.
std::size_t Redactor::known_prefix(std::string_view text) const {
  const std::size_t most = std::min(text.size(), longest_);
  for (std::size_t size = most; size >= shortest_secret; --size) {
    const std::string_view tail = text.substr(text.size() - size);
    const Forms* forms = forms_at(tail);
    if (forms == nullptr) continue;
    for (const std::string& form : *forms) {
      if (std::string_view(form).starts_with(tail)) return size;
    }
  }
  return 0;
}

// How many bytes of a hidden value `text` begins with, if its beginning is missing.
std::size_t Redactor::known_suffix(std::string_view text) const {
  if (text.size() < shortest_secret) return 0;
  const std::string_view begin = text.substr(0, shortest_secret);
  std::size_t longest = 0;
  for (const auto& [start, forms] : forms_) {
    for (const std::string_view form : forms) {
      // Most forms do not hold so much as the first four bytes.
      std::size_t at = form.size() > text.size() ? form.size() - text.size() : 0;
      for (at = form.find(begin, at); at != std::string_view::npos; at = form.find(begin, at + 1)) {
        if (form.size() - at <= longest) break;
        if (text.starts_with(form.substr(at))) {
          longest = form.size() - at;
          break;
        }
      }
    }
  }
  return longest;
}

std::string Redactor::clean_unlocked(std::string_view text, Torn torn) const {
  if (forms_.empty()) return std::string(text);
  Marks marks(text);
  for (std::size_t at = 0; at + shortest_secret <= text.size(); ++at) {
    const Forms* forms = forms_at(text.substr(at));
    if (forms == nullptr) continue;
    for (const std::string& form : *forms) {
      if (text.substr(at).starts_with(form)) {
        marks.hide(at, form.size());
        break;
      }
    }
  }
  const auto hide_before = [&](std::size_t end) {
    const std::size_t size = known_prefix(text.substr(0, end));
    marks.hide(end - size, size);
  };
  const auto hide_after = [&](std::size_t begin) {
    marks.hide(begin, known_suffix(text.substr(begin)));
  };
  if (torn.begin) hide_after(0);
  if (torn.end) hide_before(text.size());
  const auto hide_around = [&](std::string_view cut) {
    for (std::size_t at = text.find(cut); at != std::string_view::npos;
         at = text.find(cut, at + 1)) {
      hide_before(at);
      hide_after(at + cut.size());
    }
  };
  if (torn.dots) hide_around("...");
  if (torn.quotes) hide_around("\"");
  return marks.text();
}

std::string Redactor::clean(std::string_view text, Torn torn) const {
  const std::shared_lock lock(guard_);
  return clean_unlocked(text, torn);
}

std::string Redactor::clean_beginning(std::string_view text, std::size_t most, Torn torn) const {
  const std::shared_lock lock(guard_);
  Torn cut = torn;
  cut.end = true;
  // What is cleaned can be shorter than what it was made of.
  for (std::size_t size = most + longest_; size < text.size(); size *= 2) {
    std::string out = clean_unlocked(text.substr(0, size), cut);
    if (out.size() > most) return out;
  }
  return clean_unlocked(text, torn);
}

}  // namespace gonogo
