# SPDX-License-Identifier: BSD-3-Clause
"""Who may in: signatures by the tests' own signer, roles, and the file of access keys."""
import json
import time

import pytest

from api_model import READS
from door import KEYS, TARGET, JSON_1_0, error_of, key_file_text, open_door
from paths import HTTPD
from programs import run
from signing import REGION, SERVICE, amz_date, authorization, canonical_request, sha256, signature
from waiting import wait_until

FIREWALL = {"FirewallArn": "arn:aws:x"}
# There is no daemon behind the door: who is let in is told that.
LET_IN = (503, "ServiceUnavailable")
ADMIN = KEYS["admin"]


@pytest.fixture(scope="module")
def door():
    with open_door(keys=KEYS) as opened:
        yield opened


def headers_of(door, **changed):
    headers = {"host": f"127.0.0.1:{door.port}", "x-amz-date": amz_date(),
               "x-amz-target": TARGET + "ListFlowOperations", "content-type": JSON_1_0,
               **{name.replace("_", "-"): value for name, value in changed.items()}}
    return {name: value for name, value in headers.items() if value is not None}


def send(door, headers, text, body=json.dumps(FIREWALL).encode(), path="/"):
    return error_of(door.request("POST", path, {**headers, "authorization": text}, body))


def test_the_signer_itself():
    """The case get-vanilla of the public test suite, with its documented signature."""
    canonical = canonical_request("GET", {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}, b"")
    assert signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z",
                     ("20150830", "us-east-1", "service"), canonical) == (
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")


@pytest.mark.parametrize("role", KEYS)
def test_signed(door, role):
    assert error_of(door.call("ListFlowOperations", FIREWALL, KEYS[role])) == LET_IN


def test_signed_with_more_headers_and_a_query(door):
    body = json.dumps(FIREWALL).encode()
    headers = headers_of(door, x_one="  two   blanks ", x_amz_content_sha256=sha256(body),
                         amz_sdk_invocation_id="7c2d", user_agent="tests")
    assert send(door, headers, authorization(ADMIN, headers, body)) == LET_IN
    date = headers["x-amz-date"]
    scope = (date[:8], REGION, SERVICE)
    canonical = canonical_request("POST", headers, body, query="a=%20&b=")
    text = (f"AWS4-HMAC-SHA256 Credential={ADMIN[0]}/{'/'.join(scope)}/aws4_request,SignedHeaders="
            f"{';'.join(sorted(headers))},Signature={signature(ADMIN[1], date, scope, canonical)}")
    assert send(door, headers, text, path="/?b&a=%20") == LET_IN
    assert send(door, headers, text, path="/?b&a=%21") == (403, "InvalidSignatureException")


def test_without_a_signature(door):
    assert error_of(door.call("ListFlowOperations", FIREWALL)) == (403, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("text", [
    "", "Basic dXNlcjpwYXNz", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a",
    "AWS4-ECDSA-P256-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=" + "0" * 64])
def test_malformed(door, text):
    assert send(door, headers_of(door), text) == (403, "IncompleteSignatureException")


def test_unknown_key(door):
    answer = door.call("ListFlowOperations", FIREWALL, ("AKIDELSE", ADMIN[1]))
    assert error_of(answer) == (403, "UnrecognizedClientException")
    headers = headers_of(door, x_amz_security_token="x")
    assert send(door, headers, authorization(ADMIN, headers, json.dumps(FIREWALL).encode())) == (
        403, "UnrecognizedClientException")


def test_wrong_secret(door):
    answer = door.call("ListFlowOperations", FIREWALL, (ADMIN[0], ADMIN[1] + "x"))
    assert error_of(answer) == (403, "InvalidSignatureException")


def test_what_is_signed_is_what_counts(door):
    """Each of body, target, date and signature changed behind the signer's back."""
    body = json.dumps(FIREWALL).encode()
    headers = headers_of(door)
    text = authorization(ADMIN, headers, body)
    assert send(door, headers, text) == LET_IN
    wrong = (403, "InvalidSignatureException")
    assert send(door, headers, text, body + b" ") == wrong
    assert send(door, {**headers, "x-amz-target": TARGET + "StartFlowFlush"}, text) == wrong
    assert send(door, {**headers, "x-amz-date": amz_date(1)}, text) == wrong
    assert send(door, {**headers, "host": "localhost"}, text) == wrong
    assert send(door, headers, text[:-1] + ("0" if text[-1] != "0" else "1")) == wrong


@pytest.mark.parametrize("unsigned", ["host", "x-amz-date", "x-amz-target"])
def test_headers_that_must_be_signed(door, unsigned):
    headers = headers_of(door)
    signed = {name: value for name, value in headers.items() if name != unsigned}
    date = headers["x-amz-date"]
    scope = (date[:8], REGION, SERVICE)
    body = json.dumps(FIREWALL).encode()
    text = (f"AWS4-HMAC-SHA256 Credential={ADMIN[0]}/{'/'.join(scope)}/aws4_request, SignedHeaders="
            f"{';'.join(sorted(signed))}, Signature="
            f"{signature(ADMIN[1], date, scope, canonical_request('POST', signed, body))}")
    answer = door.request("POST", "/", {**headers, "authorization": text}, body)
    assert error_of(answer) == (403, "InvalidSignatureException")
    assert answer.body["Message"] == f"'{unsigned}' must be a signed header."


@pytest.mark.parametrize("scope, message", [
    (("20150830", REGION, SERVICE),
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP."),
    ((None, "us-east-1", SERVICE), "Credential should be scoped to a valid region, not 'us-east-1'."),
    ((None, REGION, "s3"), "Credential should be scoped to correct service: 'network-firewall'."),
])
def test_scope(door, scope, message):
    body = json.dumps(FIREWALL).encode()
    headers = headers_of(door)
    scope = (scope[0] or headers["x-amz-date"][:8], *scope[1:])
    answer = door.request("POST", "/", {**headers, "authorization": authorization(ADMIN, headers, body, scope=scope)},
                          body)
    assert error_of(answer) == (403, "InvalidSignatureException")
    assert answer.body["Message"] == message


@pytest.mark.parametrize("offset, outcome", [
    (-280, LET_IN), (280, LET_IN), (-310, (403, "InvalidSignatureException")),
    (310, (403, "InvalidSignatureException")), (-86400 * 365, (403, "InvalidSignatureException"))])
def test_clock(door, offset, outcome):
    headers = headers_of(door, x_amz_date=amz_date(offset))
    assert send(door, headers, authorization(ADMIN, headers, json.dumps(FIREWALL).encode())) == outcome


@pytest.mark.parametrize("date", [None, "", "20150830", "2015-08-30T12:36:00Z", "20150230T123600Z", "20150830T126000Z",
                                  "20150830T123600ZZ", "20150830T123600+0000", "99999999T999999Z"])
def test_malformed_dates(door, date):
    headers = headers_of(door, x_amz_date=date)
    text = (f"AWS4-HMAC-SHA256 Credential={ADMIN[0]}/20150830/{REGION}/{SERVICE}/aws4_request, "
            f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}")
    assert send(door, headers, text) == (403, "IncompleteSignatureException")


def test_wrong_body_hash(door):
    headers = headers_of(door, x_amz_content_sha256="UNSIGNED-PAYLOAD")
    assert send(door, headers, authorization(ADMIN, headers, json.dumps(FIREWALL).encode())) == (
        403, "InvalidSignatureException")


# ---- roles ----

MAY = {"read": {"DescribeFlowOperation", "ListFlowOperations", "ListFlowOperationResults", *READS}}
MAY["operate"] = MAY["read"] | {"StartFlowCapture"}
MAY["admin"] = MAY["operate"] | {"StartFlowFlush"}


@pytest.mark.parametrize("role", KEYS)
def test_roles(door, role):
    for action in MAY["admin"]:
        outcome = error_of(door.call(action, {**FIREWALL, "FlowFilters": [{}]}, KEYS[role]))
        assert outcome == (LET_IN if action in MAY[role] else (403, "AccessDeniedException")), action


def test_unknown_operations(door):
    """Known to who has signed alone; none of them is there whatever its case."""
    for action in ("CreateRuleGroup", "listfirewalls", "listflowoperations", "CancelFlowOperation", "GetStatus", "Reload", ""):
        assert error_of(door.call(action, FIREWALL, ADMIN)) == (404, "UnknownOperationException")
        assert error_of(door.call(action, FIREWALL)) == (403, "MissingAuthenticationTokenException")


def test_rate_of_a_key():
    with open_door(keys=KEYS, limits={"requests_per_second": 5}) as door:
        outcomes = [error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) for _ in range(20)]
        assert outcomes[:5] == [LET_IN] * 5
        assert (400, "ThrottlingException") in outcomes
        assert error_of(door.call("ListFlowOperations", FIREWALL, KEYS["read"])) == LET_IN  # has its own
        wait_until(lambda: error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == LET_IN, "throttled for good")


# ---- the file ----

NEW = {"operate": ("AKIDNEW", "a-secret-of-some-length")}


def test_keys_change_without_a_restart():
    with open_door(keys=KEYS) as door:
        process = door.process.pid
        door.write_keys(key_file_text(NEW))
        wait_until(lambda: error_of(door.call("ListFlowOperations", FIREWALL, NEW["operate"])) == LET_IN,
                   "the new key is not known")
        assert error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == (403, "UnrecognizedClientException")
        # In place, with SIGHUP.
        door.key_file.write_text(key_file_text(KEYS))
        door.reload()
        wait_until(lambda: error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == LET_IN, "no reload")
        assert door.process.pid == process and door.process.poll() is None


@pytest.mark.parametrize("text, mode, problem", [
    ("{", 0o600, ":1: not JSON, or a name twice"),
    ('{"keys": 1}', 0o600, ":1: keys: must be an array, not an integer"),
    ('{"keys": [{"access_key_id": "A", "secret_access_key": "TheSecret", "role": "read"}]}', 0o600,
     ":1: keys[0].secret_access_key: must be 16 to 128 bytes long"),
    ('{"keys": [{"access_key_id": "A", "secret_access_key": "TheSecretIsHere0", "role": "root"}]}', 0o600,
     ':1: keys[0].role: must be "read" or "operate" or "admin", not "root"'),
    ('{"keys": [{"access_key_id": "A", "secret_access_key": "TheSecretIsHere0" "role": "read"}]}', 0o600,
     ":1: not JSON, or a name twice"),
    (key_file_text(NEW), 0o640, ": must be a file of mode 0600 or less that belongs to uid"),
    (key_file_text(NEW), 0o604, ": must be a file of mode 0600 or less that belongs to uid"),
])
def test_a_bad_file_changes_nothing(text, mode, problem):
    with open_door(keys=KEYS) as door:
        door.write_keys(text, mode)
        wait_until(lambda: f"{door.key_file}{problem}" in door.log_text(), lambda: door.log_text())
        assert error_of(door.call("ListFlowOperations", FIREWALL, ADMIN)) == LET_IN
        assert error_of(door.call("ListFlowOperations", FIREWALL, NEW["operate"])) == (403, "UnrecognizedClientException")
        assert "TheSecret" not in door.log_text()


def test_no_start_with_a_bad_file(tmp_path):
    file = tmp_path / "httpd.json"
    missing = tmp_path / "none"
    file.write_text(json.dumps({"key_file": str(missing), "region": REGION, "user": "nobody"}))
    tmp_path.chmod(0o755)
    done = run(HTTPD, "-c", file)
    assert done.returncode == 1
    assert done.stderr.startswith(f"tidegate-httpd: {missing}: ")


def test_no_secret_in_the_log():
    with open_door(keys=KEYS) as door:
        headers = headers_of(door)
        text = authorization(ADMIN, headers, json.dumps(FIREWALL).encode())
        begun = time.monotonic()
        assert send(door, headers, text) == LET_IN
        assert send(door, headers, text + "0") == (403, "IncompleteSignatureException")
        assert error_of(door.call("ListFlowOperations", b'{"FirewallArn": "' + ADMIN[1].encode(), ADMIN)) == (
            400, "SerializationException")
        wait_until(lambda: "SerializationException" in door.log_text(), "no line")
        assert time.monotonic() - begun < 60
        log = door.log_text()
    assert text.rsplit("=", 1)[1] not in log
    assert not [secret for _, secret in KEYS.values() if secret in log]
