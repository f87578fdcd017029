# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about includes and format.
includes=$tools/check_includes.sh

begin
passes "a good tree" "$includes"
put_source abi/x.cpp '#include <guest/ports.hpp>'
finds "an include against the direction" 'abi/x.cpp:3: abi may not include <guest/ports.hpp>' "$includes"

begin
put_source guest/x.cpp '#  include <model/xen.hpp>'
finds "guest includes model" 'guest may not include <model/xen.hpp>' "$includes"

begin
put_source model/x.cpp '#include <guest/ports.hpp>'
finds "model includes guest" 'model may not include <guest/ports.hpp>' "$includes"

begin
put_source report/x.cpp '#include <report_host/run.hpp>'
finds "the guest part of report includes the host part" 'report may not include <report_host/run.hpp>' "$includes"
put_source report/host/y.cpp '#include <report/record.hpp>' '#include <fmt/format.h>' '#include <report_host/run.hpp>'
put_source report/x.cpp
passes "the host part of report includes the guest part" "$includes"

begin
put_source guest/x.cpp '#include "../abi/include/abi/frame.hpp"'
finds "a path out of the folder" 'leaves the folder' "$includes"

begin
put_source guest/x.cpp '#include <thread>'
finds "threads in a guest" '<thread> needs an operating system' "$includes"
put_source guest/x.cpp
put_source guest/x_test.cpp '#include <thread>' '#include <gtest/gtest.h>'
passes "threads in a test" "$includes"

begin
put_source guest/x.cpp '#include <gtest/gtest.h>'
finds "the testing library in a guest" '<gtest/gtest.h> is not for this file' "$includes"

begin
put_source guest/x.cpp '#include <fmt/format.h>'
finds "a host library in a guest" '<fmt/format.h> is not for this file' "$includes"

begin
put_source guest/x.cpp '  # ifdef __aarch64__' '#endif'
finds "a question to the preprocessor" 'guest/x.cpp:3: asks the preprocessor' "$includes"
put_source guest/x.cpp
put_source arch/aarch64/x.cpp '#if defined(__clang__)' '#endif'
passes "a question to the preprocessor where it may be" "$includes"

begin
put_source elsewhere/x.cpp
finds "a folder nobody knows" 'belongs to no folder' "$includes"

begin
passes "a good format" "$tools/check_format.sh"
put_source guest/x.cpp 'int  x;'
finds "a wrong format" 'guest/x.cpp:3: should be formatted' "$tools/check_format.sh"
