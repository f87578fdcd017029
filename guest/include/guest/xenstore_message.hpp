// SPDX-License-Identifier: MIT
// What xenstored is asked, and what its replies say ([xen] io/xs_wire.h, misc/xenstore.txt).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include <abi/frame.hpp>
#include <abi/xenstore.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::guest {

// As xenstored numbers it; 0 is none.
using Xenstore_transaction_id = Identity<struct Xenstore_transaction_tag, std::uint32_t>;
inline constexpr Xenstore_transaction_id no_transaction{0};

struct Xenstore_permission {
  enum class Access : char { none = 'n', read = 'r', write = 'w', both = 'b' };

  // Of the first of a list: the node's owner, who may do anything; and its access is that of all who are not
  // listed.
  Domain_id domain{0};
  Access access = Access::none;

  friend constexpr bool operator==(const Xenstore_permission&, const Xenstore_permission&) noexcept = default;
};

// A request but for its id. Refers to texts of the caller's, which stay until it is done.
class Xenstore_message {
 public:
  static constexpr std::size_t most_permissions = 8;

  // For whatever else xenstored may be asked: `words`, each with a 0 behind it. At most most_words.
  static constexpr std::size_t most_words = 3;
  Xenstore_message(abi::Xs_type type, Xenstore_transaction_id transaction,
                   std::initializer_list<std::string_view> words) noexcept;

  // Paths are as Xenstore_path has them, or longer ones of the caller's own: xenstored refuses what cannot be.
  [[nodiscard]] static Xenstore_message read(std::string_view path,
                                             Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message write(std::string_view path, std::string_view value,
                                              Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message mkdir(std::string_view path,
                                              Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message rm(std::string_view path,
                                           Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message directory(std::string_view path,
                                                  Xenstore_transaction_id in = no_transaction) noexcept;
  // For a directory whose names take more than abi::xenstore_payload_max: those from byte `offset` of its list on.
  [[nodiscard]] static Xenstore_message directory_part(std::string_view path, std::uint32_t offset,
                                                       Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message get_perms(std::string_view path,
                                                  Xenstore_transaction_id in = no_transaction) noexcept;
  // One to most_permissions of them.
  [[nodiscard]] static Result<Xenstore_message> set_perms(std::string_view path,
                                                          std::span<const Xenstore_permission> permissions,
                                                          Xenstore_transaction_id in = no_transaction) noexcept;
  [[nodiscard]] static Xenstore_message transaction_start() noexcept;
  enum class Ending : std::uint8_t { commit, abort };
  [[nodiscard]] static Xenstore_message transaction_end(Xenstore_transaction_id which, Ending how) noexcept;
  [[nodiscard]] static Xenstore_message watch(std::string_view path, std::string_view token) noexcept;
  [[nodiscard]] static Xenstore_message unwatch(std::string_view path, std::string_view token) noexcept;
  [[nodiscard]] static Xenstore_message reset_watches() noexcept;
  [[nodiscard]] static Xenstore_message introduce(Domain_id domain, abi::Gfn ring, Port port) noexcept;
  [[nodiscard]] static Xenstore_message is_introduced(Domain_id domain) noexcept;
  [[nodiscard]] static Xenstore_message get_domain_path(Domain_id domain) noexcept;
  [[nodiscard]] static Xenstore_message control(std::string_view command, std::string_view parameter) noexcept;

  [[nodiscard]] abi::Xs_type type() const noexcept { return type_; }
  [[nodiscard]] Xenstore_transaction_id transaction() const noexcept { return transaction_; }
  // Of the payload.
  [[nodiscard]] std::size_t size() const noexcept;
  // size() bytes.
  void copy_to(std::span<std::byte> payload) const noexcept;

  // Changes nothing, in xenstored or of what comes from it: may be sent twice.
  [[nodiscard]] bool only_asks() const noexcept;

  // For an error's text: what is asked, and of whom.
  [[nodiscard]] const char* verb() const noexcept;
  [[nodiscard]] std::string_view subject() const noexcept;

 private:
  void append_number(std::uint64_t number) noexcept;
  void append(std::string_view text) noexcept;

  // The payload: words, each with a 0 behind it; the value, without; the tail, as it is.
  std::array<std::string_view, most_words> words_;
  std::string_view value_;
  std::array<char, 64> tail_{};
  std::uint8_t word_count_ = 0;
  std::uint8_t tail_length_ = 0;
  abi::Xs_type type_;
  Xenstore_transaction_id transaction_;
};

// How replies are read. Each is an error of kind protocol if the payload is not what the request's reply has to be.
namespace xenstore_reply {

[[nodiscard]] Result<> ok(std::string_view payload) noexcept;
[[nodiscard]] Result<Xenstore_transaction_id> transaction(std::string_view payload) noexcept;
[[nodiscard]] Result<bool> yes_or_no(std::string_view payload) noexcept;
// A text with a 0 behind it, without that.
[[nodiscard]] Result<std::string_view> text(std::string_view payload) noexcept;
// Texts, each with a 0 behind it, for Xenstore_texts.
[[nodiscard]] Result<std::string_view> texts(std::string_view payload) noexcept;
// How many there were; at most as many as fit.
[[nodiscard]] Result<std::size_t> permissions(std::string_view payload,
                                              std::span<Xenstore_permission> into) noexcept;
// The node's generation, which is the same as long as its list is, and a part of that list.
struct Directory_part {
  std::uint64_t generation;
  std::string_view texts;
  // No more follows: the list itself ends in an empty text, which is not in `texts`.
  bool is_last;
};
[[nodiscard]] Result<Directory_part> directory_part(std::string_view payload) noexcept;
// What xenstored refused with: "ENOENT".
[[nodiscard]] Error refusal(const Xenstore_message& request, std::string_view payload) noexcept;

}  // namespace xenstore_reply

// Texts that have a 0 behind each, one after the other: for (std::string_view name : Xenstore_texts{payload}).
class Xenstore_texts {
 public:
  explicit constexpr Xenstore_texts(std::string_view all) noexcept : all_{all} {}

  class Iterator {
   public:
    explicit constexpr Iterator(std::string_view rest) noexcept : rest_{rest} {}
    [[nodiscard]] constexpr std::string_view operator*() const noexcept {
      return rest_.substr(0, rest_.find('\0'));
    }
    constexpr Iterator& operator++() noexcept {
      const std::size_t end = rest_.find('\0');
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      return *this;
    }
    [[nodiscard]] constexpr bool operator==(const Iterator& other) const noexcept {
      return rest_.size() == other.rest_.size();
    }

   private:
    std::string_view rest_;
  };

  [[nodiscard]] constexpr Iterator begin() const noexcept { return Iterator{all_}; }
  [[nodiscard]] constexpr Iterator end() const noexcept { return Iterator{all_.substr(all_.size())}; }

 private:
  std::string_view all_;
};

}  // namespace enlighten::guest
