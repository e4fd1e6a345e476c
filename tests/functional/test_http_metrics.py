# SPDX-License-Identifier: BSD-3-Clause
"""GET /metrics: what Prometheus reads, against the status that the daemon tells on its socket."""
import contextlib
import os
import pathlib
import re
import socket
import time

import pytest

from daemon import ARN, ZONE, running
from door import KEYS, SECONDS, error_of, firewall_and_door, free_port, open_door
from frames import ethernet, tcp, udp
from netns import Wire
from observed import wait_received
from paths import ROOT
from programs import run
from scraped import promtool, scrape, value
from waiting import wait_until

ALERTS = ROOT / "scripts" / "monitoring" / "alerts.yml"

PORT = {"receive_packets_total": "RxPackets", "receive_bytes_total": "RxBytes", "transmit_packets_total": "TxPackets",
        "transmit_bytes_total": "TxBytes", "transmit_answers_total": "TxAnswers", "receive_missed_total": "RxMissed",
        "receive_errors_total": "RxErrors", "link_up": "LinkUp"}
WORKER = {"packets_total": "Packets", "flows_created_total": "FlowsCreated", "flows_ended_total": "FlowsEnded",
          "flows_refused_total": "FlowsRefused", "flows_evicted_total": "FlowsEvicted",
          "answers_suppressed_total": "AnswersSuppressed", "flow_capacity": "FlowCapacity"}


@pytest.fixture(scope="module")
def both(topology):
    with firewall_and_door(running, topology, keys=KEYS, limits={"requests_per_second": 1000}) as opened:
        daemon, _ = opened
        with daemon.rpc() as rpc, contextlib.closing(Wire(topology.left, "left0")) as left:
            left.send([udp(sport=port) for port in range(1, 6)] + [tcp("S"), udp(source="2001:db8::1",
                                                                                  destination="2001:db8::2")])
            left.send([bytes(ethernet()) + b"\x45" + bytes(19)])  # an IPv4 header of a length that is too short
            wait_received(rpc, left=8, right=0)
        yield opened


def test_against_the_status(both):
    daemon, door = both
    with daemon.rpc() as rpc:
        samples, status = scrape(door), rpc.status()
    assert value(samples, "tidegate_up") == 1
    assert value(samples, "tidegate_info", version=status["Version"], firewall_arn=ARN, availability_zone=ZONE) == 1
    for port in status["Ports"]:
        for name, member in PORT.items():
            assert value(samples, f"tidegate_port_{name}", port=port["Name"]) == port[member], name
        for reason in status["DropReasons"]:
            assert value(samples, "tidegate_port_drops_total", port=port["Name"], reason=reason) == (
                port["Drops"].get(reason, 0))
    assert value(samples, "tidegate_port_receive_packets_total", port="left") == 8
    for worker in status["Workers"]:
        for name, member in WORKER.items():
            assert value(samples, f"tidegate_worker_{name}", worker=worker["Worker"]) == worker[member], name
        assert 0 <= value(samples, "tidegate_worker_load_percent", worker=worker["Worker"]) <= 100
        assert value(samples, "tidegate_worker_polls_total", worker=worker["Worker"]) <= worker["Polls"]
    assert value(samples, "tidegate_worker_flows", worker=0, family="ipv4") == 6
    assert value(samples, "tidegate_worker_flows", worker=0, family="ipv6") == 1
    assert value(samples, "tidegate_policy_generation") == status["Policy"]["Generation"]
    assert value(samples, "tidegate_policy_loaded_timestamp_seconds") == pytest.approx(
        status["Policy"]["LoadedTimestamp"])
    assert value(samples, "tidegate_policy_rules", kind="stateful") == status["Policy"]["StatefulRules"]
    for outcome in ("Written", "Suppressed", "Lost"):
        assert value(samples, "tidegate_event_log_events_total", outcome=outcome.lower()) == (
            status["EventLog"]["Events" + outcome])
    assert value(samples, "tidegate_operation_running") == 0
    assert ("tidegate_policy_last_reload_successful", frozenset()) not in samples


def test_promtool(both):
    promtool(both[1].request("GET", "/metrics").body)


def ended(before, after):
    """{(type, status): (operations, seconds)} of those that ended between two scrapes."""
    return {(kind, status): tuple(
        value(after, name, type=kind, status=status) - value(before, name, type=kind, status=status)
        for name in ("tidegate_operation_duration_seconds_count", "tidegate_operation_duration_seconds_sum"))
        for kind in ("FLOW_CAPTURE", "FLOW_FLUSH") for status in ("COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED")}


def test_operation_and_reload(both):
    daemon, door = both
    with daemon.rpc() as rpc:
        before = scrape(door)
        operation = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=60)["FlowOperationId"]
        assert value(scrape(door), "tidegate_operation_running") == 1
        rpc.call("CancelFlowOperation", FlowOperationId=operation)
        canceled = rpc.described(operation)
        assert value(scrape(door), "tidegate_operation_running") == 0
        completed = rpc.described(rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=1)["FlowOperationId"])
        flushed = [rpc.described(rpc.call("StartFlowFlush", FlowFilters=[{}])["FlowOperationId"]) for _ in range(2)]
        assert ended(before, scrape(door)) == {
            ("FLOW_CAPTURE", "COMPLETED"): (1, pytest.approx(completed["ElapsedMilliseconds"] / 1000)),
            ("FLOW_CAPTURE", "COMPLETED_WITH_ERRORS"): (1, pytest.approx(canceled["ElapsedMilliseconds"] / 1000)),
            ("FLOW_CAPTURE", "FAILED"): (0, 0),
            ("FLOW_FLUSH", "COMPLETED"): (2, pytest.approx(
                sum(flush["ElapsedMilliseconds"] for flush in flushed) / 1000)),
            ("FLOW_FLUSH", "COMPLETED_WITH_ERRORS"): (0, 0), ("FLOW_FLUSH", "FAILED"): (0, 0)}
        assert completed["ElapsedMilliseconds"] >= 1000
        rpc.call("Reload")
        wait_until(lambda: rpc.status()["Policy"].get("LastReload", {}).get("Status") == "COMPLETED", "no reload")
    samples = scrape(door)
    assert value(samples, "tidegate_policy_last_reload_successful") == value(samples, "tidegate_policy_generation") == 1


def test_the_doors_own(both):
    _, door = both
    before = scrape(door)
    assert door.request("GET", "/nothing").status == 404
    after = scrape(door)
    assert value(after, "tidegate_httpd_requests_total", code=404) - before.get(
        ("tidegate_httpd_requests_total", frozenset({'code="404"'})), 0) == 1
    assert value(after, "tidegate_httpd_requests_total", code=200) - value(
        before, "tidegate_httpd_requests_total", code=200) == 1
    assert value(after, "tidegate_httpd_connections") >= 1
    assert value(after, "process_resident_memory_bytes") > 1 << 20
    assert value(after, "process_cpu_seconds_total") >= value(before, "process_cpu_seconds_total") > 0


def process_of(pid):
    """(descriptors that may be open, when it was started) of a process, by proc(5)."""
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    since_boot = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[19])
    boot = int(re.search(r"^btime (\d+)$", pathlib.Path("/proc/stat").read_text(), re.M)[1])
    return (int(re.search(r"^Max open files +(\d+)", limits, re.M)[1]),
            pytest.approx(boot + since_boot / os.sysconf("SC_CLK_TCK"), rel=0, abs=0.001))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_processes(both):
    daemon, door = both
    with daemon.rpc() as rpc:
        pids = {"process": door.process.pid, "tidegate_daemon": rpc.status()["Pid"]}
    for prefix, pid in pids.items():
        samples = scrape(door)
        assert (value(samples, f"{prefix}_max_fds"), value(samples, f"{prefix}_start_time_seconds")) == process_of(pid)
        statm = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
        assert value(samples, f"{prefix}_resident_memory_bytes") == pytest.approx(
            int(statm[1]) * os.sysconf("SC_PAGESIZE"), rel=0.2)
        assert 0 < value(samples, f"{prefix}_cpu_seconds_total") < 100 * (
            time.time() - value(samples, f"{prefix}_start_time_seconds"))
    # The connection that asks is one more than there are at rest.
    wait_until(lambda: value(scrape(door), "process_open_fds") == descriptors(door.process.pid) + 1, "descriptors")
    wait_until(lambda: value(scrape(door), "tidegate_daemon_open_fds") - descriptors(pids["tidegate_daemon"]) in (0, 1),
               "descriptors of the daemon")


def test_without_the_daemon():
    with open_door() as door:
        samples = scrape(door)
        assert value(samples, "tidegate_up") == 0
        assert not [name for name, _ in samples if name.startswith(("tidegate_port", "tidegate_worker"))]
        promtool(door.request("GET", "/metrics").body)


def test_who_is_given_them():
    """Clients on this machine that ask for it by name, or all; by GET alone, and only so often."""
    with open_door(keys=KEYS) as door:
        assert error_of(door.request("GET", "/metrics", {"Host": "example.com"})) == (403, "AccessDeniedException")
        assert error_of(door.request("POST", "/metrics")) == (405, "UnknownOperationException")
        assert scrape(door) and scrape(door, headers={"Host": "localhost:1"})
    with open_door(metrics="all", limits={"requests_per_second": 3}) as door:
        assert scrape(door, headers={"Host": "example.com"})
        assert 429 in [door.request("GET", "/metrics").status for _ in range(20)]


@pytest.mark.parametrize("metrics, status", [("local", b" 403 "), ("all", b" 200 ")])
def test_not_beyond_this_machine(topology, metrics, status):
    """A client that comes by another address than loopback's."""
    address = topology.IPV4["left"]
    port = free_port()
    with open_door(keys=KEYS, namespace=topology.left, listen=[f"0.0.0.0:{port}"], metrics=metrics):
        with topology.left.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(SECONDS)
            client.connect((address, port))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(65536).split(b"\r\n")[0].startswith(b"HTTP/1.1" + status)


# ---- alerts ----

@pytest.mark.parametrize("arguments", [("check", "rules", ALERTS),
                                       ("test", "rules", ROOT / "tests" / "functional" / "alerts_test.yml")])
def test_alert_rules(arguments):
    done = run("promtool", *arguments)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr


def test_alerts_are_on_metrics_that_exist(both):
    daemon, door = both
    asked = set(re.findall(r"\b(?:tidegate|process)_[a-z_]+", "".join(
        re.findall(r"^ +expr:.*?(?=^ +(?:for|labels):)", ALERTS.read_text(), re.M | re.S))))
    with daemon.rpc() as rpc:
        rpc.call("Reload")
        wait_until(lambda: rpc.status()["Policy"].get("LastReload", {}).get("Status") == "COMPLETED", "no reload")
    assert asked and asked <= {name for name, _ in scrape(door)}
