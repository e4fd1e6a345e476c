# SPDX-License-Identifier: BSD-3-Clause
"""Start, stop, kill: what the daemon leaves behind, and what it does about what was left."""
import grp
import json
import os
import pathlib
import signal
import stat

import pytest

from daemon import ENDPOINT, STOP_SECONDS, VETH_PORTS, Daemon
from exchange import passes
from frames import udp
from observed import wait_received
from paths import TIDEGATED
from programs import run
from rpc import RESOURCE_NOT_FOUND, Rpc
from waiting import wait_until


def files_of_dpdk():
    """Its run-time files and hugepage files."""
    return {path for folder in ("/var/run/dpdk", "/dev/hugepages") if os.path.isdir(folder)
            for path in pathlib.Path(folder).rglob("*")}


def test_sigterm(start, wires, topology):
    """Exit code 0; socket, XDP programs and run-time files are gone."""
    before = files_of_dpdk()
    daemon = start()
    assert passes(wires, udp())
    assert set(topology.firewall.xdp_programs()) == {"fw0", "fw1"}
    daemon.terminate()
    assert files_of_dpdk() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_signal_during_a_capture(number, start):
    daemon = start()
    with daemon.rpc() as rpc:
        rpc.call("StartFlowCapture", FlowFilters=[{}])
        daemon.process.send_signal(number)
        assert daemon.process.wait(STOP_SECONDS) == 0
    assert not os.path.lexists(daemon.socket)
    daemon.process = None


def test_killed_and_started_again(start, wires, topology):
    """kill -9 leaves the socket's file and the XDP programs; the next start takes both over."""
    daemon = start()
    assert passes(wires, udp())
    for turn in range(3):
        daemon.kill()
        assert os.path.exists(daemon.socket)
        assert set(topology.firewall.xdp_programs()) == {"fw0", "fw1"}
        daemon.start()
        assert passes(wires, udp(sport=turn))
        with daemon.rpc() as rpc:
            wait_received(rpc, left=1, right=0)


def test_stopped_and_started_again(start, wires):
    daemon = start()
    for turn in range(3):
        assert passes(wires, udp(sport=turn))
        daemon.terminate()
        daemon.start()
    assert passes(wires, udp())


def run_second(namespace, path):
    return run(*namespace.argv(TIDEGATED, "-c", path))


def test_second_daemon_on_the_same_socket_is_refused(start, wires, topology):
    """Also when it has ports of its own; the first one is not disturbed."""
    daemon = start()
    config = {**daemon.config, "ports": [{"name": name, "device": f"net_null{number},no-rx=1"}
                                         for number, name in enumerate(("a", "b"))]}
    path = daemon.folder / "second.json"
    path.write_text(json.dumps(config))
    done = run_second(topology.firewall, path)
    assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert str(daemon.socket) in done.stderr
    with daemon.rpc() as rpc:
        assert passes(wires, udp())
        wait_received(rpc, left=1, right=0)


def test_second_daemon_on_the_same_interfaces_is_refused(start, wires, topology):
    """And leaves the running one's XDP programs where they are."""
    daemon = start()
    programs = topology.firewall.xdp_programs()
    path = daemon.folder / "second.json"
    path.write_text(json.dumps({**daemon.config, "socket_path": str(daemon.folder / "second.sock")}))
    done = run_second(topology.firewall, path)
    assert done.returncode > 0
    assert "fw0" in done.stderr
    assert topology.firewall.xdp_programs() == programs
    assert passes(wires, udp())


def test_file_in_the_sockets_place_is_kept(topology):
    """Only a socket that nobody listens on is removed."""
    daemon = Daemon(topology.firewall)
    try:
        daemon.socket.write_text("mine")
        done = run_second(topology.firewall, daemon.config_file)
        assert done.returncode > 0 and str(daemon.socket) in done.stderr
        assert daemon.socket.read_text() == "mine"
        assert topology.firewall.xdp_programs() == {}
    finally:
        daemon.remove()


def test_interface_that_is_not_there(topology):
    absent = {"name": "right", "device": "net_af_xdp1,iface=none0"}
    daemon = Daemon(topology.firewall, ports=[VETH_PORTS[0], absent])
    try:
        done = run_second(topology.firewall, daemon.config_file)
        assert done.returncode > 0 and "none0" in done.stderr
        assert topology.firewall.xdp_programs() == {}
        assert not os.path.lexists(daemon.socket)
    finally:
        daemon.remove()


def test_socket_mode_and_group(start):
    group = grp.getgrnam("daemon")
    daemon = start(socket_group="daemon")
    status = os.stat(daemon.socket)
    assert stat.S_ISSOCK(status.st_mode)
    assert (stat.S_IMODE(status.st_mode), status.st_gid) == (0o660, group.gr_gid)


def test_minimal_configuration(start, wires, topology):
    """Ports alone are enough: two are a pair, and everything else has a default."""
    daemon = Daemon(topology.firewall)
    minimal = {"ports": VETH_PORTS, "socket_path": str(daemon.socket),
               "operations": daemon.config["operations"]}
    daemon.config_file.write_text(json.dumps(minimal))
    try:
        daemon.start()
        assert passes(wires, udp())
        with daemon.rpc() as rpc:
            assert len(rpc.capture()) == 1
            # Endpoints are known where they are configured.
            assert rpc.error("ListFlowOperations", VpcEndpointId=ENDPOINT)[0] == RESOURCE_NOT_FOUND
        daemon.terminate()
    finally:
        daemon.remove()


def test_idle_worker_leaves_the_cpu_alone(start):
    """By default it sleeps: far from the whole CPU that a spinning worker takes."""
    daemon = start()

    def cpu_ticks():
        fields = pathlib.Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    with daemon.rpc() as rpc:
        def uptime():
            return rpc.status()["UptimeSeconds"]
        first, ticks = wait_until(uptime, "no uptime"), cpu_ticks()
        wait_until(lambda: uptime() >= first + 2, "uptime does not grow")
        used = (cpu_ticks() - ticks) / os.sysconf("SC_CLK_TCK")
    assert used < 1, f"{used} s of CPU in 2 s"


@pytest.fixture
def config_file(tmp_path):
    return tmp_path / "tidegate.json"


def test_check_accepts_a_good_file(config_file):
    """Without ports, privilege or a daemon."""
    config_file.write_text(json.dumps({"ports": VETH_PORTS}))
    done = run(TIDEGATED, "-c", config_file, "--check")
    assert (done.returncode, done.stderr) == (0, "")


# name: (text, line of the error, path of the key, a word of the message)
BAD_CONFIGURATIONS = {
    "no JSON": ('{"ports": [', 1, None, ""),
    "unknown key": ('{\n"ports": %s,\n"prots": []\n}', 3, "prots", "unknown"),
    "unknown key inside": ('{"ports": [{"name": "a", "device": "net_null0",\n "speed": 1}]}', 2,
                           "ports[0].speed", "unknown"),
    "duplicate key": ('{"ports": %s,\n"non_ip": "drop",\n"non_ip": "pass"}', 3, None, "duplicate"),
    "wrong type": ('{"ports": %s,\n"flows_per_worker": "many"}', 2, "flows_per_worker", "integer"),
    "out of range": ('{"ports": %s,\n\n"flows_per_worker": 1}', 3, "flows_per_worker", "64"),
    "real for an integer": ('{"ports": %s,\n"flows_per_worker": 100.0}', 2, "flows_per_worker", "integer"),
    "missing key": ("{}", 1, "ports", "required"),
    "no such choice": ('{"ports": %s, "default_action": "reject"}', 1, "default_action", "allow"),
    "port in no pair": ('{"ports": %s, "pairs": [["left", "nowhere"]]}', 1, "pairs[0][1]", "nowhere"),
    "host bits set": ('{"ports": %s, "rules": [\n{"action": "drop",\n"source": "10.0.0.1/8"}]}', 3,
                      "rules[0].source", "10.0.0.0/8"),
    "reversed port range": ('{"ports": %s, "rules": [{"action": "drop", "source_ports": ["9:3"]}]}', 1,
                            "rules[0].source_ports[0]", "9:3"),
    "CPU that is not there": ('{"ports": %s, "worker_cpus": [0, 1000]}', 1, "worker_cpus[1]", "1000"),
    "no group": ('{"ports": %s, "socket_group": "no-such-group"}', 1, "socket_group", "no-such-group"),
}


@pytest.mark.parametrize("name", BAD_CONFIGURATIONS)
def test_bad_configuration(name, config_file):
    """One line, FILE:LINE: KEY: what is wrong; the same with and without --check."""
    text, line, key, word = BAD_CONFIGURATIONS[name]
    config_file.write_text(text.replace("%s", json.dumps(VETH_PORTS)))
    checked = run(TIDEGATED, "-c", config_file, "--check")
    started = run(TIDEGATED, "-c", config_file)
    for done in (checked, started):
        assert done.returncode > 0
        message, = done.stderr.splitlines()
        assert f"{config_file}:{line}: {key + ': ' if key else ''}" in message
        assert word in message
    assert checked.stderr == started.stderr


def test_configuration_that_is_not_there(config_file):
    done = run(TIDEGATED, "-c", config_file, "--check")
    assert done.returncode > 0
    message, = done.stderr.splitlines()
    assert f"{config_file}: {os.strerror(2)}" in message


@pytest.mark.parametrize("arguments", [[], ["-c"], ["--no-such-option"]], ids=str)
def test_wrong_call(arguments):
    done = run(TIDEGATED, *arguments)
    assert done.returncode > 0
    assert "tidegated" in done.stderr


def test_peer_credentials_are_logged(start):
    daemon = start()
    with Rpc(daemon.socket) as rpc:
        rpc.status()
        assert f"pid {os.getpid()}" in daemon.log.read_text()
