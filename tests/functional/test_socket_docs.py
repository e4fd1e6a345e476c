# SPDX-License-Identifier: BSD-3-Clause
"""The examples of docs/control-socket.md do what they say, against a daemon."""
import json
import re
import subprocess
import sys

import pytest

from frames import handshake, udp
from observed import wait_received
from paths import ROOT
from waiting import wait_until

DEFAULT_SOCKET = "/run/tidegate/control.sock"
DOCUMENT = (ROOT / "docs" / "control-socket.md").read_text()


def example(begin):
    """The indented block with this first line, without its indentation."""
    lines = DOCUMENT.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("    " + begin))
    block = []
    for line in lines[first:]:
        if line and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block)


@pytest.fixture
def daemon(start, wires):
    """With a TCP connection to port 443, and a datagram."""
    left, _ = wires
    running = start()
    sent = [*handshake(dport=443), udp()]
    left.send(sent)
    with running.rpc() as rpc:
        wait_received(rpc, left=len(sent), right=0)
    return running


def test_shell(daemon):
    text = example("$ echo").removeprefix("$ ").replace(DEFAULT_SOCKET, str(daemon.socket))
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, timeout=10, check=True)
    worker, = json.loads(done.stdout)
    assert worker["Worker"] == 0 and worker["FlowsIpv4"] == 2


def test_batch(daemon):
    """One line of two requests: one line of two answers of the documented members."""
    request = json.loads(example('[{"jsonrpc":"2.0","id":1,"method"').split("\n\n")[0])
    with daemon.rpc() as rpc:
        started, listed = rpc.exchange(json.dumps(request).encode())
    documented = re.search(r'"result":\{"FirewallArn":.*?\}', DOCUMENT)[0]
    assert set(re.findall(r'"([A-Z]\w+)":', documented)) == set(started["result"])
    assert listed["result"]["FlowOperations"][0]["FlowOperationId"] == started["result"]["FlowOperationId"]


def test_python(daemon):
    program = example("import json, socket, time").replace(DEFAULT_SOCKET, str(daemon.socket))
    with daemon.rpc() as rpc:
        wait_until(lambda: rpc.capture(MinimumFlowAgeInSeconds=1), "the flows do not age")
    program = program.replace("MinimumFlowAgeInSeconds=60", "MinimumFlowAgeInSeconds=1")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "120 198.51.100.1 203.0.113.2\n"
