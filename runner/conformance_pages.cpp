// SPDX-License-Identifier: MIT
// The pages on the conformance cases: what Xen promises, what is done, what would go wrong.
#include <runner/conformance_pages.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

constexpr std::string_view subject_mark = "# ";
constexpr std::string_view case_mark = "## ";
constexpr std::string_view reproduce_mark = "To reproduce:";
constexpr std::string_view indentation = "    ";

void trim(std::string& text) {
  text.erase(0, std::min(text.find_first_not_of('\n'), text.size()));
  text.erase(text.find_last_not_of('\n') + 1);
}

std::string lower(std::string_view text) {
  std::string lowered;
  std::ranges::transform(text, std::back_inserter(lowered),
                         [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
  return lowered;
}

}  // namespace

std::vector<Page> parse_pages(std::string_view subject, std::string_view markdown) {
  std::vector<Page> pages;
  std::string title;
  bool reproducing = false;
  std::size_t number = 0;
  std::istringstream lines{std::string{markdown}};
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with(case_mark)) {
      pages.push_back({std::string{subject}, title, line.substr(case_mark.size()), {}, {}});
      reproducing = false;
    } else if (line.starts_with(subject_mark)) {
      title = line.substr(subject_mark.size());
    } else if (line == reproduce_mark && !pages.empty()) {
      reproducing = true;
    } else if (pages.empty()) {
      if (!line.empty()) {
        throw Failure{"{}.md, line {}: this belongs to no case; a case begins with \"## \"", subject, number};
      }
    } else if (reproducing && !line.empty() && !line.starts_with(indentation)) {
      throw Failure{"{}.md, line {}: what is to reproduce is indented by four spaces", subject, number};
    } else if (reproducing) {
      pages.back().reproduce += line + '\n';
    } else {
      pages.back().text += line + '\n';
    }
  }
  for (Page& page : pages) {
    trim(page.text);
    trim(page.reproduce);
    if (page.text.empty()) {
      throw Failure{"{}.md: the page of \"{}\" is empty", subject, page.name};
    }
  }
  return pages;
}

std::vector<Page> read_pages(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.path().extension() == ".md") {
      files.push_back(entry.path());
    }
  }
  if (error) {
    throw Failure{"{} cannot be read: {}", folder.string(), error.message()};
  }
  std::ranges::sort(files);
  std::vector<Page> pages;
  for (const auto& file : files) {
    std::ranges::move(parse_pages(file.stem().string(), read_file(file).value_or(std::string{})),
                      std::back_inserter(pages));
  }
  return pages;
}

std::vector<Page> find_pages(const std::vector<Page>& pages, std::string_view wanted) {
  std::vector<Page> found;
  const std::string in_name = lower(wanted);
  std::ranges::copy_if(pages, std::back_inserter(found), [&](const Page& page) {
    return wanted == "all" || page.subject == wanted || lower(page.name).contains(in_name);
  });
  return found;
}

std::string as_markdown(const std::vector<Page>& pages) {
  std::string text;
  std::string_view subject;
  for (const Page& page : pages) {
    if (page.subject != subject) {
      subject = page.subject;
      text += fmt::format("{}{}{}\n\n", text.empty() ? "" : "\n", subject_mark, page.title);
    }
    text += fmt::format("{}{}\n{}\n\n", case_mark, page.name, page.text);
    if (!page.reproduce.empty()) {
      text += fmt::format("{}\n\n{}\n\n", reproduce_mark, page.reproduce);
    }
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text + '\n';
}

}  // namespace enlighten::runner
