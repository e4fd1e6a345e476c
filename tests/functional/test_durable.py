# SPDX-License-Identifier: BSD-3-Clause
"""Stored operations: what a kill, a disk that is full or read-only, and a damaged file leave of them."""
import contextlib
import fcntl
import os
import pathlib
import sqlite3

import pytest

from exchange import passes
from frames import A, B, udp
from netns import command
from observed import wait_received
from rpc import INTERNAL_ERROR, INVALID_PARAMS
from waiting import wait_until

FLOWS = 50
FAILURE = "Flow operation error - results were not stored - "


def open_flows(wires, rpc):
    left, right = wires
    left.send([udp(sport=1000 + number) for number in range(FLOWS)])
    wait_received(rpc, left=FLOWS, right=0)
    right.receive(FLOWS)


def listed(rpc):
    """{operation: status}, the newest first."""
    return {operation["FlowOperationId"]: operation["FlowOperationStatus"]
            for operation in rpc.call("ListFlowOperations")["FlowOperations"]}


def page(rpc, operation, **params):
    return rpc.call("ListFlowOperationResults", FlowOperationId=operation, MaxResults=20, **params)


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_completed_operation_outlives_the_daemon(end, start, wires):
    """Its pages and description are the same, and the tokens given out before are good."""
    daemon = start()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        operation = rpc.operate("StartFlowCapture")
        first = page(rpc, operation.id)
        getattr(daemon, end)()
    for _ in range(2):
        daemon.start()
        with daemon.rpc() as rpc:
            assert listed(rpc) == {operation.id: "COMPLETED"}
            assert rpc.described(operation.id) == operation.description
            assert rpc.results(operation.id) == operation.flows
            assert page(rpc, operation.id) == first
            rest = page(rpc, operation.id, NextToken=first["NextToken"])
            assert rest["Flows"] == operation.flows[20:40]
            assert rpc.error("ListFlowOperations", NextToken=first["NextToken"])[0] == INVALID_PARAMS
        getattr(daemon, end)()


def test_kill_right_after_completed(start, wires):
    """The moment the status says so."""
    daemon = start()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
    for _ in range(5):
        with daemon.rpc() as rpc:
            started = rpc.call("StartFlowCapture", FlowFilters=[{}])["FlowOperationId"]
            rpc.described(started)
            daemon.kill()
        daemon.start()
        with daemon.rpc() as rpc:
            assert listed(rpc)[started] == "COMPLETED"


def test_kill_while_in_progress(start):
    """Whenever it comes the operation is known; it takes some tries to come in time."""
    daemon = start(flows_per_worker=1 << 20)
    for _ in range(20):
        with daemon.rpc() as rpc:
            started = rpc.call("StartFlowCapture", FlowFilters=[{}])["FlowOperationId"]
            daemon.kill()
        daemon.start()
        with daemon.rpc() as rpc:
            description = rpc.described(started)
            assert description["FlowOperationStatus"] in ("FAILED", "COMPLETED")
            if description["FlowOperationStatus"] == "FAILED":
                assert description["StatusMessage"] == "Flow operation error - the daemon was restarted"
                assert rpc.results(started) == []
                return
    raise AssertionError("it was always COMPLETED")


def test_directory_that_is_usable_after_the_start(start, wires):
    """What was in it is listed with the first operation that is stored there, and read as before."""
    daemon = start()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        earlier = [rpc.operate("StartFlowCapture") for _ in range(2)]
    daemon.terminate()
    directory = os.open(daemon.folder / "operations", os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        daemon.start()
        with daemon.rpc() as rpc:
            assert listed(rpc) == {}
            fails(rpc, "another daemon has the directory")
    finally:
        os.close(directory)
    with daemon.rpc() as rpc:
        after = rpc.operate("StartFlowCapture")
        assert list(listed(rpc).items())[2:] == [(operation.id, "COMPLETED") for operation in earlier[::-1]]
        assert list(listed(rpc))[0] == after.id and after.status == "COMPLETED"
        for operation in earlier:
            assert rpc.described(operation.id) == operation.description
            assert rpc.results(operation.id) == operation.flows


@pytest.fixture
def small(start, tmp_path):
    """small(options) starts a daemon that keeps operations on a file system of 1 MB of its own, which is in its
    mount namespace and goes with it; returns the daemon, and the directory as seen from here."""
    def begin(options=""):
        disk = tmp_path / "disk"
        disk.mkdir()
        daemon = start(before=f"mount -t tmpfs -o size=1m{options} tidegate {disk}",
                       operations={"directory": str(disk)})
        return daemon, pathlib.Path(f"/proc/{daemon.process.pid}/root{disk}")
    return begin


def remount(daemon, directory, how):
    inside = "/" + str(directory).split("/root/", 1)[1]
    command("nsenter", f"--target={daemon.process.pid}", "--mount", "--root", "mount", "-o", f"remount,{how}", inside)


def fails(rpc, reason):
    """A capture ends FAILED for this reason, without flows."""
    operation = rpc.operate("StartFlowCapture")
    assert (operation.status, operation.message) == ("FAILED", FAILURE + reason)
    assert operation.flows == [] and operation.description["FlowCount"] == 0


def test_full_disk(small, wires):
    daemon, directory = small()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        before = rpc.operate("StartFlowCapture")
        assert before.status == "COMPLETED"
        fill = directory / "fill"
        with pytest.raises(OSError), open(fill, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        for number in range(2):
            fails(rpc, "no space left")
            assert passes(wires, udp(A, B, 7, number))
            assert rpc.results(before.id) == before.flows
        fill.unlink()
        after = rpc.operate("StartFlowCapture")
        assert after.status == "COMPLETED" and len(after.flows) == FLOWS + 2
        assert list(listed(rpc).values()) == ["COMPLETED", "FAILED", "FAILED", "COMPLETED"]
    assert daemon.log.read_text().count("no space left") < 10


def test_read_only_directory(small, wires):
    daemon, directory = small(",ro")
    assert "operations are not stored in" in daemon.log.read_text()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        fails(rpc, "read-only file system")
        assert passes(wires, udp(A, B, 7, 7))
        remount(daemon, directory, "rw")
        assert rpc.operate("StartFlowCapture").status == "COMPLETED"


def test_directory_that_cannot_be_made(start, wires):
    """The daemon starts all the same."""
    daemon = start(operations={"directory": "/proc/operations"})
    with daemon.rpc() as rpc:
        fails(rpc, "no such file or directory")
        assert passes(wires, udp())


def test_damaged_file(start, wires):
    """It is moved aside, and a new one begun; the log says so."""
    daemon = start()
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        assert rpc.operate("StartFlowCapture").status == "COMPLETED"
        daemon.terminate()
    file = pathlib.Path(daemon.config["operations"]["directory"]) / "operations.db"
    data = bytearray(file.read_bytes())
    data[:64] = bytes(64)
    file.write_bytes(data)
    daemon.start()
    assert f"{file} is damaged" in daemon.log.read_text()
    assert file.with_name("operations.db.damaged").read_bytes() == data
    with daemon.rpc() as rpc:
        assert listed(rpc) == {}
        assert rpc.operate("StartFlowCapture").status == "COMPLETED"


def test_damaged_result(start, wires):
    """Its flows are not given out. A token of it is good still: the operation is FAILED."""
    daemon = start()
    file = pathlib.Path(daemon.config["operations"]["directory"]) / "operations.db"
    with daemon.rpc() as rpc:
        open_flows(wires, rpc)
        operation = rpc.operate("StartFlowCapture")
        token = page(rpc, operation.id)["NextToken"]
        with contextlib.closing(sqlite3.connect(file)) as database, database:
            assert database.execute("UPDATE chunk SET data = zeroblob(64)").rowcount == 1
        failure = rpc.error("ListFlowOperationResults", FlowOperationId=operation.id)
        assert failure == (INTERNAL_ERROR, "internal error")
        last = page(rpc, operation.id, NextToken=token)
        assert (last["FlowOperationStatus"], last["Flows"]) == ("FAILED", [])
        assert last["StatusMessage"] == "Flow operation error - results are damaged"


def test_directory_of_another_daemon(start, topology):
    """The second one runs, but stores nothing until the first one is gone."""
    first = start()
    ports = [{"name": name, "device": f"net_null{number},no-rx=1"} for number, name in enumerate(("a", "b"))]
    second = start(ports=ports, operations=first.config["operations"])
    with second.rpc() as rpc:
        fails(rpc, "another daemon has the directory")
        with first.rpc() as other:
            assert other.operate("StartFlowCapture").status == "COMPLETED"
        first.terminate()
        assert rpc.operate("StartFlowCapture").status == "COMPLETED"
    assert topology.firewall.xdp_programs() == {}


def test_retention(start, tmp_path):
    """After its time an operation is gone, also when the daemon did not run then."""
    daemon = start(operations={"directory": str(tmp_path / "operations"), "retention_seconds": 1})
    with daemon.rpc() as rpc:
        rpc.operate("StartFlowCapture")
    daemon.kill()

    def gone():
        daemon.start()
        with daemon.rpc() as rpc:
            left = listed(rpc)
        daemon.kill()
        return left == {}
    wait_until(gone, "the operation is still listed")
