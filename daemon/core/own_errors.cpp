#include "daemon/core/own_errors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace gonogo {

namespace {

constexpr std::array<int, 5> own{EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL};

}  // namespace

bool is_own_error(int error) { return std::find(own.begin(), own.end(), error) != own.end(); }

bool is_own_start_error(int error) { return error == EAGAIN || is_own_error(error); }

bool has_words_of_own_error(const char* text) {
  return text != nullptr && std::any_of(own.begin(), own.end(), [text](int error) {
           return std::strstr(text, std::strerror(error)) != nullptr;
         });
}

}  // namespace gonogo
