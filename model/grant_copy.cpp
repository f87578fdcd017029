// SPDX-License-Identifier: MIT
// Copying between pages of the caller's own and granted ones, without mapping them.
#include <cstring>

#include <abi/domain_id.hpp>
#include <model/grant_table.hpp>

#include "arguments.hpp"
#include "grant_batch.hpp"
#include "silo.hpp"

namespace enlighten::model {

using abi::Grant_status;

Grant_status Grant_table::copy(const abi::Gnttab_copy& operation) {
  if (operation.len == 0 && domain_.release() >= Release::v4_19) {
    return Grant_status::okay;
  }
  const bool source_by_grant = (operation.flags & abi::grant_copy::source_gref) != 0;
  const bool dest_by_grant = (operation.flags & abi::grant_copy::dest_gref) != 0;
  const auto source_domain = domain_of(operation.source, source_by_grant);
  if (!source_domain) {
    return source_domain.error();
  }
  const auto dest_domain = domain_of(operation.dest, dest_by_grant);
  if (!dest_domain) {
    return dest_domain.error();
  }
  if (kept_apart(domain_, (*source_domain)->domain_.id(), (*dest_domain)->domain_.id()) &&
      domain_.id() != control_domain) {
    return Grant_status::permission_denied;
  }
  const auto source = hold(operation.source, source_by_grant, **source_domain, Access::read);
  if (!source) {
    return source.error();
  }
  const auto dest = hold(operation.dest, dest_by_grant, **dest_domain, Access::read_write);
  if (!dest) {
    let_go(*source);
    return dest.error();
  }
  const Grant_status status = copy_bytes(operation, source->frame, dest->frame);
  let_go(*dest);
  let_go(*source);
  return status;
}

// Without a grant only the caller's own pages can be meant, and only by DOMID_SELF.
std::expected<Grant_table*, Grant_status> Grant_table::domain_of(const abi::Gnttab_copy::Side& side,
                                                                 bool by_grant) {
  if (!by_grant && side.domid != abi::domain_self) {
    return std::unexpected{Grant_status::permission_denied};
  }
  Grant_table* const table = by_any_id(side.domid);
  if (table == nullptr) {
    return std::unexpected{Grant_status::bad_domain};
  }
  return table;
}

std::expected<Grant_table::Held_page, Grant_status> Grant_table::hold(const abi::Gnttab_copy::Side& side,
                                                                      bool by_grant, Grant_table& granter,
                                                                      Access access) {
  if (by_grant) {
    const auto frame = granter.entries_.acquire(side.u.ref, domain_.id(), access, Grant_use::copy);
    if (!frame) {
      return std::unexpected{frame.error()};
    }
    return Held_page{*frame, &granter, side.u.ref, access};
  }
  const abi::Gfn own{side.u.gmfn};
  const std::optional<Domain_id> owner = granter_at(own);
  const std::optional<Mfn> frame = domain_.machine_frame(own);
  if (!frame || (owner && *owner != domain_.id())) {
    return std::unexpected{Grant_status::bad_page};
  }
  return Held_page{*frame, nullptr, Grant_ref{0}, access};
}

void Grant_table::let_go(const Held_page& page) {
  if (page.granter != nullptr) {
    page.granter->entries_.release(page.ref, page.access);
  }
}

Grant_status Grant_table::copy_bytes(const abi::Gnttab_copy& operation, Mfn source, Mfn dest) {
  if (std::uint32_t{operation.source.offset} + operation.len > abi::page_size ||
      std::uint32_t{operation.dest.offset} + operation.len > abi::page_size) {
    return Grant_status::bad_copy_arg;
  }
  const std::byte* const from = domain_.bytes(source) + operation.source.offset;
  std::byte* const to = domain_.bytes(dest) + operation.dest.offset;
  domain_.turns().step(from);
  domain_.turns().step(to);
  std::memmove(to, from, operation.len);
  return Grant_status::okay;
}

}  // namespace enlighten::model
