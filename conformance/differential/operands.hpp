// SPDX-License-Identifier: MIT
// What the symbols stand for that are no slot's, page's or place's: ordinary values, limits, and one beyond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <abi/domain_id.hpp>
#include <abi/event_fifo.hpp>
#include <abi/grant_table.hpp>
#include <abi/memory_op.hpp>
#include <conformance/calls.hpp>

namespace enlighten::conformance::differential {

inline constexpr std::uint8_t port_slots = 8;
// A slot stands for this port, which is free, until a port is kept in it.
inline constexpr std::uint32_t first_free_port = 40;
inline constexpr std::array<std::uint32_t, 6> other_ports{0, 63, 64, 128, 1023, no_port.value()};

// The domain's own number comes first.
inline constexpr std::array<Domain_id, 7> other_domains{abi::domain_self, Domain_id{0},    no_domain,
                                                        abi::domain_io,   abi::domain_xen, abi::domain_invalid,
                                                        abi::domain_idle};

inline constexpr std::array<std::uint32_t, 10> virqs{0, 1, 2, 3, 7, 11, 13, 16, 23, 24};

inline constexpr std::uint8_t control_pages = 2;
inline constexpr std::uint8_t array_pages = 2;
inline constexpr std::array<std::uint32_t, 9> offsets{0, 128, 256, 4024, 4028, 4032, 4048, 4056, 4096};

// Holes, then pages of RAM, then where shared_info and the first frame of the grant table are at the start.
inline constexpr std::uint8_t holes = 6;
inline constexpr std::uint8_t ram_pages = 4;
inline constexpr std::uint8_t home_of_shared_info = holes + ram_pages;
inline constexpr std::uint8_t home_of_grants = home_of_shared_info + 1;
inline constexpr std::uint8_t places = home_of_grants + 1;

inline constexpr std::array<std::uint64_t, 7> indices{0, 1, 2, 3, 64, 1000, abi::grant_table_status_frame};
inline constexpr std::array<std::uint16_t, 4> words{0, 1, 100, 511};

inline constexpr std::uint8_t references = 6;
inline constexpr std::array<std::uint16_t, 5> grant_kinds{
    abi::grant_flags::permit_access, abi::grant_flags::permit_access | abi::grant_flags::readonly,
    abi::grant_flags::invalid, 2, 3};
inline constexpr std::uint8_t handles = 6;
inline constexpr std::array<std::uint32_t, 6> mapping_kinds{abi::grant_map::host_map,
                                                            abi::grant_map::host_map | abi::grant_map::readonly,
                                                            0,
                                                            abi::grant_map::device_map,
                                                            abi::grant_map::host_map | abi::grant_map::contains_pte,
                                                            abi::grant_map::host_map | abi::grant_map::device_map};

inline constexpr std::array<std::uint16_t, 6> lengths{0, 8, 100, 4000, 4096, 5000};

}  // namespace enlighten::conformance::differential
