# SPDX-License-Identifier: BSD-3-Clause
"""A JSON-RPC client of the control socket, by a plain socket: one JSON text a line.

Every answer, and every request that is not refused for what it says, has to be what the published schema says.
"""
import collections
import itertools
import json
import socket
import struct

from schema import check_answers, check_params, check_result
from waiting import INTERVAL, wait_until

TIMEOUT = 10  # seconds for an answer

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INTERNAL_ERROR, RESOURCE_NOT_FOUND, THROTTLING = -32603, 1, 2

Capture = collections.namedtuple("Capture", "id status message flows description")


class RpcError(Exception):
    """An error answer."""

    def __init__(self, error):
        super().__init__(error)
        self.code, self.message = error["code"], error["message"]


class Rpc:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.buffer = b""
        self.ids = itertools.count(1)
        try:
            # Blocking, since a connect that does not block fails while the backlog is full.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", TIMEOUT, 0))
            self.socket.connect(str(path))
            self.socket.settimeout(TIMEOUT)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next answer, parsed; None when the server has closed the connection."""
        while b"\n" not in self.buffer:
            data = self.socket.recv(1 << 20)
            if not data:
                assert not self.buffer, f"half a line: {self.buffer!r}"
                return None
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\n", 1)
        answer = json.loads(text.decode())
        check_answers(answer)
        return answer

    def exchange(self, data):
        """Send bytes, with the newline when they lack it, and return the answer."""
        self.send(data if data.endswith(b"\n") else data + b"\n")
        return self.line()

    def call(self, method, **params):
        number = next(self.ids)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        answer = self.exchange(json.dumps(request).encode())
        assert answer["jsonrpc"] == "2.0" and answer["id"] == number, answer
        assert ("result" in answer) != ("error" in answer), answer
        if "error" in answer:
            error = RpcError(answer["error"])
            if error.code not in (INVALID_PARAMS, METHOD_NOT_FOUND):
                check_params(method, params)
            raise error
        check_params(method, params)
        check_result(method, answer["result"])
        return answer["result"]

    def error(self, method, **params):
        """The (code, message) of a call that has to fail."""
        try:
            result = self.call(method, **params)
        except RpcError as error:
            return error.code, error.message
        raise AssertionError(f"{method} {params} succeeded: {result}")

    def status(self):
        return self.call("GetStatus")

    def described(self, operation, seconds=10, interval=INTERVAL):
        """The description of an operation that has ended."""
        def ended():
            description = self.call("DescribeFlowOperation", FlowOperationId=operation)
            return description["FlowOperationStatus"] != "IN_PROGRESS" and description
        return wait_until(ended, f"operation {operation} is still running", seconds, interval)

    def results(self, operation, page=65536):
        """All flows of an operation, page by page."""
        flows, token = [], {}
        while True:
            answer = self.call("ListFlowOperationResults", FlowOperationId=operation,
                               MaxResults=page, **token)
            assert len(answer["Flows"]) <= page
            flows += answer["Flows"]
            if "NextToken" not in answer:
                return flows
            token = {"NextToken": answer["NextToken"]}

    def operate(self, method, filters=({},), **params):
        started = self.call(method, FlowFilters=list(filters), **params)
        description = self.described(started["FlowOperationId"])
        return Capture(started["FlowOperationId"], description["FlowOperationStatus"],
                       description.get("StatusMessage"), self.results(started["FlowOperationId"]),
                       description)

    def capture(self, *filters, **params):
        """The flows of a capture, which has to be complete; without filters, of everything."""
        return self.whole("StartFlowCapture", filters or ({},), params)

    def flush(self, *filters, **params):
        return self.whole("StartFlowFlush", filters, params)

    def whole(self, method, filters, params):
        done = self.operate(method, filters, **params)
        assert done.status == "COMPLETED", done.description
        return done.flows
