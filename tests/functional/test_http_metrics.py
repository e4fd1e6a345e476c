# SPDX-License-Identifier: BSD-3-Clause
"""GET /metrics: what Prometheus reads, against the status that the daemon tells on its socket."""
import contextlib
import re
import socket
import subprocess

import pytest

from daemon import ARN, ZONE, running
from door import KEYS, SECONDS, error_of, firewall_and_door, free_port, open_door
from frames import ethernet, tcp, udp
from netns import Wire
from observed import wait_received
from paths import ROOT
from programs import run
from waiting import wait_until

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (-?[0-9.e+]+)')
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def scrape(door, **options):
    """{(name, labels): value}, labels being a frozenset; no sample may be there twice, nor a family in two places."""
    answer = door.request("GET", "/metrics", **options)
    assert (answer.status, answer.headers["Content-Type"]) == (200, TEXT), answer
    samples, families, last = {}, set(), None
    for line in answer.body.splitlines():
        if line.startswith("# HELP "):
            assert line.split()[2] not in families
            families.add(last := line.split()[2])
        elif not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            key = name, frozenset((labels or "").split(",")) - {""}
            assert name == last and key not in samples, line
            samples[key] = float(value)
    return samples


def value(samples, name, **labels):
    return samples[name, frozenset(f'{label}="{text}"' for label, text in labels.items())]


def promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


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


def test_operation_and_reload(both):
    daemon, door = both
    with daemon.rpc() as rpc:
        operation = rpc.call("StartFlowCapture", FlowFilters=[{}], WindowSeconds=60)["FlowOperationId"]
        assert value(scrape(door), "tidegate_operation_running") == 1
        rpc.call("CancelFlowOperation", FlowOperationId=operation)
        rpc.described(operation)
        assert value(scrape(door), "tidegate_operation_running") == 0
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
    asked = set(re.findall(r"tidegate_[a-z_]+", "".join(
        line for line in ALERTS.read_text().splitlines() if line.strip().startswith("expr:"))))
    with daemon.rpc() as rpc:
        rpc.call("Reload")
        wait_until(lambda: rpc.status()["Policy"].get("LastReload", {}).get("Status") == "COMPLETED", "no reload")
    assert asked and asked <= {name for name, _ in scrape(door)}
