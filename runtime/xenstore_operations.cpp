// SPDX-License-Identifier: MIT
// What each operation asks, and how its reply is read.
#include <runtime/xenstore.hpp>

#include <algorithm>
#include <charconv>

#include <abi/errno.hpp>

namespace enlighten::runtime {
namespace {

using guest::Xenstore_message;
namespace xenstore_reply = guest::xenstore_reply;

using Question = const Store_question&;
using Message = Result<Xenstore_message>;

[[nodiscard]] Domain_id domain_of(std::uint64_t number) noexcept {
  return Domain_id{static_cast<std::uint16_t>(number)};
}

template <Xenstore_message (*make)(std::string_view path, guest::Xenstore_transaction_id in) noexcept>
[[nodiscard]] Message about_a_path(Question question) noexcept {
  ENLIGHTEN_TRY(question.path.check());
  return make(question.path.view(), question.in.id);
}

[[nodiscard]] Message write_value(Question question) noexcept {
  ENLIGHTEN_TRY(question.path.check());
  return Xenstore_message::write(question.path.view(), question.value, question.in.id);
}

[[nodiscard]] Message set_perms(Question question) noexcept {
  ENLIGHTEN_TRY(question.path.check());
  const std::uint64_t count = question.numbers[0];
  const std::span all{question.permissions};
  return Xenstore_message::set_perms(question.path.view(), count <= all.size() ? all.first(count) : all.first(0),
                                     question.in.id);
}

[[nodiscard]] Message directory_part(Question question) noexcept {
  ENLIGHTEN_TRY(question.path.check());
  return Xenstore_message::directory_part(question.path.view(), static_cast<std::uint32_t>(question.numbers[0]),
                                          question.in.id);
}

[[nodiscard]] Result<std::string> bytes(std::string_view payload) noexcept {
  return std::string{payload};
}

[[nodiscard]] Result<std::string> text(std::string_view payload) noexcept {
  return std::string{ENLIGHTEN_TRY(xenstore_reply::text(payload))};
}

[[nodiscard]] Result<std::string> texts(std::string_view payload) noexcept {
  return std::string{ENLIGHTEN_TRY(xenstore_reply::texts(payload))};
}

[[nodiscard]] Result<std::uint64_t> number(std::string_view payload) noexcept {
  std::uint64_t value = 0;
  const char* const end = payload.data() + payload.size();
  const auto [at, error] = std::from_chars(payload.data(), end, value);
  if (error != std::errc{} || at != end) {
    const auto shown = static_cast<int>(std::min<std::size_t>(payload.size(), 24));
    return Error::make(Error_kind::protocol, "xenstore: a value that is to be a number is \"%.*s\"", shown,
                       payload.data());
  }
  return value;
}

[[nodiscard]] Result<std::vector<Xenstore_permission>> permission_list(std::string_view payload) noexcept {
  // Each takes three bytes at least.
  std::vector<Xenstore_permission> list(payload.size() / 3);
  list.resize(ENLIGHTEN_TRY(xenstore_reply::permissions(payload, list)));
  return list;
}

void add_names(std::vector<std::string>& names, std::string_view payload) {
  for (const std::string_view name : guest::Xenstore_texts{payload}) {
    names.emplace_back(name);
  }
}

// A list that others change again and again while it is read in parts is read so often.
constexpr unsigned most_readings = 100;

}  // namespace

Store_operation<std::string> Store_access::read(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::read>, bytes, {.path = path, .in = in_}};
}

Store_operation<std::uint64_t> Store_access::read_number(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::read>, number, {.path = path, .in = in_}};
}

Store_operation<void> Store_access::write(const Xenstore_path& path, std::string_view value) noexcept {
  return {store_, write_value, xenstore_reply::ok, {.path = path, .value = std::string{value}, .in = in_}};
}

Store_operation<void> Store_access::write_number(const Xenstore_path& path, std::uint64_t value) noexcept {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return write(path, std::string_view{digits.data(), static_cast<std::size_t>(written.ptr - digits.data())});
}

Store_operation<void> Store_access::mkdir(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::mkdir>, xenstore_reply::ok, {.path = path, .in = in_}};
}

Store_operation<void> Store_access::rm(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::rm>, xenstore_reply::ok, {.path = path, .in = in_}};
}

Store_operation<std::vector<Xenstore_permission>> Store_access::permissions(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::get_perms>, permission_list, {.path = path, .in = in_}};
}

Store_operation<void> Store_access::set_permissions(const Xenstore_path& path,
                                                    std::span<const Xenstore_permission> permissions) noexcept {
  Store_question question{.path = path, .in = in_};
  question.numbers[0] = permissions.size();
  std::ranges::copy(permissions.first(std::min(permissions.size(), question.permissions.size())),
                    question.permissions.begin());
  return {store_, set_perms, xenstore_reply::ok, std::move(question)};
}

Store_operation<std::string> Store_access::names_of(const Xenstore_path& path) noexcept {
  return {store_, about_a_path<Xenstore_message::directory>, texts, {.path = path, .in = in_}};
}

Store_operation<std::string> Store_access::part_of_names(const Xenstore_path& path, std::uint64_t offset) noexcept {
  return {store_, directory_part, texts, {.path = path, .numbers = {offset}, .in = in_}};
}

Task<Result<std::vector<std::string>>> Store_access::directory(Xenstore_path path) {
  std::vector<std::string> names;
  const Result<std::string> whole = co_await names_of(path);
  if (whole) {
    add_names(names, *whole);
    co_return Result<std::vector<std::string>>{std::move(names)};
  }
  if (whole.error().kind() != Error_kind::xenstore ||
      whole.error().number() != static_cast<std::int64_t>(abi::Errno::e2big)) {
    co_return whole.error();
  }
  std::uint64_t offset = 0;
  std::uint64_t generation = 0;
  for (unsigned readings = 0; readings < most_readings;) {
    const Result<std::string> reply = co_await part_of_names(path, offset);
    if (!reply) {
      co_return reply.error();
    }
    const Result<xenstore_reply::Directory_part> part = xenstore_reply::directory_part(*reply);
    if (!part) {
      co_return part.error();
    }
    if (offset != 0 && part->generation != generation) {
      // Not the list any more that the names so far are of.
      names.clear();
      offset = 0;
      ++readings;
      continue;
    }
    generation = part->generation;
    add_names(names, part->texts);
    offset += part->texts.size();
    if (part->is_last) {
      co_return Result<std::vector<std::string>>{std::move(names)};
    }
    if (part->texts.empty()) {
      co_return Error::make(Error_kind::protocol, "xenstore: a directory in parts of which one is empty");
    }
  }
  co_return Error::make(Error_kind::xenstore, "xenstore: a directory that changes while it is read, %u times",
                        most_readings);
}

Store_operation<Store_transaction> Store::begin_transaction() noexcept {
  return {*this,
          [](Question) noexcept -> Message { return Xenstore_message::transaction_start(); },
          [](std::string_view payload) noexcept -> Result<Store_transaction> {
            return Store_transaction{.id = ENLIGHTEN_TRY(xenstore_reply::transaction(payload))};
          },
          {}};
}

Store_operation<void> Store::end_transaction(const Store_transaction& which,
                                             Xenstore_message::Ending how) noexcept {
  return {*this,
          [](Question question) noexcept -> Message {
            return Xenstore_message::transaction_end(question.in.id,
                                                     static_cast<Xenstore_message::Ending>(question.numbers[0]));
          },
          xenstore_reply::ok,
          {.path = {}, .numbers = {static_cast<std::uint64_t>(how)}, .in = which}};
}

bool Store::is_conflict(const Result<>& outcome) noexcept {
  return !outcome && outcome.error().kind() == Error_kind::xenstore &&
         outcome.error().number() == static_cast<std::int64_t>(abi::Errno::eagain);
}

Task<Result<>> Store::finish(Store_transaction which, Result<> outcome) {
  const auto how = outcome ? Xenstore_message::Ending::commit : Xenstore_message::Ending::abort;
  const Result<> ended = co_await end_transaction(which, how);
  // The first error counts.
  co_return outcome ? ended : outcome;
}

Store_operation<std::string> Store::domain_path(Domain_id domain) noexcept {
  return {*this,
          [](Question question) noexcept -> Message {
            return Xenstore_message::get_domain_path(domain_of(question.numbers[0]));
          },
          text,
          {.path = {}, .numbers = {domain.value()}}};
}

Task<Result<Xenstore_path>> Store::own_path() {
  const Result<std::uint64_t> domain = co_await read_number(own_domain / "domid");
  if (!domain) {
    co_return domain.error();
  }
  const Result<std::string> path = co_await domain_path(domain_of(*domain));
  if (!path) {
    co_return path.error();
  }
  co_return Xenstore_path{std::string_view{*path}};
}

Store_operation<bool> Store::is_introduced(Domain_id domain) noexcept {
  return {*this,
          [](Question question) noexcept -> Message {
            return Xenstore_message::is_introduced(domain_of(question.numbers[0]));
          },
          xenstore_reply::yes_or_no,
          {.path = {}, .numbers = {domain.value()}}};
}

Store_operation<void> Store::introduce(Domain_id domain, abi::Gfn ring, Port port) noexcept {
  return {*this,
          [](Question question) noexcept -> Message {
            return Xenstore_message::introduce(domain_of(question.numbers[0]), abi::Gfn{question.numbers[1]},
                                               Port{static_cast<std::uint32_t>(question.numbers[2])});
          },
          xenstore_reply::ok,
          {.path = {}, .numbers = {domain.value(), ring.value(), port.value()}}};
}

Store_operation<std::string> Store::control(std::string_view command, std::string_view parameter) noexcept {
  std::string words{command};
  if (!parameter.empty()) {
    words += '\0';
    words += parameter;
  }
  return {*this,
          [](Question question) noexcept -> Message { return Xenstore_message::control(question.value, {}); },
          bytes,
          {.path = {}, .value = std::move(words)}};
}

Store_operation<void> Store::reset_watches() noexcept {
  return {*this,
          [](Question) noexcept -> Message { return Xenstore_message::reset_watches(); },
          xenstore_reply::ok,
          {}};
}

}  // namespace enlighten::runtime
