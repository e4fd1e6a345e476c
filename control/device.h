/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device: the device strings of ports. A port's device is a PCI address, or what DPDK makes a
 * virtual device of: "driver0,key=value,…".
 */
#ifndef TIDEGATE_CONTROL_DEVICE_H
#define TIDEGATE_CONTROL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for "dddd:bb:dd.f" and its final NUL. */
#define DEVICE_PCI_SIZE 13

/*
 * Whether the string is a PCI address, "[dddd:]bb:dd.f" in hexadecimal digits. Then ret_address is
 * it in full and in lower case, the domain 0000 where the string has none.
 */
bool device_pci_address(const char *device, char ret_address[DEVICE_PCI_SIZE]);

/* Length of a virtual device's name, which is all up to the first comma. */
size_t device_name_length(const char *device);

/* Whether a virtual device is of the AF_XDP driver. */
bool device_is_af_xdp(const char *device);

/* The value of a virtual device's argument, of *ret_length bytes without a final NUL. NULL: none.
 */
const char *device_argument(const char *device, const char *key, size_t *ret_length);

#endif
