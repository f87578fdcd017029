// SPDX-License-Identifier: MIT
// Puts payloads together, and takes those of replies apart.
#include <guest/xenstore_message.hpp>

#include <algorithm>
#include <cstring>

#include <abi/errno.hpp>
#include <base/text_table.hpp>

namespace enlighten::guest {
namespace {

using abi::Xs_type;

constexpr Text_table verbs{Text_of{Xs_type::control, "control of"},
                           Text_of{Xs_type::directory, "directory of"},
                           Text_of{Xs_type::directory_part, "directory of"},
                           Text_of{Xs_type::read, "read of"},
                           Text_of{Xs_type::get_perms, "permissions of"},
                           Text_of{Xs_type::watch, "watch of"},
                           Text_of{Xs_type::unwatch, "end of the watch of"},
                           Text_of{Xs_type::transaction_start, "start of a transaction"},
                           Text_of{Xs_type::transaction_end, "end of a transaction"},
                           Text_of{Xs_type::introduce, "introduction of domain"},
                           Text_of{Xs_type::get_domain_path, "path of domain"},
                           Text_of{Xs_type::write, "write of"},
                           Text_of{Xs_type::mkdir, "mkdir of"},
                           Text_of{Xs_type::rm, "rm of"},
                           Text_of{Xs_type::set_perms, "new permissions of"},
                           Text_of{Xs_type::is_domain_introduced, "introduction of domain"},
                           Text_of{Xs_type::reset_watches, "reset of all watches"}};

// The end of a text in an error's.
constexpr std::size_t shown = 24;

Error malformed(const char* expected, std::string_view payload) noexcept {
  Text<4 * shown + 3> printable;
  for (const char character : payload.substr(0, shown)) {
    if (character >= ' ' && character <= '~') {
      printable.append("%c", character);
    } else {
      printable.append("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(character)));
    }
  }
  return Error::make(Error_kind::protocol, "xenstore: a reply of %zu bytes that begins \"%s\" is not %s",
                     payload.size(), printable.c_str(), expected);
}

// All of `digits`; nothing if that is no number, or one beyond `most`.
std::optional<std::uint64_t> decimal(std::string_view digits, std::uint64_t most) noexcept {
  std::uint64_t number = 0;
  for (const char character : digits) {
    if (character < '0' || character > '9') {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(character - '0');
    if (number > (most - digit) / 10) {
      return std::nullopt;
    }
    number = number * 10 + digit;
  }
  return digits.empty() ? std::nullopt : std::optional{number};
}

}  // namespace

Xenstore_message::Xenstore_message(Xs_type type, Xenstore_transaction_id transaction,
                                   std::initializer_list<std::string_view> words) noexcept
    : type_{type}, transaction_{transaction} {
  for (const std::string_view word : words) {
    words_[word_count_++] = word;
  }
}

Xenstore_message Xenstore_message::read(std::string_view path, Xenstore_transaction_id in) noexcept {
  return {Xs_type::read, in, {path}};
}

Xenstore_message Xenstore_message::write(std::string_view path, std::string_view value,
                                         Xenstore_transaction_id in) noexcept {
  Xenstore_message message{Xs_type::write, in, {path}};
  message.value_ = value;
  return message;
}

Xenstore_message Xenstore_message::mkdir(std::string_view path, Xenstore_transaction_id in) noexcept {
  return {Xs_type::mkdir, in, {path}};
}

Xenstore_message Xenstore_message::rm(std::string_view path, Xenstore_transaction_id in) noexcept {
  return {Xs_type::rm, in, {path}};
}

Xenstore_message Xenstore_message::directory(std::string_view path, Xenstore_transaction_id in) noexcept {
  return {Xs_type::directory, in, {path}};
}

Xenstore_message Xenstore_message::directory_part(std::string_view path, std::uint32_t offset,
                                                  Xenstore_transaction_id in) noexcept {
  Xenstore_message message{Xs_type::directory_part, in, {path}};
  message.append_number(offset);
  return message;
}

Xenstore_message Xenstore_message::get_perms(std::string_view path, Xenstore_transaction_id in) noexcept {
  return {Xs_type::get_perms, in, {path}};
}

Result<Xenstore_message> Xenstore_message::set_perms(std::string_view path,
                                                     std::span<const Xenstore_permission> permissions,
                                                     Xenstore_transaction_id in) noexcept {
  if (permissions.empty() || permissions.size() > most_permissions) {
    return Error::make(Error_kind::argument, "xenstore: %zu permissions for a node; 1 to %zu can be",
                       permissions.size(), most_permissions);
  }
  Xenstore_message message{Xs_type::set_perms, in, {path}};
  for (const Xenstore_permission& permission : permissions) {
    const char access = static_cast<char>(permission.access);
    message.append({&access, 1});
    message.append_number(permission.domain.value());
  }
  return message;
}

// What has nothing to say sends an empty word.
Xenstore_message Xenstore_message::transaction_start() noexcept {
  return {Xs_type::transaction_start, no_transaction, {""}};
}

Xenstore_message Xenstore_message::transaction_end(Xenstore_transaction_id which, Ending how) noexcept {
  return {Xs_type::transaction_end, which, {how == Ending::commit ? "T" : "F"}};
}

Xenstore_message Xenstore_message::watch(std::string_view path, std::string_view token) noexcept {
  return {Xs_type::watch, no_transaction, {path, token}};
}

Xenstore_message Xenstore_message::unwatch(std::string_view path, std::string_view token) noexcept {
  return {Xs_type::unwatch, no_transaction, {path, token}};
}

Xenstore_message Xenstore_message::reset_watches() noexcept {
  return {Xs_type::reset_watches, no_transaction, {""}};
}

Xenstore_message Xenstore_message::introduce(Domain_id domain, abi::Gfn ring, Port port) noexcept {
  Xenstore_message message{Xs_type::introduce, no_transaction, {}};
  message.append_number(domain.value());
  message.append_number(ring.value());
  message.append_number(port.value());
  return message;
}

Xenstore_message Xenstore_message::is_introduced(Domain_id domain) noexcept {
  Xenstore_message message{Xs_type::is_domain_introduced, no_transaction, {}};
  message.append_number(domain.value());
  return message;
}

Xenstore_message Xenstore_message::get_domain_path(Domain_id domain) noexcept {
  Xenstore_message message{Xs_type::get_domain_path, no_transaction, {}};
  message.append_number(domain.value());
  return message;
}

Xenstore_message Xenstore_message::control(std::string_view command, std::string_view parameter) noexcept {
  Xenstore_message message{Xs_type::control, no_transaction, {command}};
  if (!parameter.empty()) {
    message.words_[message.word_count_++] = parameter;
  }
  return message;
}

// The tail has room for the longest that any of the above appends: 8 permissions of 7 characters each.
void Xenstore_message::append(std::string_view text) noexcept {
  const std::size_t count = std::min(text.size(), tail_.size() - tail_length_);
  std::copy_n(text.data(), count, tail_.data() + tail_length_);
  tail_length_ = static_cast<std::uint8_t>(tail_length_ + count);
}

void Xenstore_message::append_number(std::uint64_t number) noexcept {
  std::array<char, 21> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  // With the 0 behind it.
  append({digits.data() + at, digits.size() - at});
}

std::size_t Xenstore_message::size() const noexcept {
  std::size_t size = value_.size() + tail_length_;
  for (std::size_t index = 0; index < word_count_; ++index) {
    size += words_[index].size() + 1;
  }
  return size;
}

void Xenstore_message::copy_to(std::span<std::byte> payload) const noexcept {
  std::byte* at = payload.data();
  const auto put = [&at](std::string_view text) {
    if (!text.empty()) {
      std::memcpy(at, text.data(), text.size());
    }
    at += text.size();
  };
  for (std::size_t index = 0; index < word_count_; ++index) {
    put(words_[index]);
    *at++ = std::byte{0};
  }
  put(value_);
  put({tail_.data(), tail_length_});
}

bool Xenstore_message::only_asks() const noexcept {
  switch (type_) {
    case Xs_type::read:
    case Xs_type::directory:
    case Xs_type::directory_part:
    case Xs_type::get_perms:
    case Xs_type::get_domain_path:
    case Xs_type::is_domain_introduced:
      return transaction_ == no_transaction;
    default:
      return false;
  }
}

const char* Xenstore_message::verb() const noexcept {
  return verbs.find(type_, "request");
}

std::string_view Xenstore_message::subject() const noexcept {
  if (word_count_ != 0) {
    return words_[0];
  }
  const std::string_view tail{tail_.data(), tail_length_};
  return tail.substr(0, tail.find('\0'));
}

namespace xenstore_reply {

Result<> ok(std::string_view payload) noexcept {
  if (payload != std::string_view{"OK\0", 3}) {
    return malformed("the OK of xenstored", payload);
  }
  return {};
}

Result<std::string_view> text(std::string_view payload) noexcept {
  if (payload.empty() || payload.find('\0') != payload.size() - 1) {
    return malformed("one text with a 0 behind it", payload);
  }
  return payload.substr(0, payload.size() - 1);
}

Result<std::string_view> texts(std::string_view payload) noexcept {
  if (!payload.empty() && payload.back() != '\0') {
    return malformed("texts with a 0 behind each", payload);
  }
  return payload;
}

Result<Xenstore_transaction_id> transaction(std::string_view payload) noexcept {
  constexpr std::uint64_t most = 0xffff'ffff;
  const Result<std::string_view> digits = text(payload);
  const std::optional<std::uint64_t> id = digits ? decimal(*digits, most) : std::nullopt;
  if (!id || *id == 0) {
    return malformed("the number of a transaction", payload);
  }
  return Xenstore_transaction_id{static_cast<std::uint32_t>(*id)};
}

Result<bool> yes_or_no(std::string_view payload) noexcept {
  const Result<std::string_view> answer = text(payload);
  if (!answer || (*answer != "T" && *answer != "F")) {
    return malformed("T or F", payload);
  }
  return *answer == "T";
}

Result<std::size_t> permissions(std::string_view payload, std::span<Xenstore_permission> into) noexcept {
  constexpr std::uint64_t most = 0xffff;
  std::size_t count = 0;
  for (const std::string_view one : Xenstore_texts{ENLIGHTEN_TRY(texts(payload))}) {
    const std::optional<std::uint64_t> domain = decimal(one.substr(one.empty() ? 0 : 1), most);
    if (!domain || std::string_view{"nrwb"}.find(one.front()) == std::string_view::npos) {
      return malformed("a list of permissions", payload);
    }
    if (count < into.size()) {
      into[count] = {.domain = Domain_id{static_cast<std::uint16_t>(*domain)},
                     .access = static_cast<Xenstore_permission::Access>(one.front())};
    }
    ++count;
  }
  if (count == 0) {
    return malformed("a list of permissions", payload);
  }
  return count;
}

Result<Directory_part> directory_part(std::string_view payload) noexcept {
  const std::size_t end = payload.find('\0');
  const std::optional<std::uint64_t> generation =
      end == std::string_view::npos ? std::nullopt : decimal(payload.substr(0, end), ~std::uint64_t{0});
  if (!generation) {
    return malformed("a generation and a list of names", payload);
  }
  std::string_view names = ENLIGHTEN_TRY(texts(payload.substr(end + 1)));
  const bool is_last = names == std::string_view{"\0", 1} || names.ends_with(std::string_view{"\0\0", 2});
  if (is_last) {
    names.remove_suffix(1);
  }
  return Directory_part{.generation = *generation, .texts = names, .is_last = is_last};
}

Error refusal(const Xenstore_message& request, std::string_view payload) noexcept {
  const std::string_view name = payload.substr(0, payload.find('\0'));
  const std::optional<abi::Errno> number = abi::errno_named(name);
  if (!number) {
    return malformed("an errno that is known", payload);
  }
  const std::string_view subject = request.subject();
  return Error::numbered(
      Error_kind::xenstore, static_cast<std::int64_t>(*number), "xenstore: %s %.*s: xenstored refused (%.*s)",
      request.verb(), static_cast<int>(subject.size()), subject.data(), static_cast<int>(name.size()), name.data());
}

}  // namespace xenstore_reply

}  // namespace enlighten::guest
