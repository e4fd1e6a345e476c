# SPDX-License-Identifier: BSD-3-Clause
"""Clients that take their time: between requests they may, in the middle of one they are cut off."""
import contextlib
import json
import select
import time

import pytest

from rpc import INVALID_REQUEST
from waiting import wait_until

SECONDS = 2  # a request may take
LATE = 10  # seconds more that a busy machine may need
PACE = 0.1  # seconds between two bytes
COARSE = 0.05  # seconds that the clock of the daemon's event loop may be behind

REQUEST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "GetStatus"}).encode()
REFUSAL = {"jsonrpc": "2.0", "id": None, "error": {
    "code": INVALID_REQUEST, "message": f"a line must end within {SECONDS} s"}}


@pytest.fixture
def daemon(start):
    return start(socket_request_seconds=SECONDS)


def drip(slow, others=()):
    """Send bytes that never end a line until there is an answer, with a turn of each of the others after each byte."""
    begin = time.monotonic()
    while not select.select([slow.socket], [], [], PACE)[0]:
        assert time.monotonic() - begin < SECONDS + LATE, "still connected"
        slow.send(b" ")
        for other in others:
            next(other)


def halves(client):
    """A request in two halves, a turn each, again and again."""
    while True:
        client.send(REQUEST[:20])
        yield
        assert "result" in client.exchange(REQUEST[20:])
        yield


def is_closed(client):
    """Whether what is sent to it has no receiver any more."""
    try:
        client.send(b" ")
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def cut_off(daemon):
    return [line for line in daemon.log.read_text().splitlines() if "client cut off" in line]


@pytest.mark.parametrize("before", [b"", REQUEST + b"\n", b"\r\n\n"], ids=["first", "second", "empty lines before"])
def test_line_that_does_not_end(before, daemon):
    """An error that says so, the end of the connection though bytes go on coming, and a line in the log."""
    with daemon.rpc() as slow:
        begin = time.monotonic()
        slow.send(before + b"{")
        if REQUEST in before:
            assert "result" in slow.line()
        drip(slow)
        assert time.monotonic() - begin > SECONDS - COARSE
        assert slow.line() == REFUSAL
        assert slow.line() is None
        wait_until(lambda: is_closed(slow), "it is read from still")
    line, = cut_off(daemon)
    assert "it did not end its request in time: pid " in line


def test_others_stay(daemon):
    """Silent clients, one that has asked and one that never has, and one that takes long for many requests together."""
    with contextlib.ExitStack() as stack:
        slow, silent, asked, busy = [stack.enter_context(daemon.rpc()) for _ in range(4)]
        assert "result" in asked.exchange(REQUEST)
        turns = halves(busy)
        drip(slow, [turns])
        for client in (silent, asked):
            assert "result" in client.exchange(REQUEST)
        next(turns)
        next(turns)
    assert len(cut_off(daemon)) == 1


def test_half_a_line_at_a_stop(daemon):
    """It is nobody's request: the daemon does not wait for its end."""
    with daemon.rpc() as slow:
        slow.send(REQUEST[:20])
        with daemon.rpc() as other:
            assert "result" in other.exchange(REQUEST)
        daemon.terminate()
        assert slow.line() is None
    assert cut_off(daemon) == []
