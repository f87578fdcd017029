// SPDX-License-Identifier: MIT
// The pages on the conformance cases: what Xen promises, what is done, what would go wrong.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

struct Page {
  std::string subject;    // the file's name
  std::string title;      // of the subject
  std::string name;       // of the case
  std::string text;       // one paragraph or more
  std::string reproduce;  // the calls, indented, line by line; empty if there is nothing to reproduce
};

// Of one file: "# subject: title", then a "## name" for each case, and in its text perhaps "To reproduce:" with
// what follows indented. What does not fit is a Failure that names the line.
[[nodiscard]] std::vector<Page> parse_pages(std::string_view subject, std::string_view markdown);

// Of all files of a folder, by subject.
[[nodiscard]] std::vector<Page> read_pages(const std::filesystem::path& folder);

// Those with this text in their name, in whatever case, or of this subject; "all" is all.
[[nodiscard]] std::vector<Page> find_pages(const std::vector<Page>& pages, std::string_view wanted);

// As a document, to be read or rendered.
[[nodiscard]] std::string as_markdown(const std::vector<Page>& pages);

}  // namespace enlighten::runner
