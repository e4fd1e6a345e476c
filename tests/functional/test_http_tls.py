# SPDX-License-Identifier: BSD-3-Clause
"""TLS at the door: versions, deadlines, and files of certificate and key."""
import contextlib
import http.client
import json
import os
import pwd
import select
import shutil
import socket
import ssl
import time

import pytest

from door import KEYS, SECONDS, TARGET, JSON_1_0, USER, open_door
from netns import command
from paths import HTTPD
from programs import run
from signing import amz_date, authorization


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Certificate and key of 127.0.0.1, as the settings name them."""
    folder = tmp_path_factory.mktemp("tls")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    names = {"certificate_file": str(folder / "certificate.pem"), "key_file": str(folder / "key.pem")}
    command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=tests", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
            "-keyout", names["key_file"], "-out", names["certificate_file"])
    os.chmod(names["key_file"], 0o600)
    os.chown(names["key_file"], pwd.getpwnam(USER).pw_uid, -1)
    return names


@pytest.fixture(scope="module")
def door(files):
    with open_door(keys=KEYS, tls=files, deadline_seconds=1) as opened:
        yield opened


def context(files, version=None):
    """A client's context that trusts the certificate alone, and speaks one version, or any."""
    made = ssl.create_default_context(cafile=files["certificate_file"])
    if version is not None:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = version
    return made


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_signed_request(door, files, version):
    body = json.dumps({"FirewallArn": "arn:aws:x"}).encode()
    headers = {"host": f"127.0.0.1:{door.port}", "x-amz-date": amz_date(), "content-type": JSON_1_0,
               "x-amz-target": TARGET + "ListFlowOperations"}
    headers["authorization"] = authorization(KEYS["read"], headers, body)
    connection = http.client.HTTPSConnection("127.0.0.1", door.port, timeout=SECONDS, context=context(files, version))
    with contextlib.closing(connection):
        for _ in range(2):  # on one connection
            connection.request("POST", "/", body, headers)
            with connection.getresponse() as answer:
                # Signed well: there is only no daemon.
                assert (answer.status, json.load(answer)["__type"]) == (503, "ServiceUnavailable")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions(door, files, version):
    with door.socket() as plain, pytest.raises(ssl.SSLError):
        context(files, version).wrap_socket(plain, server_hostname="127.0.0.1")


def test_plain_http_is_not_answered(door):
    with door.socket() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in plain.recv(65536)


@pytest.mark.parametrize("begin", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"])
def test_a_handshake_without_end(door, begin):
    begun = time.monotonic()
    with door.socket() as plain:
        plain.sendall(begin)
        readable, _, _ = select.select([plain], [], [], 8)
        assert readable and 0.9 < time.monotonic() - begun
        with contextlib.suppress(ConnectionResetError):
            while plain.recv(65536):
                pass


def test_a_byte_now_and_then(door, files):
    """In a request inside of TLS: the whole of it has its time all the same."""
    begun = time.monotonic()
    with door.socket() as plain, context(files).wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        with pytest.raises(OSError):
            while time.monotonic() - begun < 8:
                connection.send(b"x")
                connection.settimeout(0.05)
                with contextlib.suppress(socket.timeout):
                    if connection.recv(1000) == b"":
                        raise OSError("closed")


@pytest.mark.parametrize("mode, swap, message", [
    (0o644, False, "must be a file of mode 0600 or less"), (0o600, True, "are certificate and key good?")])
def test_bad_files(files, tmp_path, mode, swap, message):
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    key = tmp_path / "key.pem"
    shutil.copy(files["certificate_file" if swap else "key_file"], key)
    key.chmod(mode)
    shutil.chown(key, USER)
    settings = tmp_path / "httpd.json"
    settings.write_text(json.dumps({"user": USER, "tls": {**files, "key_file": str(key)}}))
    done = run(HTTPD, "-c", settings)
    assert done.returncode == 1 and message in done.stderr


def test_both_files_are_needed(tmp_path):
    settings = tmp_path / "httpd.json"
    settings.write_text(json.dumps({"tls": {"certificate_file": "/x"}}))
    done = run(HTTPD, "-c", settings, "--check")
    assert (done.returncode, done.stderr) == (1, f"tidegate-httpd: {settings}:1: tls.key_file: is required\n")
