/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/reference_fragment.h"

#include <string.h>

struct datagram {
	int owner[REFERENCE_BYTES]; /* number of the piece that brought a byte, from 1 */
	bool bad;
};

static bool same(const struct reference_piece *a, const struct reference_piece *b)
{
	return a->datagram == b->datagram && a->begin == b->begin && a->end == b->end &&
		a->more == b->more;
}

/* Whether a piece is there already; RFC 8200 section 4.5 allows to drop it alone. */
static bool is_copy(
	const struct reference_piece *pieces, const struct datagram *datagram, unsigned number)
{
	int owner = datagram->owner[pieces[number].begin];

	return owner > 0 && same(&pieces[owner - 1], &pieces[number]);
}

/* Whether it shares a byte with another piece, or one of the two is the last and the other goes
 * beyond it. */
static bool disagrees(
	const struct reference_piece *pieces, const struct datagram *datagram, unsigned number)
{
	const struct reference_piece *piece = &pieces[number];

	for (unsigned byte = 0; byte < REFERENCE_BYTES; byte++) {
		int owner = datagram->owner[byte];
		const struct reference_piece *other = &pieces[owner - 1];

		if (owner == 0)
			continue;
		if (byte >= piece->begin && (byte < piece->end || !piece->more))
			return true;
		if (!other->more && (piece->end > other->end || !piece->more))
			return true;
	}
	return false;
}

unsigned reference_fragment(
	const struct reference_piece *pieces, unsigned count, unsigned *ret_order)
{
	static struct datagram datagrams[REFERENCE_DATAGRAMS];
	unsigned passed = 0;

	memset(datagrams, 0, sizeof(datagrams));
	for (unsigned i = 0; i < count; i++) {
		const struct reference_piece *piece = &pieces[i];
		struct datagram *datagram = &datagrams[piece->datagram];
		bool first_there = datagram->owner[0] > 0;

		if (piece->begin == 0 && !piece->more) {
			ret_order[passed++] = i; /* all of it: no fragment */
			continue;
		}
		if (datagram->bad || is_copy(pieces, datagram, i))
			continue;
		if (disagrees(pieces, datagram, i)) {
			datagram->bad = true;
			continue;
		}
		for (unsigned byte = piece->begin; byte < piece->end; byte++)
			datagram->owner[byte] = i + 1;
		if (first_there || piece->begin == 0)
			ret_order[passed++] = i;
		if (piece->begin > 0)
			continue;
		/* Those before it waited for it; they are there, and it is good. */
		for (unsigned j = 0; j < i; j++)
			if (pieces[j].datagram == piece->datagram &&
				datagram->owner[pieces[j].begin] == (int)j + 1)
				ret_order[passed++] = j;
	}
	return passed;
}
