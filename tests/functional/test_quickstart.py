# SPDX-License-Identifier: BSD-3-Clause
"""scripts/quickstart: everything works, and the machine is as it was afterwards, also when interrupted."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess

import pytest

from netns import die_with_parent
from paths import ROOT, TIDEGATE
from programs import SECONDS, run
from rpc import Rpc
from waiting import wait_until

QUICKSTART = ROOT / "scripts" / "quickstart"
STATE = pathlib.Path("/run/tidegate-quickstart")


def quickstart(*arguments):
    """One that ends when the tests do, however they do; what it leaves then is taken away by the next."""
    return run(QUICKSTART, *arguments, preexec_fn=die_with_parent)


def machine():
    """What the quickstart changes while it runs."""
    namespaces = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
    return {
        "namespaces": {name for name in namespaces if name.startswith("tidegate-qs-")},
        "hugepages": pathlib.Path("/proc/sys/vm/nr_hugepages").read_text(),
        "state": STATE.exists(),
    }


@pytest.fixture(autouse=True)
def unchanged():
    """The machine is as before; what a killed run has left here is taken away first."""
    if STATE.exists():
        stopped = quickstart("--stop")
        assert stopped.returncode == 0, stopped.stderr
    before = machine()
    yield
    try:
        wait_until(lambda: machine() == before, lambda: f"{before} before, {machine()} after")
    finally:
        quickstart("--stop")


def test_quickstart():
    done = quickstart()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("Done: everything worked")
    assert "5 received, 0% packet loss" in done.stdout
    assert "www.example.com is 192.0.2.80" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {line[0] for line in lines if len(line) > 3 and line[1] == "192.0.2.1"} == {"icmp", "udp", "tcp"}


def test_keep_and_stop():
    done = quickstart("--keep")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--stop" in done.stdout and str(STATE / "control.sock") in done.stdout
    status = json.loads(run(TIDEGATE, "--socket", STATE / "control.sock", "status").stdout)
    assert status["DropReasons"]["rule"] > 0
    refused = quickstart()
    assert refused.returncode == 1 and "--stop" in refused.stderr
    with Rpc(STATE / "control.sock") as rpc:
        assert rpc.status()["Pid"] == status["Pid"]
    stopped = quickstart("--stop")
    assert (stopped.returncode, stopped.stderr) == (0, "")
    stopped = quickstart("--stop")
    assert stopped.returncode == 1 and "nothing is running" in stopped.stderr


def as_on_a_terminal():
    """A shell that runs the tests in the background has them ignore Ctrl-C."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start_until(condition):
    """A quickstart that has come so far."""
    child = subprocess.Popen([QUICKSTART], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True,
                             preexec_fn=as_on_a_terminal)
    wait_until(lambda: condition() or child.poll() is not None, "it does not get that far", SECONDS)
    assert child.poll() is None, child.stdout.read()
    return child


def interrupt(child, number):
    """Send a signal to the whole process group, as Ctrl-C does, and wait for the end."""
    with child:
        os.killpg(child.pid, number)
        output, _ = child.communicate(timeout=SECONDS)
    assert child.returncode == 128 + number
    assert output.splitlines()[-1] == "Not finished; the machine is as it was before."


def is_answering():
    with contextlib.suppress(OSError), Rpc(STATE / "control.sock"):
        return True
    return False


@pytest.mark.parametrize("condition", [
    pytest.param(STATE.exists, id="at once"),
    pytest.param((STATE / "log").exists, id="as the daemon starts"),
    pytest.param(is_answering, id="as the daemon runs"),
    pytest.param((STATE / "transfer").exists, id="during the transfer"),
])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupted(number, condition):
    interrupt(start_until(condition), number)


def test_killed_and_run_again():
    """kill -9 leaves everything; the next run takes it away first."""
    with start_until((STATE / "transfer").exists) as child:
        child.kill()
    assert STATE.exists()
    again = start_until(lambda: not (STATE / "transfer").exists() and is_answering())
    refused = quickstart("--stop")
    assert refused.returncode == 1 and "Ctrl-C" in refused.stderr
    interrupt(again, signal.SIGTERM)


def test_killed_and_stopped():
    """--stop takes away what a killed run has left, too."""
    with start_until((STATE / "transfer").exists) as child:
        child.kill()
    stopped = quickstart("--stop")
    assert (stopped.returncode, stopped.stderr) == (0, "")


@pytest.mark.parametrize("files", [
    pytest.param(["pid"], id="before anything was made"),
    pytest.param(["pid", "daemon.pid", "kept"], id="kept"),
])
def test_left_by_processes_that_are_gone(files):
    """Their numbers belong to others by now, who are left alone."""
    with subprocess.Popen(["sleep", "infinity"], preexec_fn=die_with_parent) as other:
        STATE.mkdir()
        for name in files:
            (STATE / name).write_text(f"{other.pid}\n")
        again = start_until((STATE / "log").exists)
        alive = other.poll() is None
        other.kill()
    interrupt(again, signal.SIGINT)
    assert alive


def test_wrong_call():
    done = quickstart("--please")
    assert (done.returncode, done.stdout) == (1, "")
    assert "usage: " in done.stderr
