// SPDX-License-Identifier: MIT
// The two that are asked to run the same programs: real Xen, and the model.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace enlighten::runner {

// Runs the programs of a request, "seed=1 programs=100", and returns what it printed.
class Side {
 public:
  Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  virtual ~Side() = default;

  [[nodiscard]] virtual std::string ask(const std::string& request) = 0;
  // "Xen 4.17", "the model of 4.17"
  [[nodiscard]] virtual std::string name() const = 0;
  // "4.17"; of real Xen, once it has been asked.
  [[nodiscard]] virtual const std::string& release() const noexcept = 0;
};

// A boot for each question.
class Xen_side final : public Side {
 public:
  // A release, or the path of a Xen; without, the newest there is. Builds the image.
  explicit Xen_side(std::optional<std::string> xen);

  [[nodiscard]] std::string ask(const std::string& request) override;
  [[nodiscard]] std::string name() const override { return "Xen " + release_; }
  [[nodiscard]] const std::string& release() const noexcept override { return release_; }

 private:
  std::optional<std::string> xen_;
  std::filesystem::path image_;
  std::string release_;
};

class Model_side final : public Side {
 public:
  // Builds the model.
  explicit Model_side(std::string release);

  [[nodiscard]] std::string ask(const std::string& request) override;
  [[nodiscard]] std::string name() const override { return "the model of " + release_; }
  [[nodiscard]] const std::string& release() const noexcept override { return release_; }
  // What the steps are called, without running them.
  [[nodiscard]] std::string tell(const std::string& request);

 private:
  [[nodiscard]] std::string run_with(const std::string& words) const;

  std::string release_;
  std::filesystem::path program_;
};

}  // namespace enlighten::runner
