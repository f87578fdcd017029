// SPDX-License-Identifier: MIT
// Why Xen refused: the errno of a hypercall that returned a negative number ([xen] errno.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <base/text_table.hpp>

namespace enlighten::abi {

// Positive; a hypercall returns the negative. Xen's numbers are its own, whatever the C library's are.
enum class Errno : std::int32_t {
  eperm = 1,
  enoent = 2,
  esrch = 3,
  eio = 5,
  enxio = 6,
  e2big = 7,
  enoexec = 8,
  ebadf = 9,
  echild = 10,
  eagain = 11,
  enomem = 12,
  eacces = 13,
  efault = 14,
  ebusy = 16,
  eexist = 17,
  exdev = 18,
  enodev = 19,
  enotdir = 20,
  eisdir = 21,
  einval = 22,
  enfile = 23,
  emfile = 24,
  enospc = 28,
  erofs = 30,
  emlink = 31,
  edom = 33,
  erange = 34,
  edeadlk = 35,
  enametoolong = 36,
  enolck = 37,
  enosys = 38,
  enotempty = 39,
  enodata = 61,
  etime = 62,
  ebadmsg = 74,
  eoverflow = 75,
  eilseq = 84,
  enotsock = 88,
  emsgsize = 90,
  eopnotsupp = 95,
  eaddrinuse = 98,
  eaddrnotavail = 99,
  enobufs = 105,
  eisconn = 106,
  enotconn = 107,
  etimedout = 110,
  econnrefused = 111,
};

namespace detail {

inline constexpr Text_table errno_texts{
    Text_of{Errno::eperm, "EPERM: not permitted"},
    Text_of{Errno::enoent, "ENOENT: no such object or vCPU"},
    Text_of{Errno::esrch, "ESRCH: no such domain"},
    Text_of{Errno::eio, "EIO: input or output error"},
    Text_of{Errno::enxio, "ENXIO: no such device or address"},
    Text_of{Errno::e2big, "E2BIG: argument too big"},
    Text_of{Errno::enoexec, "ENOEXEC: not an executable format"},
    Text_of{Errno::ebadf, "EBADF: bad descriptor"},
    Text_of{Errno::echild, "ECHILD: no child"},
    Text_of{Errno::eagain, "EAGAIN: try again"},
    Text_of{Errno::enomem, "ENOMEM: Xen is out of memory"},
    Text_of{Errno::eacces, "EACCES: access denied"},
    Text_of{Errno::efault, "EFAULT: address Xen cannot reach"},
    Text_of{Errno::ebusy, "EBUSY: busy or already in use"},
    Text_of{Errno::eexist, "EEXIST: exists already"},
    Text_of{Errno::exdev, "EXDEV: crosses devices"},
    Text_of{Errno::enodev, "ENODEV: no such device"},
    Text_of{Errno::enotdir, "ENOTDIR: not a directory"},
    Text_of{Errno::eisdir, "EISDIR: is a directory"},
    Text_of{Errno::einval, "EINVAL: invalid argument or state"},
    Text_of{Errno::enfile, "ENFILE: table full"},
    Text_of{Errno::emfile, "EMFILE: too many open"},
    Text_of{Errno::enospc, "ENOSPC: none left (ports, frames or space)"},
    Text_of{Errno::erofs, "EROFS: read-only"},
    Text_of{Errno::emlink, "EMLINK: too many links"},
    Text_of{Errno::edom, "EDOM: outside the domain of the function"},
    Text_of{Errno::erange, "ERANGE: result out of range"},
    Text_of{Errno::edeadlk, "EDEADLK: would deadlock"},
    Text_of{Errno::enametoolong, "ENAMETOOLONG: name too long"},
    Text_of{Errno::enolck, "ENOLCK: no locks left"},
    Text_of{Errno::enosys, "ENOSYS: this Xen has no such call"},
    Text_of{Errno::enotempty, "ENOTEMPTY: not empty"},
    Text_of{Errno::enodata, "ENODATA: no data"},
    Text_of{Errno::etime, "ETIME: too late"},
    Text_of{Errno::ebadmsg, "EBADMSG: malformed message"},
    Text_of{Errno::eoverflow, "EOVERFLOW: value too large"},
    Text_of{Errno::eilseq, "EILSEQ: illegal byte sequence"},
    Text_of{Errno::enotsock, "ENOTSOCK: not a socket"},
    Text_of{Errno::emsgsize, "EMSGSIZE: message too long"},
    Text_of{Errno::eopnotsupp, "EOPNOTSUPP: not supported here"},
    Text_of{Errno::eaddrinuse, "EADDRINUSE: address in use"},
    Text_of{Errno::eaddrnotavail, "EADDRNOTAVAIL: address not available"},
    Text_of{Errno::enobufs, "ENOBUFS: no buffers left"},
    Text_of{Errno::eisconn, "EISCONN: already connected"},
    Text_of{Errno::enotconn, "ENOTCONN: not connected"},
    Text_of{Errno::etimedout, "ETIMEDOUT: timed out"},
    Text_of{Errno::econnrefused, "ECONNREFUSED: connection refused"},
};

}  // namespace detail

// Name and meaning in a few words, "EINVAL: invalid argument or state".
[[nodiscard]] constexpr const char* errno_name(Errno number) noexcept {
  return detail::errno_texts.find(number, "an errno Xen does not define");
}

// The one that is called so, as in "EINVAL".
[[nodiscard]] constexpr std::optional<Errno> errno_named(std::string_view name) noexcept {
  const std::optional<std::uint8_t> number = detail::errno_texts.number_of(
      [name](std::string_view text) { return text.substr(0, text.find(':')) == name; });
  return number ? std::optional{static_cast<Errno>(*number)} : std::nullopt;
}

}  // namespace enlighten::abi
