#include "daemon/io/route.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

namespace gonogo {
namespace {

using boost::asio::ip::address;

std::string bytes_of(const address& of) {
  if (of.is_v4()) {
    const auto bytes = of.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = of.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

// The request for the route to one address.
std::string request_for(const std::string& peer, bool is_v6) {
  std::string text(NLMSG_LENGTH(sizeof(rtmsg)) + RTA_SPACE(peer.size()), '\0');
  auto* header = reinterpret_cast<nlmsghdr*>(text.data());
  header->nlmsg_len = static_cast<std::uint32_t>(text.size());
  header->nlmsg_type = RTM_GETROUTE;
  header->nlmsg_flags = NLM_F_REQUEST;
  auto* route = static_cast<rtmsg*>(NLMSG_DATA(header));
  route->rtm_family = is_v6 ? AF_INET6 : AF_INET;
  route->rtm_dst_len = static_cast<unsigned char>(peer.size() * 8);
  auto* attribute = reinterpret_cast<rtattr*>(text.data() + NLMSG_LENGTH(sizeof(rtmsg)));
  attribute->rta_type = RTA_DST;
  attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(peer.size()));
  std::memcpy(RTA_DATA(attribute), peer.data(), peer.size());
  return text;
}

// The answer of the kernel to `request`; nothing when there is none.
std::optional<std::string> ask_kernel(const std::string& request) {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) return std::nullopt;
  std::array<char, 4096> memory{};
  ssize_t size = -1;
  if (::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()))
    size = ::recv(socket, memory.data(), memory.size(), 0);
  ::close(socket);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(0))) return std::nullopt;
  return std::string(memory.data(), static_cast<std::size_t>(size));
}

bool leads_nowhere(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN;
}

}  // namespace

bool is_beyond(const address& peer, const address& gateway) {
  const std::string wanted = bytes_of(gateway);
  auto answer = ask_kernel(request_for(bytes_of(peer), peer.is_v6()));
  if (!answer) return false;
  auto left = static_cast<unsigned>(answer->size());
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer->data());
  if (!NLMSG_OK(header, left)) return false;
  if (header->nlmsg_type == NLMSG_ERROR) {
    const auto* error = static_cast<const nlmsgerr*>(NLMSG_DATA(header));
    return leads_nowhere(-error->error);
  }
  if (header->nlmsg_type != RTM_NEWROUTE) return false;
  const auto* route = static_cast<const rtmsg*>(NLMSG_DATA(header));
  auto rest = static_cast<int>(RTM_PAYLOAD(header));
  for (const rtattr* part = RTM_RTA(route); RTA_OK(part, rest); part = RTA_NEXT(part, rest)) {
    if (part->rta_type != RTA_GATEWAY || RTA_PAYLOAD(part) != wanted.size()) continue;
    return std::memcmp(RTA_DATA(part), wanted.data(), wanted.size()) == 0;
  }
  return false;
}

}  // namespace gonogo
