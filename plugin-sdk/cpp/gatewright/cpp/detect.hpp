// SPDX-License-Identifier: Apache-2.0
// Whether a type has a member, for module.hpp.
#pragma once

#include <type_traits>
#include <utility>

namespace gw::detail {

// Whether an expression on T compiles.
template <class T, template <class> class Op, class = void>
struct has_t : std::false_type {};
template <class T, template <class> class Op>
struct has_t<T, Op, std::void_t<Op<T>>> : std::true_type {};
template <template <class> class Op, class T>
inline constexpr bool has = has_t<T, Op>::value;

}  // namespace gw::detail
