# SPDX-License-Identifier: BSD-3-Clause
"""The real tidegate-httpd, as an unprivileged user, and requests to it by http.client."""
import collections
import contextlib
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from netns import die_with_parent
from paths import HTTPD
from signing import REGION, amz_date, authorization
from waiting import wait_until

USER = "nobody"
TARGET = "NetworkFirewall_20201112."
JSON_1_0 = "application/x-amz-json-1.0"
SECONDS = 15  # the daemon itself has 10

Answer = collections.namedtuple("Answer", "status headers body")
KEYS = {role: (f"AKIDTEST{role.upper()}", f"secret/of+{role}/" + "0123456789" * 2) for role in
        ("read", "operate", "admin")}


def free_port(host="127.0.0.1"):
    with socket.create_server((host, 0)) as server:
        return server.getsockname()[1]


def key_file_text(keys):
    return json.dumps({"keys": [{"access_key_id": name, "secret_access_key": secret, "role": role}
                                for role, (name, secret) in keys.items()]})


class Door:
    """One configuration, and the process while it runs. keys: {role: (access key, secret)} for a key file;
    namespace: where it is to listen, if not here."""

    def __init__(self, daemon_socket, keys=None, namespace=None, **settings):
        self.namespace = namespace
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tgh-"))
        self.folder.chmod(0o755)
        self.key_file, self.log = self.folder / "keys.json", self.folder / "stderr"
        self.port = free_port()
        self.settings = {"daemon_socket": str(daemon_socket), "listen": [f"127.0.0.1:{self.port}"], "user": USER,
                         **settings}
        if keys is not None:
            self.settings |= {"key_file": str(self.key_file), "region": REGION}
            self.write_keys(key_file_text(keys))
        self.config_file = self.folder / "httpd.json"
        self.config_file.write_text(json.dumps(self.settings))
        self.process = None

    def write_keys(self, text, mode=0o600):
        """A new file in the place of the old one."""
        new = self.folder / "keys.new"
        new.write_text(text)
        os.chmod(new, mode)
        os.chown(new, pwd.getpwnam(USER).pw_uid, -1)
        new.rename(self.key_file)

    def spawn(self):
        with open(self.log, "a") as log:
            command = [HTTPD, "-c", self.config_file]
            self.process = subprocess.Popen(self.namespace.argv(*command) if self.namespace else command,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=die_with_parent)

    def start(self):
        self.spawn()
        wait_until(self.is_ready, lambda: f"tidegate-httpd is not ready: {self.log_text()}")
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"tidegate-httpd ended: {self.log_text()}"
        return self.log_text().count("ready: ") == len(self.settings["listen"])

    def log_text(self):
        return self.log.read_text()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def terminate(self):
        """SIGTERM: it has to exit with 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(SECONDS)
        assert code == 0, f"exit code {code}: {self.log_text()}"
        self.process = None

    def remove(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)

    def socket(self):
        """A plain connection."""
        return socket.create_connection(("127.0.0.1", self.port), SECONDS)

    def request(self, method, path, headers=None, body=None, host="127.0.0.1"):
        """One request on a connection of its own. The body is JSON where the answer has that type."""
        with contextlib.closing(http.client.HTTPConnection(host, self.port, timeout=SECONDS)) as connection:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            data = answer.read()
        return Answer(answer.status, dict(answer.getheaders()),
                      json.loads(data) if answer.headers["Content-Type"] == JSON_1_0 else data.decode())

    def call(self, action, params=None, key=None, **headers):
        """An action of the API, signed where there is a key; a params of bytes is sent as it is."""
        body = params if isinstance(params, bytes) else json.dumps(params or {}).encode()
        headers = {"x-amz-target": TARGET + action, "content-type": JSON_1_0,
                   **{name.replace("_", "-"): value for name, value in headers.items()}}
        if key is not None:
            headers = {"host": f"127.0.0.1:{self.port}", "x-amz-date": amz_date(), **headers}
            headers["authorization"] = authorization(key, headers, body)
        return self.request("POST", "/", headers, body)


@contextlib.contextmanager
def open_door(daemon_socket="/nonexistent/control.sock", **options):
    """A tidegate-httpd for the time of a with block, which has to stop cleanly at its end."""
    door = Door(daemon_socket, **options)
    try:
        yield door.start()
        if door.process is not None:
            door.terminate()
    finally:
        door.remove()


@contextlib.contextmanager
def firewall_and_door(running, topology, config=None, **options):
    """A daemon and its door: (daemon, door)."""
    config = {"socket_group": "nogroup", **(config or {})}
    with running(topology, **config) as daemon:
        daemon.folder.chmod(0o755)
        with open_door(daemon.socket, **options) as door:
            yield daemon, door


def error_of(answer):
    """(status, type) of an error answer, whose shape is checked."""
    assert set(answer.body) == {"__type", "Message"}, answer
    assert answer.headers["Content-Type"] == JSON_1_0 and answer.body["Message"], answer
    return answer.status, answer.body["__type"]
