# SPDX-License-Identifier: BSD-3-Clause
"""TCP connections, with the verdict of every segment: see scenarios.py."""
from scenarios import CLOSED, CONTINUE, OPEN, PASS, REJECT, passing, scenario


@scenario(OPEN, CLOSED)
def open_talk_close(ends):
    """RFC 9293 figures 6 and 12; what is late in TIME_WAIT goes on."""
    return ends.opened() + passing(
        ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True), ends.tcp("PA", 301, 111, 500, back=True),
        ends.tcp("A", 111, 801), ends.tcp("FA", 111, 801), ends.tcp("A", 801, 112, back=True),
        ends.tcp("FA", 801, 112, back=True), ends.tcp("A", 112, 802), ends.tcp("FA", 801, 112, back=True),
        ends.tcp("A", 112, 802))


@scenario()
def half_closed(ends):
    """RFC 9293 section 3.6: who has sent a FIN still receives, and sends nothing new."""
    return ends.opened() + [
        (ends.tcp("FA", 101, 301), PASS), (ends.tcp("PA", 301, 102, 400, back=True), PASS),
        (ends.tcp("A", 102, 701), PASS), (ends.tcp("PA", 102, 701, 10), "tcp_window"),
        (ends.tcp("FA", 701, 102, back=True), PASS), (ends.tcp("A", 102, 702), PASS)]


@scenario()
def simultaneous_open(ends):
    """RFC 9293 figure 7."""
    return passing(ends.tcp("S", 100), ends.tcp("S", 300, back=True), ends.tcp("SA", 300, 101, back=True),
                   ends.tcp("SA", 100, 301), ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True))


@scenario()
def exact_reset(ends):
    """RFC 5961 section 3.2: at the next number expected it ends the connection, and a SYN begins another."""
    return ends.opened() + passing(ends.tcp("R", 301, back=True), ends.tcp("S", 5000),
                                   ends.tcp("SA", 9000, 5001, back=True), ends.tcp("A", 5001, 9001))


@scenario()
def blind_resets(ends):
    """RFC 5961 section 3.2: in the window is not enough."""
    return ends.opened() + [
        (ends.tcp("R", 302, back=True), "tcp_rst"), (ends.tcp("R", 300, back=True), "tcp_rst"),
        (ends.tcp("R", 900, back=True), "tcp_rst"), (ends.tcp("RA", 102, 301), "tcp_rst"),
        (ends.tcp("PA", 101, 301, 10), PASS), (ends.tcp("A", 301, 111, back=True), PASS)]


@scenario()
def refused(ends):
    """RFC 9293 section 3.10.7.3: in SYN-SENT a reset has to acknowledge the SYN."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("R", 0, back=True), "tcp_rst"),
            (ends.tcp("RA", 0, 5000, back=True), "tcp_rst"), (ends.tcp("RA", 0, 101, back=True), PASS)]


@scenario()
def out_of_window(ends):
    """RFC 9293 section 3.4: 1,000 bytes from the last acknowledgement on, and no byte that was not sent."""
    return ends.opened() + [
        (ends.tcp("PA", 101, 301, 1000), PASS), (ends.tcp("PA", 1101, 301, 1), "tcp_window"),
        (ends.tcp("A", 301, 1102, back=True), "tcp_window"), (ends.tcp("A", 301, 1101, back=True), PASS),
        (ends.tcp("PA", 1101, 301, 1), PASS), (ends.tcp("PA", 101, 301, 1000), PASS),
        (ends.tcp("PA", 100000, 301, 1), "tcp_window"), (ends.tcp("PA", 101, 302, 1), "tcp_window")]


@scenario()
def syn_on_a_connection(ends):
    """RFC 5961 section 4.2: the SYN and the challenge to it go on, and the connection with them."""
    return ends.opened() + passing(ends.tcp("S", 70000), ends.tcp("A", 301, 101, back=True),
                                   ends.tcp("PA", 101, 301, 10), ends.tcp("A", 301, 111, back=True))


@scenario()
def old_answer(ends):
    """RFC 9293 section 3.10.7.3: a SYN-ACK that acknowledges something else is none of this connection."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("SA", 7, 99, back=True), "tcp_state"),
            (ends.tcp("SA", 300, 101, back=True), PASS), (ends.tcp("A", 101, 301), PASS),
            (ends.tcp("PA", 301, 101, 10, back=True), PASS)]


@scenario()
def one_sided(ends):
    """Without an answer nothing but SYNs can come."""
    return [(ends.tcp("S", 100), PASS), (ends.tcp("A", 101, 301), "tcp_state"),
            (ends.tcp("PA", 101, 301, 10), "tcp_state"), (ends.tcp("S", 100), PASS)]


@scenario()
def reused_tuple(ends):
    """RFC 1122 section 4.2.2.13: in TIME_WAIT, with a number beyond the last one."""
    return ends.opened() + passing(
        ends.tcp("FA", 101, 301), ends.tcp("FA", 301, 102, back=True), ends.tcp("A", 102, 302),
        ends.tcp("S", 5000), ends.tcp("SA", 9000, 5001, back=True), ends.tcp("A", 5001, 9001),
        ends.tcp("PA", 5001, 9001, 10))


@scenario()
def contradicting_flags(ends):
    """RFC 9293 section 3.1: what no end sends, before the connection and in it."""
    bad = [(ends.tcp(flags, 101, 301), "tcp_flags") for flags in ("SF", "SR", "", "F", "FPU", "SAF", "RF")]
    return bad + ends.opened() + bad + passing(ends.tcp("PA", 101, 301, 10))


@scenario()
def without_a_beginning(ends):
    """The stream exception policy is drop by default."""
    return [(ends.tcp(flags, 300, 101, back=True), "midstream") for flags in ("A", "PA", "SA", "R", "FA")]


@scenario(CONTINUE)
def picked_up(ends):
    return [(ends.tcp("PA", 101, 301, 10), PASS), (ends.tcp("A", 301, 111, back=True), PASS),
            (ends.tcp("R", 5, back=True), "tcp_rst"), (ends.tcp("", 1), "tcp_flags"),
            (ends.tcp("PA", 301, 111, 1400, back=True), PASS)]


@scenario(REJECT)
def refused_midstream(ends):
    return [(ends.tcp("PA", 101, 301, 10), "midstream_reject"), *ends.opened(port=81)]


@scenario()
def bad_headers(ends):
    """RFC 9293 section 3.1; a wrong checksum changes nothing."""
    return ends.opened() + [
        (ends.tcp("A", 101, 301, dataofs=4), "tcp_data_offset"),
        (ends.tcp("A", 101, 301, dataofs=6), "tcp_data_offset"),
        (ends.tcp("R", 101, chksum=0x1234), "l4_checksum"), (ends.tcp("PA", 101, 301, 10), PASS)]


@scenario()
def tcp_timeouts(ends):
    """The defaults: 120 s for the answer, 60 s for the last ACK, 350 s idle."""
    syn, answer, ack = (frame for frame, _ in ends.opened())
    return [(syn, PASS, 0), (answer, PASS, 119.9), (ack, PASS, 179.8), (ends.tcp("PA", 101, 301, 9), PASS, 529.7),
            (ends.tcp("A", 301, 110, back=True), "midstream", 879.8)]


@scenario()
def late_answer(ends):
    syn, answer, _ = (frame for frame, _ in ends.opened())
    return [(syn, PASS, 0), (answer, "midstream", 120.1)]
