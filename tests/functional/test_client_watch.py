# SPDX-License-Identifier: BSD-3-Clause
"""tidegate flows for people: on a terminal again and again in place, with colours, names and progress."""
import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import termios

import pytest

from daemon import NO_CHECKS, running
from frames import A, B, tcp, tcp_reply, udp
from netns import Wire
from observed import wait_received
from paths import TIDEGATE
from terminal import CLEAR_BELOW, CLEAR_LINE, ENTER, HOME, LEAVE, on_terminal
from waiting import wait_until

HOST = "127.0.0.1"  # localhost by /etc/hosts
SENT = [udp(sport=port) for port in range(1, 31)] + [tcp("S", dport=443), tcp_reply("SA", dport=443), udp(HOST)]
WATCH = ("flows", "--watch", "--interval", "0")


def send(topology, rpc, frames, before=0):
    with contextlib.closing(Wire(topology.left, "left0")) as left:
        left.send(frames)
        wait_received(rpc, left=before + len(frames), right=0)


@pytest.fixture(scope="module")
def daemon(topology):
    with running(topology, checks=NO_CHECKS) as started, started.rpc() as rpc:
        send(topology, rpc, SENT)
        yield started


@contextlib.contextmanager
def client(daemon, *arguments, **options):
    """The command on a terminal; then what it was ended in the middle of has come to its end, too."""
    with on_terminal(TIDEGATE, "--socket", daemon.socket, *arguments, **options) as terminal:
        yield terminal
    with daemon.rpc() as rpc:
        wait_until(lambda: rpc.status()["Operation"] is None, "an operation is running")


def screens(text):
    """The lines of each screen that was drawn to its end."""
    return [[line.removesuffix(CLEAR_LINE) for line in screen.split(CLEAR_BELOW)[0].split("\r\n")]
            for screen in text.split(HOME)[1:] if CLEAR_BELOW in screen]


def plain(line):
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_watch_draws_in_place(daemon):
    with client(daemon, *WATCH, "dport=443") as terminal:
        text = terminal.shows(lambda text: len(screens(text)) >= 3)
        assert text.startswith(ENTER + HOME)
        for title, header, flow, end in screens(text)[:3]:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, every 0 s, 1 flows", title)
            assert plain(header).split()[:5] == ["PROTO", "SOURCE", "SPORT", "DESTINATION", "DPORT"]
            assert plain(flow).split()[:5] == ["tcp", A, "1000", B, "443"]
            assert end == ""
        assert terminal.process.poll() is None


def test_watch_is_cut_to_the_terminal(daemon):
    """No line wraps and no line scrolls, whatever there is."""
    with client(daemon, *WATCH, rows=7, columns=30) as terminal:
        text = terminal.shows(lambda text: text.count(HOME) > 2)
    screen = text.split(HOME)[1]
    lines = screen.split("\r\n")
    assert len(lines) == 7 and not screen.endswith("\n")
    assert all(len(plain(line.removesuffix(CLEAR_LINE))) <= 30 for line in lines)
    assert plain(lines[2]).startswith("udp   198.51.100.1     1 203.0")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_watch_and_the_terminal_is_as_before(number, daemon):
    with client(daemon, *WATCH) as terminal:
        terminal.shows(lambda text: text.count(HOME) > 2)
        terminal.process.send_signal(number)
        code, text = terminal.ended()
        assert code == -number
        assert text.endswith(LEAVE) and text.count(ENTER) == text.count(LEAVE) == 1
        assert termios.tcgetattr(terminal.follower) == terminal.settings


def test_watch_that_is_stopped_and_goes_on(daemon):
    """Stopped, the terminal is as before; then the screen comes back."""
    with client(daemon, *WATCH) as terminal:
        terminal.shows(lambda text: HOME in text)
        terminal.process.send_signal(signal.SIGTSTP)
        _, status = wait_until(lambda: any(found := os.waitpid(terminal.process.pid, os.WUNTRACED | os.WNOHANG))
                               and found, lambda: f"it is not stopped: {terminal.read()!r}")
        assert os.WIFSTOPPED(status)
        assert terminal.read().endswith(LEAVE)
        terminal.process.send_signal(signal.SIGCONT)
        text = terminal.shows(lambda text: HOME in text.split(LEAVE)[1])
        assert text.split(LEAVE)[1].startswith(ENTER)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended()[0] == -signal.SIGINT


def test_warning_while_watching_is_in_the_screen(daemon):
    with client(daemon, *WATCH, "--limit", "5") as terminal:
        text = terminal.shows(lambda text: len(screens(text)) >= 2)
    for screen in screens(text)[:2]:
        assert screen[1].startswith("tidegate: flows: warning: ") and plain(screen[2]).startswith("PROTO")


def stored(daemon):
    """(operations, chunks, pages) of the database."""
    file = daemon.folder / "operations" / "operations.db"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [database.execute(query).fetchall() for query in (
            "SELECT * FROM operation", "SELECT operation, number FROM chunk", "PRAGMA page_count")]


def test_watch_pushes_nothing_out_and_writes_nothing(daemon):
    """However many refreshes: what was kept before it is all that is kept after it."""
    with daemon.rpc() as rpc:
        earlier = rpc.operate("StartFlowCapture")
        before = stored(daemon)
        ended = daemon.log.read_text().count(" ended COMPLETED ")
        listed = rpc.call("ListFlowOperations", MaxResults=65536)
        with client(daemon, *WATCH) as terminal:
            terminal.shows(lambda text: text.count(HOME) > 100)
        assert daemon.log.read_text().count(" ended COMPLETED ") >= ended + 100
        assert rpc.call("ListFlowOperations", MaxResults=65536) == listed
        assert stored(daemon)[:2] == before[:2] and stored(daemon)[2] <= before[2]
        assert rpc.results(earlier.id) == earlier.flows


def test_watch_on_a_pipe(daemon):
    """One table after another; who stops to read ends it, quietly."""
    command = [TIDEGATE, "--socket", daemon.socket, *WATCH, "dport=443"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as watching:
        tables = [[watching.stdout.readline() for _ in range(3)] for _ in range(3)]
        watching.stdout.close()
        assert watching.wait(20) == 0
        assert watching.stderr.read() == ""
    for header, flow, end in tables:
        assert header.startswith("PROTO ") and flow.startswith("tcp ") and end == "\n"


def test_watch_waits_for_another_operation(daemon):
    """It is refused while one runs, and goes on after it."""
    with daemon.rpc() as rpc, client(daemon, *WATCH, "dport=443") as terminal:
        terminal.shows(lambda text: HOME in text)
        wait_until(lambda: not daemon.client("start-flow-capture", "--flow-filters", "{}", "--window-seconds",
                                             "1").returncode, "no capture can be started", 20)
        wait_until(lambda: rpc.status()["Operation"], "none is running", 5)
        shown = terminal.read().count(HOME)
        terminal.shows(lambda text: text.count(HOME) > shown + 2)


def test_colors(daemon):
    shown = {}
    for name, arguments, environment in (("terminal", (), {}), ("no color", (), {"NO_COLOR": "1"}),
                                         ("empty", (), {"NO_COLOR": ""}), ("dumb", (), {"TERM": "dumb"}),
                                         ("always", ("--color", "always"), {"NO_COLOR": "1"}),
                                         ("never", ("--color", "never"), {})):
        with client(daemon, "flows", "dport=443", *arguments, **environment) as terminal:
            assert terminal.ended()[0] == 0
            shown[name] = "\x1b[1mPROTO\x1b[0m" in terminal.text
            # A capture that takes long has a progress line, which is cleared.
            assert shown[name] or not re.search(r"\x1b(?!\[K)" if name != "dumb" else r"\x1b", terminal.text)
    assert shown == {"terminal": True, "no color": False, "empty": True, "dumb": False, "always": True,
                     "never": False}
    assert "\x1b" not in daemon.client("flows", "--output", "table").stdout
    assert "\x1b[36mnew" in daemon.client("flows", "--output", "table", "--color", "always").stdout


def test_resolve(daemon):
    filters = ("flows", "--output", "table", f"src={HOST}")
    assert HOST in daemon.client(*filters).stdout
    named = daemon.client(*filters, "--resolve").stdout
    assert "localhost" in named and HOST not in named


def table(daemon, *arguments):
    header, *lines = daemon.client("flows", "--output", "table", *arguments).stdout.splitlines()
    return header, [line.split() for line in lines]


def test_top(daemon):
    """By default that of bytes, in a window of its bytes, which get columns of their own."""
    header, flows = table(daemon, "--top", "1")
    assert [flow[4:6] for flow in flows] == [["443", "established"]] and "WINDOW" not in header
    ports = [flow[2] for flow in table(daemon, "--sort", "packets")[1]]
    assert len(ports) == 32 and ports[0] == "1000"
    header, flows = table(daemon, "--top", "3", "--window", "1")
    assert header.endswith(" WINDOW PACKETS WINDOW BYTES") and [flow[-2:] for flow in flows] == [["0", "0"]] * 3


def test_progress(daemon):
    """While a capture takes long, a line on stderr where that is a terminal, and gone in the end."""
    line = r"\r\x1b\[Kcapture: \d+ s, \d+ flows, \d of 1 workers done"
    with client(daemon, "flows", "--window", "1", "dport=443", stdout=False) as terminal:
        answer = terminal.process.stdout.read()
        code, text = terminal.ended()
    assert code == 0 and answer.startswith(b"{")
    assert re.fullmatch(rf"({line})+\r\x1b\[K", text)


def test_no_progress_of_a_short_capture_nor_off_a_terminal(daemon):
    with client(daemon, "flows", "dport=443", stdout=False) as terminal:
        terminal.process.stdout.read()
        assert terminal.ended() == (0, "")
    assert daemon.client("flows", "--window", "1", "dport=443").stderr == ""
