# SPDX-License-Identifier: BSD-3-Clause
"""tidegate reload and SIGHUP on the wire: new rules without a gap, and a bad file without any effect."""
import json
import signal
import socket
import threading
import time

import pytest

from frames import tcp, udp
from observed import drops_of, ports_of, wait_received
from traffic import connection
from waiting import wait_until

NO_TCP = {"name": "no tcp", "action": "drop", "protocols": "tcp"}
RULES_MAX = 65536


def write(daemon, **config):
    """The configuration file with other values of some keys; returns its text."""
    text = json.dumps({**daemon.config, **config}, indent=1)
    daemon.config_file.write_text(text)
    return text


def reload(daemon, **config):
    """Reload the file with other values of some keys; returns the policy that is then in force."""
    write(daemon, **config)
    done = daemon.client("reload")
    assert (done.returncode, done.stderr) == (0, "")
    policy = json.loads(done.stdout)
    assert policy["LastReload"]["Status"] == "COMPLETED"
    return policy


def dropped(rpc, side="left"):
    return drops_of(ports_of(rpc.status())[side])


def last_reload(rpc, generation):
    """The result of the last reload, once that policy is in force and no reload is running."""
    def ended():
        policy = rpc.status()["Policy"]
        return (policy["Generation"] == generation and "LastReload" in policy and
                policy["LastReload"]["Status"] != "IN_PROGRESS" and policy["LastReload"])
    return wait_until(ended, lambda: str(rpc.status()["Policy"]))


def test_open_connection_is_cut_and_goes_on(start, topology):
    """A removed permission ends the flows that had it at their next packet; one given back lets them go on."""
    daemon = start()
    with daemon.rpc() as rpc, connection(topology, topology.IPV4) as opened:
        opened.transfer(1 << 16)
        assert dropped(rpc) == {}
        policy = reload(daemon, rules=[NO_TCP])
        assert (policy["Generation"], policy["Rules"]) == (1, 1)
        opened.client.sendall(b"after the rule")
        wait_until(lambda: dropped(rpc).get("rule", 0) > 0, "nothing is dropped")
        opened.server.setblocking(False)
        with pytest.raises(BlockingIOError):
            opened.server.recv(1)
        assert set(dropped(rpc)) == {"rule"}
        opened.server.settimeout(10)
        reload(daemon, rules=[])
        assert opened.server.recv(14, socket.MSG_WAITALL) == b"after the rule"
        opened.transfer(1 << 16)


def test_keep(start, topology):
    """With keep an open connection stays, and a new one is judged by the new rules."""
    daemon = start()
    with daemon.rpc() as rpc, connection(topology, topology.IPV4) as opened:
        opened.transfer(1 << 16)
        reload(daemon, rules=[NO_TCP], on_policy_change="keep")
        opened.transfer(1 << 16)
        assert dropped(rpc) == {}
        with topology.left.socket(socket.AF_INET, socket.SOCK_STREAM) as late:
            late.setblocking(False)
            late.connect_ex((topology.IPV4["right"], 8080))
            wait_until(lambda: dropped(rpc).get("rule", 0) > 0, "nothing is dropped")
        opened.transfer(1 << 16)
        # A later policy that does not say keep reaches the connection as well.
        before = dropped(rpc)["rule"]
        reload(daemon, rules=[NO_TCP])
        opened.client.sendall(b"x")
        wait_until(lambda: dropped(rpc)["rule"] > before, "nothing more is dropped")
        # Nothing is to be sent again after the test.
        reload(daemon, rules=[])
        assert opened.server.recv(1) == b"x"


def test_default_action(start, wires):
    daemon = start()
    left, right = wires
    left.send([udp()])
    assert right.receive(1) == [udp()]
    assert reload(daemon, default_action="drop")["DefaultAction"] == "drop"
    left.send([udp()])
    with daemon.rpc() as rpc:
        ports = wait_received(rpc, left=2, right=0)
    assert drops_of(ports["left"]) == {"default_action": 1}


def test_bad_file_changes_nothing(start, wires):
    """Exit code 1, and file, line and key of the error on stderr; rules and keys stay what they are."""
    daemon = start(rules=[{"name": "no port 23", "action": "drop", "destination_ports": 23}])
    text = write(daemon, default_action="drop", rules=[{"action": "drop", "source": "10.0.0.1/8"}])
    line = next(number for number, found in enumerate(text.splitlines(), 1) if '"source"' in found)
    left, right = wires
    with daemon.rpc() as rpc:
        before = rpc.status()["Policy"]
        done = daemon.client("reload")
        assert (done.returncode, done.stdout) == (1, "")
        message = f"{daemon.config_file}:{line}: rules[0].source: "
        assert done.stderr.startswith(f"tidegate: reload: {message}")
        assert "10.0.0.0/8" in done.stderr and len(done.stderr.splitlines()) == 1
        after = rpc.status()["Policy"]
        assert after.pop("LastReload")["Message"].startswith(message)
        assert after == before
        assert message in daemon.log.read_text()
        left.send([udp(dport=23), udp(dport=24)])
        assert right.receive(1) == [udp(dport=24)]
        assert drops_of(wait_received(rpc, left=2, right=0)["left"]) == {"rule": 1}


def test_file_that_is_gone(start):
    daemon = start()
    daemon.config_file.unlink()
    done = daemon.client("reload")
    assert (done.returncode, done.stderr) == (
        1, f"tidegate: reload: {daemon.config_file}: No such file or directory\n")


def test_keys_that_need_a_restart(start):
    """They are named, on the client's side and in the log, and everything else takes effect."""
    daemon = start()
    policy = reload(daemon, rules=[NO_TCP], flows_per_worker=64, non_ip="drop")
    assert policy["LastReload"]["NeedsRestart"] == ["flows_per_worker", "non_ip"]
    assert policy["Rules"] == 1
    assert "needs a restart: flows_per_worker, non_ip\n" in daemon.log.read_text()
    with daemon.rpc() as rpc:
        assert rpc.status()["Workers"][0]["FlowCapacity"] >= 4096
    assert "NeedsRestart" not in reload(daemon)["LastReload"]


def test_worker_cpus_are_those_of_the_process(start):
    """What the file says of CPUs is checked as at the start: the running workers' CPUs are not taken away."""
    daemon = start(worker_cpus=[0])
    assert "NeedsRestart" not in reload(daemon)["LastReload"]
    assert reload(daemon, worker_cpus=[1])["LastReload"]["NeedsRestart"] == ["worker_cpus"]


def test_no_packet_is_lost(start, wires):
    """20 reloads under a constant stream: every packet arrives, as it was, in order."""
    daemon = start(checks={"l4_checksum": False})
    left, right = wires
    sent, stop = [], threading.Event()

    def stream():
        frames = [udp(size=20 + number % 1000) for number in range(1000)]
        while not stop.wait(0.0005):
            frame = frames[len(sent) % len(frames)][:-4] + len(sent).to_bytes(4, "big")
            left.send([frame])
            sent.append(frame)

    sender = threading.Thread(target=stream)
    sender.start()
    try:
        for turn in range(1, 21):
            rules = [{"name": f"{turn}.{number}", "action": "drop", "protocols": "tcp",
                      "source": f"10.{number >> 8}.{number & 255}.0/24"} for number in range(turn * 50)]
            seen = len(sent)
            assert reload(daemon, rules=rules)["Generation"] == turn
            wait_until(lambda: len(sent) > seen, "the stream stands still")
    finally:
        stop.set()
        sender.join()
    assert right.receive(len(sent)) == sent
    assert right.lost() == 0
    with daemon.rpc() as rpc:
        wait_received(rpc, left=len(sent), right=0)


def test_sighup(start, wires):
    """The same as the command, with the result in the log; a bad file does not end the daemon."""
    daemon = start()
    left, right = wires
    with daemon.rpc() as rpc:
        write(daemon, rules=[NO_TCP])
        daemon.process.send_signal(signal.SIGHUP)
        assert last_reload(rpc, 1) == {"Status": "COMPLETED"}
        assert "policy 1 in force: 1 rules" in daemon.log.read_text()
        left.send([tcp("S"), udp()])
        assert right.receive(1) == [udp()]
        daemon.config_file.write_text("{")
        daemon.process.send_signal(signal.SIGHUP)
        failed = wait_until(
            lambda: rpc.status()["Policy"]["LastReload"]["Status"] == "FAILED" and rpc.status()["Policy"],
            "the reload does not fail")
        assert failed["Generation"] == 1
        assert f"nothing changed: {daemon.config_file}:1: " in daemon.log.read_text()


def test_stop_during_a_reload(start):
    """SIGTERM while the rules compile: the daemon stops as it always does."""
    daemon = start()
    write(daemon, rules=[{"action": "drop", "destination_ports": port} for port in range(RULES_MAX)])
    with daemon.rpc() as rpc:
        rpc.call("Reload")
    daemon.terminate()


def test_status_is_answered_while_rules_compile(start):
    daemon = start()
    write(daemon, rules=[{"action": "drop", "source": f"10.{number >> 8}.{number & 255}.0/24",
                          "destination_ports": number} for number in range(RULES_MAX)])
    with daemon.rpc() as rpc:
        assert rpc.call("Reload") == {"Status": "IN_PROGRESS"}
        answers, slowest = [], 0
        while not answers or answers[-1]["LastReload"]["Status"] == "IN_PROGRESS":
            begin = time.monotonic()
            answers.append(rpc.status()["Policy"])
            slowest = max(slowest, time.monotonic() - begin)
    assert slowest < 1
    assert answers[0]["LastReload"] == {"Status": "IN_PROGRESS"} and answers[0]["Rules"] == 0
    assert answers[-1]["LastReload"] == {"Status": "COMPLETED"} and answers[-1]["Rules"] == RULES_MAX


def test_flows_keep_the_names_of_their_rules(start, wires):
    """A flow tells the rule that judged it by the name it had then, until another judges it; results do not change."""
    daemon = start(rules=[{"name": "datagrams", "action": "allow", "protocols": "udp"},
                          {"name": "streams", "action": "allow", "protocols": "tcp"}])
    left, _ = wires

    def names(flows):
        return {flow["Protocol"]: flow.get("Rule") for flow in flows}

    with daemon.rpc() as rpc:
        left.send([udp(), tcp("S")])
        wait_received(rpc, left=2, right=0)
        first = rpc.operate("StartFlowCapture")
        assert names(first.flows) == {"17": "datagrams", "6": "streams"}
        reload(daemon, rules=[{"name": "TCP", "action": "allow", "protocols": "tcp"}, NO_TCP,
                              {"name": "UDP", "action": "allow", "protocols": "udp"}])
        # No packet came since: these are the verdicts of the first policy.
        assert names(rpc.capture()) == {"17": "datagrams", "6": "streams"}
        left.send([udp()])
        wait_received(rpc, left=3, right=0)
        second = rpc.operate("StartFlowCapture")
        assert names(second.flows) == {"17": "UDP", "6": "streams"}
        reload(daemon, rules=[])
        left.send([udp(), tcp("S")])
        wait_received(rpc, left=5, right=0)
        assert names(rpc.capture()) == {"17": None, "6": None}
        for operation in (first, second):
            assert rpc.results(operation.id) == operation.flows


def test_formats(start):
    daemon = start(rules=[NO_TCP])
    write(daemon, rules=[], non_ip="drop")
    lines = daemon.client("reload", "--output", "csv").stdout.splitlines()
    assert lines[0] == "status,generation,rules,default_action,loaded_timestamp,needs_restart,file,left_out"
    assert lines[1].startswith("COMPLETED,1,0,allow,") and "non_ip" in lines[1]
    table = daemon.client("reload", "--output", "table").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["RELOAD", "POLICY", "RULES", "DEFAULT", "LOADED", "NEEDS"]
    answer = daemon.client("reload", "--output", "ndjson").stdout
    assert json.loads(answer)["Generation"] == 3 and answer.count("\n") == 1
