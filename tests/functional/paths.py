# SPDX-License-Identifier: BSD-3-Clause
"""Where things are: the built programs, and the captures and the API model beside the source tree."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TIDEGATE_BUILD", ROOT / "build"))
TIDEGATED = BUILD / "control" / "tidegated"
TIDEGATE = BUILD / "control" / "client" / "tidegate"
HTTPD = BUILD / "control" / "httpd" / "tidegate-httpd"
REPLAY = BUILD / "control" / "replay" / "tidegate-replay"
CHECK_POLICY = BUILD / "control" / "policy" / "tidegate-check-policy"
CHURN = BUILD / "tests" / "functional" / "churn"

SHARED = ROOT.parent / "shared"
PCAPS = SHARED / "pcaps"
API_MODEL = SHARED / "api" / "network-firewall-2020-11-12.json"

for needed in (TIDEGATED, TIDEGATE, HTTPD, REPLAY, CHECK_POLICY, CHURN, PCAPS / "flows.csv", API_MODEL):
    assert needed.exists(), f"the functional tests need {needed}, which is not there"
