#include "daemon/io/each_address.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"

namespace gonogo {

namespace {

bool is_no_way(int error) {
  return error == ENETUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

bool has_words_of_no_way(const std::string& text) {
  for (const int error : {ENETUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT}) {
    if (text.find(std::strerror(error)) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Telling telling_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& broken) {
    const int code = broken.code().value();
    if (broken.code() == boost::asio::error::operation_aborted) return Telling::answered;
    if (broken.code().category() != boost::system::system_category()) return Telling::silent;
    return is_no_way(code) ? Telling::no_way : is_own_error(code) ? Telling::ours : Telling::silent;
  } catch (const IoError& broken) {
    const Reason reason = broken.reason();
    const bool is_ours = !broken.can_judge() && reason == Reason::prober;
    const bool is_silent =
        reason == Reason::connect || reason == Reason::timeout || reason == Reason::dns;
    if (!is_ours && !is_silent) return Telling::answered;
    if (has_words_of_no_way(broken.text())) return Telling::no_way;
    return is_ours ? Telling::ours : Telling::silent;
  } catch (...) {
    return Telling::answered;
  }
}

void MostTelling::take(const std::exception_ptr& error, bool is_late) {
  if (is_late) {
    const boost::system::system_error late(boost::asio::error::timed_out);
    const auto silent = std::make_exception_ptr(late);
    if (Telling::silent >= telling_) error_ = silent;
    telling_ = std::max(telling_, Telling::silent);
    return;
  }
  const Telling telling = telling_of(error);
  if (telling == Telling::answered) std::rethrow_exception(error);
  if (telling >= telling_) error_ = error;
  telling_ = std::max(telling_, telling);
}

}  // namespace gonogo
