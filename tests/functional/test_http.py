# SPDX-License-Identifier: BSD-3-Clause
"""tidegate-httpd as a server: its configuration, its limits, and clients that mean it no good. No daemon is needed."""
import contextlib
import json
import os
import pathlib
import pwd
import random
import select
import socket
import time

import pytest

from door import JSON_1_0, SECONDS, TARGET, USER, error_of, open_door
from paths import HTTPD
from programs import run
from waiting import wait_until

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def door():
    with open_door() as opened:
        yield opened


@pytest.fixture(scope="module")
def hasty_door():
    """One that gives a request a second."""
    with open_door(deadline_seconds=1) as opened:
        yield opened


def closed(connection, seconds):
    """Whether the other end closes the connection in this time, and whatever it says before."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([connection], [], [], left)[0]:
            try:
                if connection.recv(65536) == b"":
                    return True
            except ConnectionResetError:
                return True
    return False


def status_of(connection):
    """The status of the answer, or None where the connection was closed without one."""
    try:
        line = connection.makefile("rb").readline()
    except ConnectionResetError:
        return None
    return int(line.split()[1]) if line else None


# ---- configuration ----

def checked(tmp_path, text):
    file = tmp_path / "httpd.json"
    file.write_text(text)
    return run(HTTPD, "-c", file, "--check")


def test_defaults_are_good():
    done = run(HTTPD, "--check")
    assert (done.returncode, done.stdout) == (0, "defaults: ok\n")


@pytest.mark.parametrize("settings, problem", [
    ({"listen": ["0.0.0.0:8700"]}, "listen[0]: without key_file only loopback addresses and Unix sockets are served"),
    ({"listen": ["127.0.0.1:1", "[::]:8700"]},
     "listen[1]: without key_file only loopback addresses and Unix sockets are served"),
    ({"listen": ["192.0.2.1:8700"]}, "listen[0]: without key_file only loopback addresses and Unix sockets are served"),
    ({"listen": ["[::ffff:192.0.2.1]:8700"]},
     "listen[0]: without key_file only loopback addresses and Unix sockets are served"),
    ({"listen": ["localhost:8700"]},
     'listen[0]: must be ADDRESS:PORT, [IPV6-ADDRESS]:PORT or an absolute path, not "localhost:8700"'),
    ({"listen": ["127.0.0.1"]},
     'listen[0]: must be ADDRESS:PORT, [IPV6-ADDRESS]:PORT or an absolute path, not "127.0.0.1"'),
    ({"listen": []}, "listen: must have 1 to 16 elements, not 0"),
    ({"listen": ["/" + "x" * 108]}, "listen[0]: the path of a socket is at most 107 bytes long"),
    ({"key_file": "/etc/keys"}, "key_file and region go together"),
    ({"region": "eu-test-1"}, "key_file and region go together"),
    ({"deadline_seconds": 0}, "deadline_seconds: must be 1 to 3600, not 0"),
    ({"limits": {"body_bytes": 1}}, "limits.body_bytes: must be 1024 to 524288, not 1"),
    ({"limits": {"clients": 1}}, "limits.clients: unknown key"),
    ({"port": 1}, "port: unknown key"),
])
def test_bad_settings(tmp_path, settings, problem):
    done = checked(tmp_path, json.dumps(settings))
    assert (done.returncode, done.stderr) == (1, f"tidegate-httpd: {tmp_path}/httpd.json:1: {problem}\n")


@pytest.mark.parametrize("settings", [
    {}, {"listen": ["127.9.9.9:1", "[::1]:65535", "/run/x.sock"]},
    {"listen": ["0.0.0.0:8700"], "key_file": "/etc/keys", "region": "eu-test-1"}])
def test_good_settings(tmp_path, settings):
    assert checked(tmp_path, json.dumps(settings)).returncode == 0


def test_root_needs_a_user(tmp_path):
    file = tmp_path / "httpd.json"
    for user, message in ((None, "root needs the key user, to become that user"),
                          ("root", "cannot become user root: Invalid argument")):
        file.write_text(json.dumps({"user": user} if user else {}))
        done = run(HTTPD, "-c", file)
        assert (done.returncode, done.stderr) == (1, f"tidegate-httpd: {message}\n")


def test_is_unprivileged(door):
    status = pathlib.Path(f"/proc/{door.process.pid}/status").read_text(encoding="utf-8")
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    uid = str(pwd.getpwnam(USER).pw_uid)
    assert fields["Uid"].split() == [uid] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert str(os.getgid()) not in fields["Groups"].split()


def test_addresses_and_unix_sockets(tmp_path):
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    path = tmp_path / "door.sock"
    with open_door() as other:
        addresses = [f"127.0.0.1:{other.port + 1}", f"[::1]:{other.port + 1}", str(path)]
        with open_door(listen=addresses) as door:
            door.port = other.port + 1
            assert door.request("GET", "/").status == 405
            assert door.request("GET", "/", host="::1").status == 405
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as local:
                local.connect(str(path))
                local.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert status_of(local) == 405
            assert path.stat().st_mode & 0o777 == 0o660
        assert not path.exists()


# ---- requests that are none of the API ----

def test_routes(door):
    assert error_of(door.request("GET", "/")) == (405, "UnknownOperationException")
    assert door.request("GET", "/").headers["Allow"] == "POST"
    assert error_of(door.request("DELETE", "/")) == (405, "UnknownOperationException")
    assert error_of(door.request("POST", "/else")) == (404, "ResourceNotFoundException")
    assert error_of(door.request("OPTIONS", "*")) == (404, "ResourceNotFoundException")


def test_content_type(door):
    for kind in ("text/plain", "application/json", "application/x-amz-json-1.1", JSON_1_0 + "1"):
        answer = door.request("POST", "/", {"Content-Type": kind, "X-Amz-Target": TARGET + "ListFlowOperations"})
        assert error_of(answer) == (415, "UnsupportedMediaTypeException")


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", ""])
def test_names_of_the_web_are_not_served(door, host):
    """A browser that is led here by a name of the web has that name in Host."""
    answer = door.request("POST", "/", {"Host": host, "Content-Type": JSON_1_0,
                                        "X-Amz-Target": TARGET + "ListFlowOperations"}, b"{}")
    assert error_of(answer) == (403, "AccessDeniedException")


def test_no_daemon(door):
    answer = door.call("ListFlowOperations", {"FirewallArn": "arn:aws:x"})
    assert error_of(answer) == (503, "ServiceUnavailable")


def test_request_id_is_in_the_log(door):
    answer = door.call("DescribeFlowOperation", {"FirewallArn": "arn:aws:x"})
    identifier = answer.headers["x-amzn-RequestId"]
    line = wait_until(lambda: [text for text in door.log_text().splitlines() if identifier in text], "no line")[0]
    assert line.startswith(f"tidegate-httpd: {identifier} 127.0.0.1:")
    assert " - DescribeFlowOperation 503 ServiceUnavailable, " in line


# ---- limits ----

def test_too_large(door):
    with door.socket() as connection:
        connection.sendall(HEAD + b"X: " + b"x" * 20000 + b"\r\n\r\n")
        assert status_of(connection) == 431
    with door.socket() as connection:
        connection.sendall(HEAD + b"".join(b"X%d: 1\r\n" % number for number in range(64)) + b"\r\n")
        assert status_of(connection) == 431
    with door.socket() as connection:  # told so before a byte of the body is sent
        connection.sendall(HEAD + b"Content-Length: 262145\r\n\r\n")
        assert status_of(connection) == 413
    with door.socket() as connection:  # of unknown length: cut off when it is too long
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(10000):
                connection.sendall(b"400\r\n" + b"x" * 0x400 + b"\r\n")
        assert closed(connection, 5)


def test_body_of_the_largest_size(door):
    answer = door.call("ListFlowOperations", b" " * 262142 + b"{}")
    assert error_of(answer) == (400, "InvalidRequestException")


@pytest.mark.parametrize("begin", [
    b"", b"P", b"POST / HTTP/1.1\r\n", HEAD, HEAD + b"Content-Length: 100000\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\n"])
def test_a_byte_now_and_then(hasty_door, begin):
    """Whoever keeps a request from its end is cut off, however lively."""
    begun = time.monotonic()
    with hasty_door.socket() as connection:
        connection.sendall(begin)
        while not closed(connection, 0.05):
            assert time.monotonic() - begun < 8, "it is still there"
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
    # From the begin to the request line, and from there to the end: a second each.
    assert 0.9 < time.monotonic() - begun


def test_an_idle_connection_ends(hasty_door):
    with hasty_door.socket() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(connection) == 405
        assert closed(connection, 8)


def test_who_does_not_read(hasty_door):
    """Answers that nobody takes: requests are sent until no more fit, and the connection ends."""
    begun = time.monotonic()
    with contextlib.closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(SECONDS)
        connection.connect(("127.0.0.1", hasty_door.port))
        with pytest.raises(ConnectionError):
            while time.monotonic() - begun < 30:
                connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)


def test_log_of_unsigned_requests_is_bounded(door):
    lines = len(door.log_text().splitlines())
    with door.socket() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)
        received = b""
        while received.count(b"HTTP/1.1 405") < 500:
            received += connection.recv(65536)
    begun = time.monotonic()
    wait_until(lambda: door.request("GET", "/") and "unsigned requests were not logged" in door.log_text(),
               "the log does not say so")
    assert len(door.log_text().splitlines()) - lines <= 40 + 20 * (time.monotonic() - begun)


def test_connections():
    with open_door(limits={"connections": 6, "connections_per_address": 4}) as door, contextlib.ExitStack() as stack:
        def connect(source):
            connection = stack.enter_context(socket.create_connection(
                ("127.0.0.1", door.port), 10, source_address=(source, 0)))
            return connection, not closed(connection, 0.2)
        first = [connect("127.0.0.1") for _ in range(5)]
        assert [taken for _, taken in first] == [True] * 4 + [False]
        others = [connect("127.0.0.2") for _ in range(3)]
        assert [taken for _, taken in others] == [True] * 2 + [False]
        first[0][0].close()
        wait_until(lambda: connect("127.0.0.3")[1], "there is no room again")


# ---- bytes ----

def test_random_bytes(hasty_door):
    """Requests cut and sprinkled with bytes: the server lives, and nothing is left of them."""
    descriptors = pathlib.Path(f"/proc/{hasty_door.process.pid}/fd")
    before = len(list(descriptors.iterdir()))
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    body = json.dumps({"FirewallArn": "arn:aws:x"}).encode()
    good = (HEAD + b"X-Amz-Target: NetworkFirewall_20201112.ListFlowOperations\r\nContent-Type: " + JSON_1_0.encode() +
            b"\r\nAuthorization: AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, " +
            b"Signature=" + b"0" * 64 + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    for number in range(100):
        data = bytearray(good)
        for _ in range(source.randrange(1, 8)):
            at = source.randrange(len(data))
            data[at:at + source.randrange(3)] = source.choice(
                [b"", b"\0", b"\r\n", b"\n", b":", b" ", b"%", b"\xff\xfe", bytes([source.randrange(256)])])
        with hasty_door.socket() as connection:
            connection.sendall(data[:source.choice([len(data), source.randrange(len(data))])])
            if number % 10 == 0:
                assert closed(connection, 8), f"seed {seed}, number {number}: {bytes(data)}"
    assert hasty_door.request("GET", "/").status == 405, f"seed {seed}"
    wait_until(lambda: len(list(descriptors.iterdir())) <= before, f"seed {seed}: connections are left")
