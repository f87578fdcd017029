// SPDX-License-Identifier: MIT
// The command line: which subcommand, and what it is told.
#include <runner/command_line.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <report/verdict.hpp>

#include <runner/commands.hpp>
#include <runner/domains_file.hpp>
#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

const std::vector<std::string> model_releases{"4.17", "4.18", "4.19", "4.20", "4.21", "4.22", "master"};
// What can be told of a guest, wherever it runs.
CLI::Option& add_guest_itself(CLI::App& command, Guest_options& options) {
  CLI::Option* const image =
      command.add_option("IMAGE|EXAMPLE", options.what, "path of a flat arm64 Image, or name of an example");
  command.add_option("--name", options.called, "the guest's name, if not the image's");
  command.add_option("--vcpus", options.vcpus, "virtual CPUs of the guest")->capture_default_str();
  command.add_option("--memory", options.memory_mib, "memory of the guest, in MiB")->capture_default_str();
  command.add_option("--args", options.arguments, "the guest's command line");
  return *image;
}

// What can be told of each guest of a run.
CLI::Option& add_guest(CLI::App& run, Guest_options& options) {
  CLI::Option& image = add_guest_itself(run, options);
  run.add_option("--xl-config", options.xl_config,
                 "with --toolstack xl: xl's configuration of the guest, in place of one made from the above")
      ->type_name("FILE");
  run.add_option("--event-channel", options.event_channels,
                 "event channel that is there from the start: own port, name of the other guest, its port")
      ->type_name("PORT:NAME:PORT");
  return image;
}

// On the model, in place of a machine.
void add_model(CLI::App& run, Run_options& options) {
  Model_options& model = options.model;
  const std::string group = "On the model of Xen, in place of a machine";
  CLI::Option* const wanted =
      run.add_flag("--model", model.wanted,
                   "run an example as a program of this host, in an order of its vCPUs that "
                   "a seed decides");
  wanted->group(group);
  for (const char* const of_machine : {"--xen", "--no-xen", "--pcpus", "--xen-args", "--domains", "--event-channel",
                                       "--dom0-run", "--dom0-file", "--dom0-shell", "--xl-config"}) {
    wanted->excludes(run.get_option(of_machine));
  }
  const auto told = [&](CLI::Option* option) { option->needs(wanted)->capture_default_str()->group(group); };
  told(run.add_option("--seed", model.seed, "decides every choice"));
  told(run.add_option(
              "--schedule", model.schedule,
              "random: any vCPU next; priority: few switches, in unlikely places; threads: each vCPU on a thread")
           ->check(CLI::IsMember({"random", "priority", "threads"})));
  told(run.add_option("--xenstored", model.xenstored,
                      "with --toolstack xl. hostile: what it sends is spoilt now and then, as --seed decides")
           ->check(CLI::IsMember({"honest", "hostile"})));
  told(run.add_option("--regions", model.regions,
                      "whether the device tree names addresses at which nothing is; none: as with ext_regions=0")
           ->check(CLI::IsMember({"named", "none"})));
  told(run.add_option("--rounds", model.rounds, "runs, each with the next seed, until one does not succeed")
           ->check(CLI::PositiveNumber));
  told(run.add_option("--release", model.release, "which Xen the model is")->check(CLI::IsMember(model_releases)));
}

CLI::App& add_bench(CLI::App& application, Bench_options& options) {
  CLI::App& bench =
      *application.add_subcommand("bench", "count what things cost a guest on real Xen, in instructions");
  bench.add_option("--vcpus", options.vcpus, "numbers of virtual CPUs, a boot for each; all cases with 1 and 8")
      ->check(CLI::Range(1, 128))
      ->capture_default_str();
  bench.add_option("--seeds", options.seeds, "boots of each, beside the one that shows whether counts repeat")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  bench.add_option("--args", options.arguments, "the guest's command line; events=2l counts that ABI");
  bench.add_option("--xen", options.xen, "a release of Debian's, such as 4.17, or a file")
      ->type_name("VERSION|PATH");
  bench.add_option("--json", options.json, "write the figures to a file")->type_name("FILE");
  bench.add_option("--compare", options.compare, "tell what has changed since such a file was written")
      ->type_name("FILE");
  CLI::Option* const check =
      bench.add_flag("--check", options.check,
                     "compare the counts of a boot with the baseline, and fail at a rise of more than 2 %");
  bench.add_flag("--accept", options.accept, "make the counts of a boot the baseline")->excludes(check);
  return bench;
}

CLI::App& add_run(CLI::App& application, Run_options& options) {
  CLI::App& run = *application.add_subcommand("run", "boot an image, on Xen in QEMU, and say what happened");
  run.footer(
      "Several guests in one boot stand one after the other, with a + between them; what each can be told of its "
      "own\n"
      "are --name, --vcpus, --memory, --args and --event-channel:\n"
      "  enlighten run hello --name a --event-channel 10:b:11 + smp --name b --vcpus 2\n"
      "or in a file, for --domains.");
  add_guest(run, options);
  CLI::Option* const domains = run.add_option(
      "--domains", options.domains, "the guests of a TOML file, one [[domain]] each, in place of any here");
  domains->type_name("FILE");
  for (const char* const of_guest :
       {"IMAGE|EXAMPLE", "--name", "--vcpus", "--memory", "--args", "--xl-config", "--event-channel"}) {
    domains->excludes(run.get_option(of_guest));
  }
  CLI::Option* const pcpus = run.add_option("--pcpus", options.pcpus, "CPUs of the emulated machine, for Xen");
  pcpus->capture_default_str();
  run.add_option("--gic", options.gic, "version of the interrupt controller, 2 or 3")
      ->check(CLI::IsMember({2, 3}))
      ->capture_default_str();
  CLI::Option* const xen = run.add_option("--xen", options.xen, "a release of Debian's, such as 4.17, or a file");
  xen->type_name("VERSION|PATH");
  run.add_flag("--no-xen", options.without_xen, "boot on the bare machine, without Xen")
      ->excludes(xen)
      ->excludes(pcpus);
  run.add_option("--xen-args", options.xen_arguments, "more for Xen's command line, such as xsm=dummy");
  CLI::Option* const toolstack =
      run.add_option_function<std::string>(
             "--toolstack", [&options](const std::string& name) { options.under_xl = name == "xl"; },
             "who creates the guests: none, Xen itself as it boots; or xl, in a Linux that is domain 0; with "
             "--model, "
             "as xl does")
          ->check(CLI::IsMember({"none", "xl"}));
  run.add_option("--dom0-run", options.dom0_run,
                 "with --toolstack xl: a script to run in domain 0 beside the guests")
      ->needs(toolstack)
      ->type_name("FILE");
  run.add_option("--dom0-file", options.dom0_files,
                 "with --toolstack xl: a file for script and shell, such as a program: /root/NAME in domain 0; as "
                 "often as wanted")
      ->needs(toolstack)
      ->allow_extra_args(false)
      ->type_name("FILE");
  run.add_flag("--dom0-shell", options.dom0_shell,
               "with --toolstack xl: a shell in domain 0, here, once the guests are there")
      ->needs(toolstack);
  run.add_option("--timeout", options.timeout_seconds, "seconds until the run is given up")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  run.add_option("--report", options.report, "write a report as JSON, with the logs beside it")->type_name("FILE");
  run.add_option("--junit", options.junit, "write the test results as JUnit XML")->type_name("FILE");
  run.add_option("--trace", options.trace,
                 "record what each vCPU does, and write it as trace events (docs/tracing.md)")
      ->type_name("FILE");
  run.add_flag("--gdb", options.gdb, "wait for a debugger, and say how to start it");
  run.add_flag("--verbose", options.verbose, "show what Xen prints, too");
  add_model(run, options);
  return run;
}

CLI::App& add_export(CLI::App& application, Export_options& options) {
  CLI::App& command =
      *application.add_subcommand("export", "write an image and what starts it on a board, instead of here");
  add_guest_itself(command, options).required();
  command.add_flag("--xl-cfg", options.xl_cfg, "a configuration for xl, in a dom0: NAME.cfg");
  command.add_flag("--imagebuilder", options.imagebuilder,
                   "a configuration for ImageBuilder, which makes a U-Boot script of it: NAME.imagebuilder");
  command.add_option("--folder", options.folder, "where to write them")->capture_default_str();
  return command;
}

// The words between two +, the guests after the first.
void parse_more_guests(std::span<const char* const> words, Run_options& options) {
  while (!words.empty()) {
    const auto plus = std::ranges::find(words.begin() + 1, words.end(), std::string_view{"+"});
    CLI::App guest{"A further guest of the same boot.", "enlighten run ... +"};
    add_guest(guest, options.more_guests.emplace_back()).required();
    guest.parse(static_cast<int>(plus - words.begin()), words.data());
    words = words.subspan(static_cast<std::size_t>(plus - words.begin()));
  }
}

// The guests are those of a file, or else those of the command line.
void take_guests(Run_options& options) {
  if (options.domains && !options.more_guests.empty()) {
    throw Failure{"--domains {}: the guests are those of the file, and there can be no + here",
                  options.domains->string()};
  }
  if (options.domains) {
    std::vector<Guest_options> guests = read_domains_file(*options.domains);
    static_cast<Guest_options&>(options) = std::move(guests.front());
    options.more_guests.assign(std::make_move_iterator(guests.begin() + 1), std::make_move_iterator(guests.end()));
  } else if (options.what.empty()) {
    throw Failure{"what is to be run? An image, an example (`enlighten list` names them), or --domains FILE"};
  }
}

CLI::App& add_differential(CLI::App& application, Differential_options& options) {
  CLI::App& differential = *application.add_subcommand(
      "differential", "run random programs of calls on Xen and on the model, and shrink what they differ in");
  differential.add_option("--seed", options.seed, "where the programs come from")->capture_default_str();
  differential.add_option("--programs", options.programs, "how many, in one boot")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  differential.add_option("--length", options.length, "steps of each")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  differential.add_option("--shrink", options.shrink, "how many kinds of difference are shrunk and shown")
      ->capture_default_str();
  CLI::Option* const xen =
      differential.add_option("--xen", options.xen, "a release of Debian's, such as 4.17, or a file");
  xen->type_name("VERSION|PATH");
  const CLI::IsMember releases{{"4.17", "4.18", "4.19", "4.20", "4.21", "4.22", "master"}};
  differential.add_option("--release", options.release, "which Xen the model is")->check(releases);
  differential.add_option("--other", options.other, "compare the model with that of another release, without Xen")
      ->check(releases)
      ->excludes(xen);
  return differential;
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments) {
  CLI::App application{"Boots SMP guests on Xen and says what happened.", "enlighten"};
  application.require_subcommand(1);
  int exit_code = 0;
  Run_options run_options;
  Bench_options bench_options;
  Conformance_options conformance_options;
  Differential_options differential_options;
  Soak_options soak_options;
  Coverage_options coverage_options;
  Export_options export_options;
  std::string filter;
  add_run(application, run_options).callback([&] {
    take_guests(run_options);
    exit_code = run_options.model.wanted ? run_model_command(run_options) : run_command(run_options);
  });
  application.add_subcommand("build", "build the guest images")->callback([&] { exit_code = build_command(); });
  CLI::App* const test = application.add_subcommand("test", "build everything and run every test");
  test->add_option("FILTER", filter, "only tests whose name matches this regular expression");
  test->callback([&] { exit_code = test_command(filter); });
  add_bench(application, bench_options).callback([&] { exit_code = bench_command(bench_options); });
  CLI::App* const conformance =
      application.add_subcommand("conformance", "ask Xen, or the model of it, all that it promises a guest");
  CLI::Option* const conformance_xen =
      conformance->add_option("--xen", conformance_options.xen, "a release of Debian's, such as 4.17, or a file");
  conformance_xen->type_name("VERSION|PATH");
  conformance->add_flag("--model", conformance_options.model, "ask the model alone")->excludes(conformance_xen);
  conformance->add_flag("--compare", conformance_options.compare, "ask both, and list every difference");
  conformance->add_option("--release", conformance_options.release, "which Xen the model is")
      ->check(CLI::IsMember(model_releases));
  conformance
      ->add_option("--explain", conformance_options.explain,
                   "print what the cases are about that have this in their name, or a subject, or all")
      ->type_name("TEXT|SUBJECT|all");
  conformance->callback([&] { exit_code = conformance_command(conformance_options); });
  add_differential(application, differential_options).callback([&] {
    exit_code = differential_command(differential_options);
  });
  CLI::App* const soak =
      application.add_subcommand("soak", "run guests on the model in ever other orders, until one fails");
  soak->add_option("--minutes", soak_options.minutes, "how long")
      ->check(CLI::Range(1, 10080))
      ->capture_default_str();
  soak->add_option("--from", soak_options.from, "the seed to begin with; without, where the last soak ended")
      ->check(CLI::PositiveNumber);
  soak->callback([&] { exit_code = soak_command(soak_options); });
  CLI::App* const coverage =
      application.add_subcommand("coverage", "tell which lines of a folder its tests run, and fail at too few");
  coverage->add_option("FOLDER", coverage_options.folders, "folders of the source tree")->capture_default_str();
  coverage->add_option("--at-least", coverage_options.at_least, "percent of the lines of each folder")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  coverage->callback([&] { exit_code = coverage_command(coverage_options); });
  application.add_subcommand("doctor", "look for everything that is needed")->callback([&] {
    exit_code = doctor_command();
  });
  application.add_subcommand("list", "name the examples, the test images and the Xen releases")->callback([&] {
    exit_code = list_command();
  });
  application.add_subcommand("clean", "free what the cache holds: packages, dom0's file systems, logs")
      ->callback([&] { exit_code = clean_command(); });
  add_export(application, export_options).callback([&] { exit_code = export_command(export_options); });
  application.add_subcommand("docs", "make the reference of the public headers")->callback([&] {
    exit_code = docs_command();
  });
  try {
    const std::span words{arguments, static_cast<std::size_t>(argument_count)};
    const bool is_run = words.size() > 1 && std::string_view{words[1]} == "run";
    const auto plus = is_run ? std::ranges::find(words, std::string_view{"+"}) : words.end();
    parse_more_guests(words.subspan(static_cast<std::size_t>(plus - words.begin())), run_options);
    application.parse(static_cast<int>(plus - words.begin()), arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return application.exit(error);  // --help
    }
    throw Failure{"{}; --help tells what is possible", error.what()};
  }
  return exit_code;
}

}  // namespace enlighten::runner
