# SPDX-License-Identifier: BSD-3-Clause
"""Signature Version 4 by hashlib and hmac alone, as the AWS documentation has it: the tests' own signer."""
import datetime
import hashlib
import hmac

REGION, SERVICE = "eu-test-1", "network-firewall"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def amz_date(offset=0):
    """X-Amz-Date so many seconds from now."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    return now.strftime("%Y%m%dT%H%M%SZ")


def canonical_request(method, headers, body, path="/", query=""):
    """headers: {lower-case name: value}, all of which are signed. The path and query are canonical already."""
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in sorted(headers))
    return f"{method}\n{path}\n{query}\n{lines}\n{';'.join(sorted(headers))}\n{sha256(body)}"


def signature(secret, date, scope, canonical):
    """scope: (day, region, service)."""
    key = b"AWS4" + secret.encode()
    for part in (*scope, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{date}\n{'/'.join(scope)}/aws4_request\n{sha256(canonical.encode())}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def authorization(key, headers, body, method="POST", scope=None):
    """The Authorization header of a POST / by key, an (access key, secret); headers has x-amz-date."""
    date = headers["x-amz-date"]
    scope = scope or (date[:8], REGION, SERVICE)
    signed = signature(key[1], date, scope, canonical_request(method, headers, body))
    return (f"AWS4-HMAC-SHA256 Credential={key[0]}/{'/'.join(scope)}/aws4_request, "
            f"SignedHeaders={';'.join(sorted(headers))}, Signature={signed}")
