# SPDX-License-Identifier: BSD-3-Clause
"""The AWS SDK for JavaScript: installed by npm as its lock file says, once a build, and driven line by line."""
import contextlib
import filecmp
import json
import pathlib
import shutil
import subprocess

from netns import die_with_parent
from paths import BUILD
from programs import run

SOURCE = pathlib.Path(__file__).resolve().parent / "aws-sdk"
LOCK = "package-lock.json"
INSTALL_SECONDS = 300


class SdkError(Exception):
    """What the SDK threw; own: it is of the class that the SDK has for it."""

    def __init__(self, error):
        super().__init__(error)
        self.name, self.message, self.own, self.service = (
            error[key] for key in ("name", "message", "own", "service"))
        self.status = error["metadata"].get("httpStatusCode")
        self.request, self.attempts = (error["metadata"].get(key) for key in ("requestId", "attempts"))


def installed():
    """The folder that has node_modules. What another lock file has installed is replaced."""
    folder = BUILD / "tests" / "functional" / "sdk"
    if (folder / "done").exists() and filecmp.cmp(SOURCE / LOCK, folder / LOCK, shallow=False):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", LOCK):
        shutil.copy(SOURCE / name, folder)
    done = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "done").touch()
    return folder


class Sdk:
    """A client of an endpoint by an (access key, secret)."""

    def __init__(self, port, key):
        self.process = subprocess.Popen(
            ["node", SOURCE / "client.mjs", f"http://127.0.0.1:{port}", *key, installed()], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)

    def call(self, method, **params):
        """The output; of "paginate…" the list of all pages."""
        self.process.stdin.write(json.dumps([method, params]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"node ended with {self.process.wait()}"
        answer = json.loads(line)
        if "error" in answer:
            raise SdkError(answer["error"])
        return answer["output"]

    def error(self, method, **params):
        try:
            output = self.call(method, **params)
        except SdkError as error:
            return error
        raise AssertionError(f"{method} {params} succeeded: {output}")

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.process.stdout.close()


@contextlib.contextmanager
def sdk(port, key):
    client = Sdk(port, key)
    try:
        yield client
        client.close()
    finally:
        client.process.kill()
        client.process.wait()
