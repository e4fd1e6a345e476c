# SPDX-License-Identifier: BSD-3-Clause
"""Where tidegate is to judge and to count otherwise than the kernel's connection tracking, and why.

After the first difference of a sequence the two firewalls may be in different states; what comes
after it is not compared.
"""
import collections

from random_datagrams import FRAGMENTATIONS

# kinds: of the step; empty: any. tidegate, kernel: a reason to drop, or what became of the step.
# after: groups of kinds; one of each group came before it in the sequence.
Difference = collections.namedtuple("Difference", "kinds tidegate kernel after why")

INEXACT = ("RST off by one", "RST in the window", "RST far above the window", "RST far below the window")
ENDS = INEXACT + ("exact RST", "RST that refuses")
BELOW = ("data far below the window", "ACK far behind")
BESIDE = BELOW + ("data past the window", "data far above the window", "ACK of what was never sent")
CROSSED = ("SYN that crosses another",)
SYNS = ("SYN again", "SYN among segments", "SYN of the next connection")
STRANGE = ("SYN-ACK from elsewhere",)
# What honest ends send on a connection that was opened.
SEGMENTS = ("handshake's ACK", "data", "data after a loss", "acknowledgement", "keep-alive", "segment again", "FIN",
            "FIN again", "ACK of the FIN")

WANTED = (
    Difference(
        INEXACT, "tcp_rst", "passed", (),
        "RFC 5961 section 3.2: a RST counts at the number that its receiver expects alone. The kernel passes "
        "others in the window without ending the connection, and looks at none before the SYN is answered"),
    Difference(
        ("data past the window",), "tcp_window", "passed", (),
        "no data is above what the receiver has offered; the kernel looks at where a segment begins, and lets "
        "one window be overshot"),
    Difference(
        BELOW, "tcp_window", "passed", (),
        "the kernel takes what is below its bounds for neither valid nor invalid, and passes it"),
    Difference(
        BESIDE + STRANGE, "tcp_state", "passed", (("SYN",) + CROSSED + SYNS,),
        "before the SYN is answered no end has data for the other, and a SYN-ACK of another number is of an old "
        "connection; the kernel passes what the other side sends, for it may be a challenge"),
    Difference(
        SEGMENTS + ("midstream",), "tcp_state", "passed", (("midstream",), SYNS),
        "what goes on midstream is of no connection here, and dropped; so it stays when a SYN among it has begun "
        "one. The kernel takes what follows for a challenge"),
    Difference(
        ("exact RST",), "tcp_rst", "passed", (("midstream",), SYNS), "the same"),
    Difference(
        SEGMENTS, "tcp_state", "passed", (ENDS, ("SYN again", "SYN among segments")),
        "after a RST an attacker's SYN begins a connection, which stragglers are not of"),
    Difference(
        ("SYN-ACK of the next connection",), "tcp_state", "passed", (("SYN among segments",),),
        "of two SYNs on a living connection the last one waits for its answer, and the true one again when it is "
        "repeated; the kernel takes any answer"),
    Difference(
        SYNS, "passed", "dropped", (),
        "the kernel knows of SYNs from the side that opened the connection alone; the other end answers with a "
        "challenge (RFC 5961 section 4.2), or has begun a connection of its own (RFC 6191)"),
    Difference(
        ("SYN-ACK again", "SYN-ACK of crossed SYNs"), "passed", "dropped", (CROSSED,),
        "RFC 9293 section 3.5, figure 7: each end answers the other's SYN; the kernel takes SYN-ACKs of the "
        "second one alone"),
    Difference(
        (), "passed", "dropped", (CROSSED,),
        "the kernel does not learn the windows of a simultaneous open from its SYN-ACKs"),
    Difference(
        (), "passed", "dropped", (SYNS + ("SYN-ACK again",),),
        "the kernel takes a late copy of a SYN in TIME_WAIT, and copies of SYN and SYN-ACK, for another "
        "connection, and drops segments of the one that goes on"),
    Difference(
        BESIDE, "tcp_window", "passed", (SYNS + ("SYN-ACK again",),), "the same"),
    Difference(
        (), "passed", "dropped", (STRANGE,),
        "a SYN-ACK that is not the connection's leaves nothing behind; the kernel takes its numbers and window"),
    Difference(
        (), "tcp_window", "passed", (STRANGE,), "the same"),
    Difference(
        (), "passed", "dropped", (ENDS,),
        "stragglers of a connection that is over pass; the kernel forgets one that a RST has refused"),
    Difference(
        (), "tcp_window", "passed", (ENDS,),
        "a connection that a RST has ended takes in stragglers, and nothing new; the kernel goes on with it"),
    Difference(
        ("fragments, one missing",), "in part", "dropped", (),
        "fragments go on as they came, behind their first one; the kernel holds them until it has all"),
    Difference(
        ("overlapping fragments",), "in part", "dropped", (),
        "what came before the overlap was sent, and makes no datagram without the rest (RFC 5722)"),
)

# Kinds of steps that the kernel passes and may not count, and why.
UNCOUNTED = {
    "SYN-ACK again": "not of a state that the kernel has",
    **dict.fromkeys(("segment again", "FIN again"), "below the kernel's bounds, which are the window's alone"),
    **dict.fromkeys(BESIDE, "likewise, or taken for a challenge"),
    "ICMP error": "counted in an entry of its own addresses, where the kernel has none",
}

# Kinds of steps that make counters of a sequence's flows differ altogether.
RECOUNTED = {
    **dict.fromkeys(SYNS, "after a RST it is another flow, with counters of its own; the kernel goes on with the "
                          "last one's"),
    **dict.fromkeys(CROSSED, "the kernel begins to count when it has made sense of it"),
    **{kind: "each fragment counts, as it comes; the kernel counts datagrams" for kind, _ in FRAGMENTATIONS},
}


def find(step, before, tidegate, kernel):
    """The entry that a difference is, or None. before: the kinds of the steps before it."""
    for entry in WANTED:
        if ((not entry.kinds or step.kind in entry.kinds) and (entry.tidegate, entry.kernel) == (tidegate, kernel)
                and all(before.intersection(group) for group in entry.after)):
            return entry
    return None
