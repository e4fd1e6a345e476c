/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/operand.h"

#include <errno.h>
#include <string.h>

#include "control/client/message.h"
#include "control/client/protocol.h"

int operand_set(
	const struct operand_spec *operand, const char *text, json_t *params, char **ret_message)
{
	json_t *value = json_string(text);

	if (value == NULL)
		return message_set(
			ret_message, -EINVAL, "%s: '%s' is not UTF-8 text", operand->name, text);
	switch (operand->kind) {
	case OPERAND_ADDRESS:
		value = json_pack("{so}", "AddressDefinition", value);
		break;
	case OPERAND_PORT:
		if (strcmp(text, "-") == 0) {
			json_decref(value);
			return 0;
		}
		break;
	case OPERAND_TEXT:
		break;
	case OPERAND_PROTOCOL:
		if (protocol_number(text) != NULL) {
			json_decref(value);
			value = json_string(protocol_number(text));
		} else if (*text == '\0' || text[strspn(text, "0123456789")] != '\0') {
			json_decref(value);
			return message_set(ret_message, -EINVAL,
				"%s: unknown protocol '%s', give a number or one of: " PROTOCOL_NAMES,
				operand->name, text);
		}
		break;
	}
	return json_object_set_new(params, operand->member, value) == 0 ? 0 : -ENOMEM;
}
