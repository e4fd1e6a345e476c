# SPDX-License-Identifier: BSD-3-Clause
"""The control socket from outside: JSON-RPC 2.0 line by line, hostile clients, and clients beside them."""
import contextlib
import json
import os
import socket
import time

import pytest

from daemon import running
from frames import udp
from netns import Wire
from observed import observed, wait_received
from rpc import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, THROTTLING
from waiting import wait_until

LINE_MAX = 1 << 20  # bytes of a request
CLIENTS_MAX = 256
FLOWS = 2000


@pytest.fixture(scope="module")
def daemon(topology):
    """One for all tests here, with enough flows for answers of a megabyte."""
    with running(topology) as started:
        with contextlib.closing(Wire(topology.left, "left0")) as left, started.rpc() as rpc:
            for begin in range(1, FLOWS + 1, 100):
                left.send([udp(sport=port) for port in range(begin, begin + 100)])
                wait_received(rpc, left=begin + 99, right=0)
        yield started


@pytest.fixture
def rpc(daemon):
    with daemon.rpc() as connected:
        yield connected


def request(method="GetStatus", **members):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, **members}).encode()


def is_answered(rpc):
    return rpc.status()["Version"] != ""


# name: (line, error code, id of the answer); the codes are those of JSON-RPC 2.0 section 5.1
ERRORS = {
    "no JSON": (b"hello", PARSE_ERROR, None),
    "half an object": (b'{"jsonrpc":"2.0"', PARSE_ERROR, None),
    "two texts in a line": (request() + b" " + request(), PARSE_ERROR, None),
    "a comma too many": (b'{"jsonrpc":"2.0","id":1,"method":"GetStatus",}', PARSE_ERROR, None),
    "invalid UTF-8": (b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', PARSE_ERROR, None),
    "overlong UTF-8": (b'{"jsonrpc":"2.0","id":"\xc0\xaf","method":"GetStatus"}', PARSE_ERROR, None),
    "half a surrogate pair": (b'{"jsonrpc":"2.0","id":"\\ud800","method":"GetStatus"}', PARSE_ERROR, None),
    "NUL byte": (b'{"jsonrpc":"2.0",\x00"id":1}', PARSE_ERROR, None),
    "duplicate key": (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"GetStatus"}', PARSE_ERROR, None),
    "number past any": (b'{"jsonrpc":"2.0","id":1e999,"method":"GetStatus"}', PARSE_ERROR, None),
    "integer past 64 bits": (b'{"jsonrpc":"2.0","id":9223372036854775808,"method":"GetStatus"}',
                             PARSE_ERROR, None),
    "deep nesting of arrays": (b"[" * 100000, PARSE_ERROR, None),
    "deep nesting of objects": (b'{"a":' * 100000, PARSE_ERROR, None),
    "deep nesting, closed": (b"[" * 100000 + b"]" * 100000, PARSE_ERROR, None),
    "a number": (b"1", INVALID_REQUEST, None),
    "a string": (b'"GetStatus"', INVALID_REQUEST, None),
    "null": (b"null", INVALID_REQUEST, None),
    "an empty batch": (b"[]", INVALID_REQUEST, None),
    "an empty object": (b"{}", INVALID_REQUEST, None),
    "no version": (b'{"id":7,"method":"GetStatus"}', INVALID_REQUEST, 7),
    "another version": (request(jsonrpc="1.0", id=7), INVALID_REQUEST, 7),
    "version as a number": (request(jsonrpc=2.0, id=7), INVALID_REQUEST, 7),
    "no method": (b'{"jsonrpc":"2.0","id":7}', INVALID_REQUEST, 7),
    "method as a number": (request(5, id=7), INVALID_REQUEST, 7),
    "id as an object": (request(id={}), INVALID_REQUEST, None),
    "id as a boolean": (request(id=True), INVALID_REQUEST, None),
    "unknown method": (request("Shutdown", id=7), METHOD_NOT_FOUND, 7),
    "method in other case": (request("getstatus", id="x"), METHOD_NOT_FOUND, "x"),
    "internal method": (request("rpc.discover", id=7), METHOD_NOT_FOUND, 7),
    "parameters by position": (request(id=7, params=[1]), INVALID_PARAMS, 7),
    "parameters as a string": (request(id=7, params="x"), INVALID_PARAMS, 7),
    "unknown parameter": (request(id=7, params={"Verbose": True}), INVALID_PARAMS, 7),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name, rpc):
    """Answered with its code, and the connection goes on."""
    line, code, number = ERRORS[name]
    answer = rpc.exchange(line)
    assert set(answer) == {"jsonrpc", "id", "error"}
    assert (answer["jsonrpc"], answer["id"], answer["error"]["code"]) == ("2.0", number, code)
    assert set(answer["error"]) <= {"code", "message", "data"} and answer["error"]["message"]
    assert is_answered(rpc)


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -2**63, 1.5, "", "a\"\\\u00e9", None], ids=repr)
def test_id_comes_back_as_it_was(number, rpc):
    answer = rpc.exchange(request(id=number))
    assert answer["id"] == number and type(answer["id"]) is type(number)
    assert "result" in answer


def test_notification_has_no_answer(rpc):
    rpc.send(b'{"jsonrpc":"2.0","method":"GetStatus"}\n{"jsonrpc":"2.0","method":"NoSuchMethod"}\n')
    assert rpc.exchange(request(id="next"))["id"] == "next"


def test_batch(rpc):
    """JSON-RPC 2.0 section 6: one array of answers, none for a notification."""
    answers = rpc.exchange(b"[%s,1,%s,%s]" % (request(id=1), b'{"jsonrpc":"2.0","method":"GetStatus"}',
                                              request("NoSuchMethod", id=2)))
    assert [(answer["id"], answer.get("error", {}).get("code")) for answer in answers] == [
        (1, None), (None, INVALID_REQUEST), (2, METHOD_NOT_FOUND)]
    rpc.send(b'[{"jsonrpc":"2.0","method":"GetStatus"}]\n')
    assert is_answered(rpc)


# The limits of docs/control-socket.md.
BATCH_MAX, VALUES_MAX = 100, 20000


def test_longest_batch(rpc):
    one = request()
    answers = rpc.exchange(b"[" + b",".join([one] * BATCH_MAX) + b"]")
    assert len(answers) == BATCH_MAX and all("result" in answer for answer in answers)
    longer = rpc.exchange(b"[" + b",".join([one] * (BATCH_MAX + 1)) + b"]")
    assert longer["error"]["code"] == INVALID_REQUEST


def test_number_of_values(rpc):
    """A line within its length may still hold more values than memory should be spent on."""
    many = rpc.exchange(request("GetStatus", params={"x": [1] * (VALUES_MAX + 1)}))
    assert many["error"]["code"] == PARSE_ERROR
    assert is_answered(rpc)


def test_line_in_pieces(rpc):
    for byte in request(id="slowly") + b"\n":
        rpc.send(bytes([byte]))
    assert rpc.line()["id"] == "slowly"


def test_many_lines_at_once_are_answered_in_order(rpc):
    rpc.send(b"".join(request(id=number) + b"\n" for number in range(500)))
    assert [rpc.line()["id"] for _ in range(500)] == list(range(500))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n\r\n\n"], ids=repr)
def test_line_ends(end, rpc):
    rpc.send(request(id=1) + end + request(id=2) + end)
    assert [rpc.line()["id"], rpc.line()["id"]] == [1, 2]


def test_last_line_without_its_end(rpc):
    """As a shell's printf | socat sends it."""
    rpc.send(request(id="last"))
    rpc.socket.shutdown(socket.SHUT_WR)
    assert rpc.line()["id"] == "last"
    assert rpc.line() is None


def padded(size):
    """A request of exactly so many bytes."""
    text = request(id="long")
    return text[:-1] + b" " * (size - len(text)) + text[-1:]


def test_longest_line(rpc):
    assert rpc.exchange(padded(LINE_MAX))["id"] == "long"
    assert is_answered(rpc)


def test_line_that_is_too_long(rpc, daemon):
    """An error that says so, then the end of the connection; others go on."""
    answer = rpc.exchange(padded(LINE_MAX + 1))
    assert (answer["id"], answer["error"]["code"]) == (None, INVALID_REQUEST)
    assert str(LINE_MAX) in answer["error"]["message"]
    assert rpc.line() is None
    with daemon.rpc() as other:
        assert is_answered(other)


def test_line_without_end(daemon):
    """Sixteen times the limit, while another client is answered at once."""
    with daemon.rpc() as flood, daemon.rpc() as other:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(16 * LINE_MAX // 65536):
                flood.send(b"x" * 65536)
                assert is_answered(other)
        assert flood.line()["error"]["code"] == INVALID_REQUEST
        # Closed with some of it unread, where a busy machine took longer over it than the server lingers.
        with contextlib.suppress(ConnectionResetError):
            assert flood.line() is None


def test_many_clients(daemon):
    """Each gets its own answers, half of them in the middle of a line while the others ask."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(daemon.rpc()) for _ in range(200)]
        halves, wholes = clients[::2], clients[1::2]
        for client in halves:
            client.send(request(id="half")[:20])
        for number, client in enumerate(wholes):
            client.send(request(id=number) + b"\n")
        assert [client.line()["id"] for client in wholes] == list(range(100))
        for client in halves:
            client.send(request(id="half")[20:] + b"\n")
        assert {client.line()["id"] for client in halves} == {"half"}


def test_one_client_too_many(daemon):
    """Is told so and turned away; as soon as one goes there is room."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(daemon.rpc()) for _ in range(CLIENTS_MAX)]
        assert all(is_answered(client) for client in clients)
        with daemon.rpc() as last:
            answer = last.line()
            assert (answer["id"], answer["error"]["code"]) == (None, THROTTLING)
            assert last.line() is None
        clients[0].close()

        def has_room():
            with daemon.rpc() as another:
                return "result" in another.exchange(request())
        wait_until(has_room, "no room after a client has gone")
        assert all(is_answered(client) for client in clients[1:])


def test_client_that_does_not_read(daemon, rpc):
    """It asks for megabytes: nobody waits for it, and it gets every answer whole once it reads."""
    operation = rpc.operate("StartFlowCapture")
    assert len(operation.flows) == FLOWS
    rounds = 20
    with daemon.rpc() as slow:
        for number in range(rounds):
            slow.send(request("ListFlowOperationResults", id=number,
                              params={"FlowOperationId": operation.id, "MaxResults": FLOWS}) + b"\n")
        for _ in range(200):
            begin = time.monotonic()
            assert is_answered(rpc)
            assert time.monotonic() - begin < 1
        for number in range(rounds):
            answer = slow.line()
            assert answer["id"] == number
            assert answer["result"]["Flows"] == operation.flows


@pytest.mark.parametrize("sent", [b"", b'{"jsonrpc"', request() + b"\n" + request()[:9]], ids=repr)
def test_client_that_goes_away(sent, daemon, rpc):
    for _ in range(50):
        with daemon.rpc() as gone:
            gone.send(sent)
    assert is_answered(rpc)


def test_client_that_goes_away_in_the_middle_of_an_answer(daemon, rpc):
    operation = rpc.operate("StartFlowCapture").id
    for _ in range(20):
        with daemon.rpc() as gone:
            gone.send(request("ListFlowOperationResults", params={
                "FlowOperationId": operation, "MaxResults": FLOWS}) + b"\n")
            gone.socket.recv(1000)
    assert is_answered(rpc)


def test_file_descriptors_are_given_back(daemon, rpc):
    def open_files():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
    before = open_files()
    for _ in range(100):
        with daemon.rpc() as client:
            assert is_answered(client)
    wait_until(lambda: open_files() == before, lambda: f"{before} files before, {open_files()} now")


def test_one_operation_at_a_time(rpc):
    """The second of two is refused, and told which one is running."""
    start = {"method": "StartFlowCapture", "params": {"FlowFilters": [{}]}}
    first, second = rpc.exchange(b"[%s,%s]" % (request(**start), request(**start)))
    assert second["error"]["code"] == THROTTLING
    assert first["result"]["FlowOperationId"] in second["error"]["message"]
    rpc.described(first["result"]["FlowOperationId"])
    assert len(observed(rpc.capture())) == FLOWS
