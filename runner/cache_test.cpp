// SPDX-License-Identifier: MIT
// The cache: its parts are told with their size, and freed without what keeps runs apart.
#include <gtest/gtest.h>

#include <cstdlib>

#include <runner/cache.hpp>
#include <runner/places.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

class Cache : public testing::Test {
 protected:
  Cache() {
    const char* const value = std::getenv("XDG_CACHE_HOME");
    before_ = value == nullptr ? "" : value;
    setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
  }
  ~Cache() override {
    if (before_.empty()) {
      unsetenv("XDG_CACHE_HOME");
    } else {
      setenv("XDG_CACHE_HOME", before_.c_str(), 1);
    }
  }

 private:
  Scratch_folder folder_;
  std::string before_;
};

TEST_F(Cache, tells_what_is_there_and_how_large_it_is) {
  EXPECT_TRUE(cached_parts().empty());
  make_folder(cache_folder() / "packages" / "arm64" / "libc6");
  write_whole_file(cache_folder() / "packages" / "arm64" / "libc6" / "file", std::string(1000, 'x'));
  write_whole_file(cache_folder() / "packages" / "arm64" / "libc6.version", std::string(24, 'x'));
  const auto parts = cached_parts();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].bytes, 1024U);
  EXPECT_EQ(parts[0].folder, cache_folder() / "packages");
}

TEST_F(Cache, is_empty_when_it_was_freed_but_for_the_lock) {
  for (const char* const part : {"packages", "dom0", "apt"}) {
    make_folder(cache_folder() / part / "more");
    write_whole_file(cache_folder() / part / "more" / "file", "x");
  }
  EXPECT_EQ(free_cache().size(), 3U);
  EXPECT_TRUE(cached_parts().empty());
  EXPECT_TRUE(std::filesystem::exists(cache_folder() / "apt" / "lock"));
  EXPECT_TRUE(std::filesystem::is_empty(cache_folder() / "packages"));
}

}  // namespace
}  // namespace enlighten::runner
