// SPDX-License-Identifier: MIT
// Each operation by itself.
#include <algorithm>
#include <array>
#include <string>

#include "xenstore.hpp"

namespace xenstore {

using test::Case;

Task<> who_we_are(Test& test) {
  Case result{test.ktap, "a domain finds its own directory, and is not told of other domains"};
  const Result<Xenstore_path> path = co_await test.store.own_path();
  if (!result.works(path, "its path")) {
    co_return;
  }
  const auto by_whole_name = co_await test.store.read(*path / "domid");
  const auto by_relative_name = co_await test.store.read(own_domain / "domid");
  if (result.works(by_whole_name, "its id by the whole name") &&
      result.works(by_relative_name, "its id by the relative name")) {
    result.expect(*by_whole_name == *by_relative_name, "both are the same node");
    result.expect(path->view() == "/local/domain/" + *by_relative_name, "its path ends in its id");
  }
  result.refused(co_await test.store.is_introduced(Domain_id{0}), abi::Errno::eacces, "who is introduced");
}

Task<> nodes(Test& test) {
  Case result{test.ktap, "nodes are written, read, made, listed and removed"};
  Store& store = test.store;
  const Xenstore_path top = ground / "nodes";
  result.works(co_await store.write(top / "a" / "b", "value"), "write");
  const auto value = co_await store.read(top / "a" / "b");
  result.expect(value && *value == "value", "the value is read as it was written");
  const auto between = co_await store.read(top / "a");
  result.expect(between && between->empty(), "the node above was made, and is empty");
  result.works(co_await store.write_number(top / "number", 18'446'744'073'709'551'615U), "write of a number");
  const auto number = co_await store.read_number(top / "number");
  result.expect(number && *number == 18'446'744'073'709'551'615U, "the number is read as it was written");
  result.expect(!co_await store.read_number(top / "a" / "b"), "a value that is no number is not read as one");
  std::string bytes(2000, '\0');
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    bytes[index] = static_cast<char>(index * 7);
  }
  result.works(co_await store.write(top / "bytes", bytes), "write of 2000 bytes");
  const auto read = co_await store.read(top / "bytes");
  result.expect(read && *read == bytes, "all of them come back");
  result.works(co_await store.mkdir(top / "made"), "mkdir");
  auto names = co_await store.directory(top);
  if (result.works(names, "directory")) {
    std::ranges::sort(*names);
    result.expect(*names == std::vector<std::string>{"a", "bytes", "made", "number"}, "it has these four");
  }
  result.works(co_await store.rm(top), "rm");
  result.works(co_await store.rm(top), "rm of what is not there");
  result.refused(co_await store.read(top / "a" / "b"), abi::Errno::enoent, "read of what was removed");
}

Task<> refusals(Test& test) {
  Case result{test.ktap, "what xenstored refuses is an error that says why, and what cannot be is never sent"};
  result.refused(co_await test.store.read(ground / "no" / "such"), abi::Errno::enoent, "read of nothing");
  result.refused(co_await test.store.write("/local/domain/0/mine", "x"), abi::Errno::eacces, "write of another's");
  const auto path = co_await test.store.read("device/v if");
  result.expect(!path && path.error().kind() == Error_kind::argument, "a path with a blank");
  const auto empty = co_await test.store.read(own_domain);
  result.expect(!empty && empty.error().kind() == Error_kind::argument, "an empty path");
  const auto large = co_await test.store.write(ground / "large", std::string(4096, 'x'));
  result.expect(!large && large.error().kind() == Error_kind::argument,
                "a value with which the message is too long");
  result.works(co_await test.store.read("name"), "and all goes on");
}

Task<> permissions(Test& test) {
  Case result{test.ktap, "permissions are set and read"};
  using Access = runtime::Xenstore_permission::Access;
  const Xenstore_path path = ground / "permissions";
  const auto self = co_await test.store.read_number("domid");
  if (!result.works(self, "its id")) {
    co_return;
  }
  const std::array wanted{
      runtime::Xenstore_permission{Domain_id{static_cast<std::uint16_t>(*self)}, Access::none},
      runtime::Xenstore_permission{Domain_id{0}, Access::read},
  };
  result.works(co_await test.store.write(path, "x"), "write");
  result.works(co_await test.store.set_permissions(path, wanted), "set");
  const auto read = co_await test.store.permissions(path);
  if (result.works(read, "get")) {
    result.expect(std::ranges::equal(*read, wanted), "they are as they were set");
  }
  result.works(co_await test.store.rm(path), "rm");
}

Task<> quota(Test& test) {
  Case result{test.ktap, "a node that becomes too large for xenstored's quota is an error, and keeps what it has"};
  const Xenstore_path top = ground / "many";
  // A node holds 2048 bytes, the names of those below it counted.
  const std::string filling(50, 'x');
  unsigned count = 0;
  Result<> made;
  while (made && count < 100) {
    made = co_await test.store.mkdir(top / (filling + std::to_string(count)));
    count += made ? 1U : 0U;
  }
  result.refused(made, abi::Errno::enospc, "one more");
  const auto names = co_await test.store.directory(top);
  if (result.works(names, "directory")) {
    result.equal(names->size(), count, "names");
  }
  result.works(co_await test.store.rm(top), "rm");
}

Task<> watch(Test& test) {
  Case result{test.ktap,
              "a watch fires at first and after each change, and changes that are not waited for become one"};
  const Xenstore_path path = ground / "watched";
  Result<runtime::Watch> watch = co_await test.store.watch(path);
  if (!result.works(watch, "watch")) {
    co_return;
  }
  result.works(co_await watch->change(), "its first event");
  for (unsigned round = 1; round <= 20; ++round) {
    for (unsigned time = 0; time < round; ++time) {
      result.works(co_await test.store.write_number(path / "below", round), "write");
    }
    std::uint64_t seen = 0;
    while (seen != round) {
      if (!result.works(co_await watch->change(), "change")) {
        co_return;
      }
      seen = (co_await test.store.read_number(path / "below")).value_or(0);
    }
  }
  result.works(co_await test.store.rm(path), "rm");
}

Task<> transaction_that_fails(Test& test) {
  Case result{test.ktap, "a transaction whose body fails changes nothing"};
  const Xenstore_path path = ground / "undone";
  const Result<> outcome = co_await test.store.transact([&](runtime::Transaction& transaction) -> Task<Result<>> {
    const Result<> written = co_await transaction.write(path, "x");
    const auto inside = co_await transaction.read(path);
    co_return written&& inside ? Error::make(Error_kind::argument, "changed its mind")
                               : Error::make(Error_kind::protocol, "cannot write in a transaction");
  });
  if (!result.expect(!outcome && outcome.error().kind() == Error_kind::argument,
                     "its own error is what comes out")) {
    test.ktap.diagnose(outcome ? "no error" : outcome.error().text());
  }
  result.refused(co_await test.store.read(path), abi::Errno::enoent, "read of what it wrote");
}

}  // namespace xenstore
