/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/device.h"

#include <ctype.h>
#include <string.h>

/* Whether text has the form: x is a hexadecimal digit, f a PCI function 0–7. */
static bool has_form(const char *text, const char *form)
{
	size_t i;

	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'x' && !isxdigit((unsigned char)text[i]))
			return false;
		if (form[i] == 'f' && (text[i] < '0' || text[i] > '7'))
			return false;
		if (form[i] != 'x' && form[i] != 'f' && text[i] != form[i])
			return false;
	}
	return text[i] == '\0';
}

bool device_pci_address(const char *device, char ret_address[DEVICE_PCI_SIZE])
{
	bool with_domain = has_form(device, "xxxx:xx:xx.f");

	if (!with_domain && !has_form(device, "xx:xx.f"))
		return false;
	strcpy(stpcpy(ret_address, with_domain ? "" : "0000:"), device);
	for (char *at = ret_address; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return true;
}

size_t device_name_length(const char *device)
{
	return strcspn(device, ",");
}

bool device_is_af_xdp(const char *device)
{
	return strncmp(device, "net_af_xdp", strlen("net_af_xdp")) == 0;
}

const char *device_argument(const char *device, const char *key, size_t *ret_length)
{
	size_t key_length = strlen(key);
	const char *at = device + device_name_length(device);

	while (*at == ',') {
		at++;
		if (strncmp(at, key, key_length) == 0 && at[key_length] == '=') {
			*ret_length = strcspn(at + key_length + 1, ",");
			return at + key_length + 1;
		}
		at += strcspn(at, ",");
	}
	return NULL;
}
