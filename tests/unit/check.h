/* SPDX-License-Identifier: BSD-3-Clause */
/* check: cmocka with the headers that it wants before it. */
#ifndef TIDEGATE_TESTS_UNIT_CHECK_H
#define TIDEGATE_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
