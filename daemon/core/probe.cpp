#include "daemon/core/probe.h"

#include <boost/asio/error.hpp>
#include <new>
#include <system_error>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

bool is_ours(const boost::system::error_code& error) {
  const bool is_errno = error.category() == boost::system::system_category() ||
                        error.category() == boost::system::generic_category();
  return is_errno && is_own_error(error.value());
}

Reason reason_at(Stage stage) {
  switch (stage) {
    case Stage::resolve: return Reason::dns;
    case Stage::connect:
    case Stage::proxy: return Reason::connect;
    case Stage::tls: return Reason::tls;
    case Stage::request:
    case Stage::response:
    case Stage::transfer: return Reason::protocol;
    default: return Reason::error;
  }
}

}  // namespace

Finding finding_of(const std::exception_ptr& error, Stage stage) {
  const std::string where = std::string(name_of(stage)) + ": ";
  try {
    std::rethrow_exception(error);
  } catch (const RunEnded& ended) {
    return ended.finding();
  } catch (const IoError& broken) {
    if (!broken.can_judge()) return Finding::unknown(broken.reason(), broken.text());
    return Finding::fail(broken.reason(), broken.text());
  } catch (const boost::system::system_error& broken) {
    const std::string text = where + on_one_line(broken.code().message());
    if (is_ours(broken.code())) return Finding::unknown(Reason::prober, text);
    if (broken.code() == asio::error::timed_out) return Finding::fail(Reason::timeout, text);
    return Finding::fail(reason_at(stage), text);
  } catch (const std::system_error& broken) {
    // Asio throws boost's; the standard library throws this one when it cannot start a thread.
    const std::string text = where + on_one_line(broken.code().message());
    if (is_own_start_error(broken.code().value())) return Finding::unknown(Reason::prober, text);
    return Finding::fail(Reason::error, text);
  } catch (const std::bad_alloc&) {
    return Finding::unknown(Reason::prober, where + "out of memory");
  } catch (const std::exception& unexpected) {
    return Finding::fail(Reason::error, where + on_one_line(unexpected.what()));
  }
}

}  // namespace gonogo
