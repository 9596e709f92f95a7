#include "daemon/io/systemd_bus.h"

#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace {

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* timer_interface = "org.freedesktop.systemd1.Timer";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";
constexpr const char* private_address = "unix:path=/run/systemd/private";
constexpr std::size_t most_units = 10'000;
constexpr std::uint64_t no_time = UINT64_MAX;

struct BusError {
  BusError() = default;
  ~BusError() { sd_bus_error_free(&error); }
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  sd_bus_error error{};
};

struct Message {
  Message() = default;
  ~Message() { sd_bus_message_unref(message); }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  sd_bus_message* message = nullptr;
};

[[noreturn]] void refuse(int code, const BusError* error, const std::string& what) {
  const bool has_words = error != nullptr && error->error.message != nullptr;
  const std::string text =
      what + ": " + on_one_line(has_words ? error->error.message : std::strerror(-code), 160);
  const bool is_late =
      code == -ETIMEDOUT ||
      (error != nullptr && sd_bus_error_has_name(&error->error, SD_BUS_ERROR_NO_REPLY) != 0);
  const Reason reason = code == -EACCES || code == -EPERM          ? Reason::permission
                        : code == -ENOENT || code == -ECONNREFUSED ? Reason::connect
                        : is_late                                  ? Reason::timeout
                                                                   : Reason::error;
  throw IoError::of(-code, reason, text);
}

}  // namespace

struct SystemdBus::Native {
  ~Native() { sd_bus_flush_close_unref(bus); }

  std::string text(const std::string& path, const char* interface, const char* property) {
    BusError error;
    char* value = nullptr;
    const int code = sd_bus_get_property_string(bus, service, path.c_str(), interface, property,
                                                &error.error, &value);
    if (code < 0) refuse(code, &error, std::string("systemd's ") + property);
    std::string out = printable(value, 160);
    std::free(value);
    return out;
  }

  std::uint64_t number(const std::string& path, const char* interface, const char* property) {
    BusError error;
    std::uint64_t value = 0;
    const int code = sd_bus_get_property_trivial(bus, service, path.c_str(), interface, property,
                                                 &error.error, 't', &value);
    if (code < 0) refuse(code, &error, std::string("systemd's ") + property);
    return value;
  }

  // systemd loads the unit if necessary. A unit that does not exist has a path as well.
  std::string path_of(const std::string& name) {
    BusError error;
    Message reply;
    const int code = sd_bus_call_method(bus, service, manager_path, manager, "LoadUnit",
                                        &error.error, &reply.message, "s", name.c_str());
    if (code < 0) refuse(code, &error, in_quotes(name));
    const char* path = nullptr;
    sd_bus_message_read(reply.message, "o", &path);
    return path == nullptr ? "" : path;
  }

  // Names of units by their states and name patterns.
  std::vector<std::string> list(const char* state, const char* pattern) {
    BusError error;
    Message request;
    Message reply;
    sd_bus_message_new_method_call(bus, &request.message, service, manager_path, manager,
                                   "ListUnitsByPatterns");
    const auto append = [&request](const char* text) {
      sd_bus_message_open_container(request.message, 'a', "s");
      if (text != nullptr) sd_bus_message_append(request.message, "s", text);
      sd_bus_message_close_container(request.message);
    };
    append(state);
    append(pattern);
    const int code = sd_bus_call(bus, request.message, 0, &error.error, &reply.message);
    if (code < 0) refuse(code, &error, "systemd's units");
    std::vector<std::string> names;
    sd_bus_message_enter_container(reply.message, 'a', "(ssssssouso)");
    while (names.size() < most_units &&
           sd_bus_message_enter_container(reply.message, 'r', "ssssssouso") > 0) {
      const char* name = nullptr;
      sd_bus_message_read(reply.message, "s", &name);
      if (name != nullptr) names.push_back(printable(name, 160));
      sd_bus_message_skip(reply.message, "sssssouso");
      sd_bus_message_exit_container(reply.message);
    }
    return names;
  }

  sd_bus* bus = nullptr;
};

SystemdBus::SystemdBus(Duration timeout) : native_(std::make_unique<Native>()) {
  int code = sd_bus_open_system(&native_->bus);
  if (code < 0 && ::geteuid() == 0) {
    sd_bus_new(&native_->bus);
    sd_bus_set_address(native_->bus, private_address);
    code = sd_bus_start(native_->bus);
  }
  if (code < 0) refuse(code, nullptr, "systemd's bus");
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(timeout).count();
  sd_bus_set_method_call_timeout(native_->bus,
                                 static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 1)));
}

SystemdBus::~SystemdBus() = default;

UnitFacts SystemdBus::unit(const std::string& name) {
  const std::string path = native_->path_of(name);
  UnitFacts facts;
  facts.id = native_->text(path, unit_interface, "Id");
  facts.load_state = native_->text(path, unit_interface, "LoadState");
  facts.active_state = native_->text(path, unit_interface, "ActiveState");
  facts.sub_state = native_->text(path, unit_interface, "SubState");
  if (facts.id.ends_with(".service") && facts.load_state == "loaded") {
    facts.result = native_->text(path, service_interface, "Result");
    BusError error;
    std::uint32_t restarts = 0;
    if (sd_bus_get_property_trivial(native_->bus, service, path.c_str(), service_interface,
                                    "NRestarts", &error.error, 'u', &restarts) >= 0)
      facts.restarts = restarts;
  }
  return facts;
}

std::vector<std::string> SystemdBus::failed_units() { return native_->list("failed", nullptr); }

std::vector<std::string> SystemdBus::timers() { return native_->list(nullptr, "*.timer"); }

TimerFacts SystemdBus::timer(const std::string& name, Now now) {
  const std::string path = native_->path_of(name);
  TimerFacts facts;
  facts.id = name;
  facts.triggers = native_->text(path, timer_interface, "Unit");
  const auto at = [](std::uint64_t micros) { return WallTime{std::chrono::microseconds{micros}}; };
  const std::uint64_t last = native_->number(path, timer_interface, "LastTriggerUSec");
  if (last != 0 && last != no_time) facts.last = at(last);
  const std::uint64_t next = native_->number(path, timer_interface, "NextElapseUSecRealtime");
  if (next != 0 && next != no_time) facts.next = at(next);
  const std::uint64_t monotonic = native_->number(path, timer_interface, "NextElapseUSecMonotonic");
  if (monotonic != 0 && monotonic != no_time) {
    // systemd counts by a clock that stops while the host is suspended; our clock goes on.
    timespec passed{};
    ::clock_gettime(CLOCK_MONOTONIC, &passed);
    const auto present =
        std::chrono::seconds{passed.tv_sec} + std::chrono::microseconds{passed.tv_nsec / 1000};
    const WallTime then = now.wall + (std::chrono::microseconds{monotonic} - present);
    facts.next = facts.next ? std::min(*facts.next, then) : then;
  }
  return facts;
}

std::vector<std::string> SystemdBus::commands_of(const std::string& name) {
  const std::string path = native_->path_of(name);
  BusError error;
  Message reply;
  const int code = sd_bus_get_property(native_->bus, service, path.c_str(), service_interface,
                                       "ExecStart", &error.error, &reply.message, "a(sasbttttuii)");
  if (code < 0) return {};
  std::vector<std::string> commands;
  sd_bus_message_enter_container(reply.message, 'a', "(sasbttttuii)");
  while (sd_bus_message_enter_container(reply.message, 'r', "sasbttttuii") > 0) {
    const char* program = nullptr;
    sd_bus_message_read(reply.message, "s", &program);
    sd_bus_message_enter_container(reply.message, 'a', "s");
    std::string command;
    const char* word = nullptr;
    while (sd_bus_message_read(reply.message, "s", &word) > 0)
      command += (command.empty() ? "" : " ") + std::string(word);
    sd_bus_message_exit_container(reply.message);
    sd_bus_message_skip(reply.message, "bttttuii");
    sd_bus_message_exit_container(reply.message);
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace gonogo
