"""Schemathesis against `idscore serve`: whatever is sent, no 5xx and no answer outside the OpenAPI document.

Usage: fuzz_api.py IDSCORE TENANTS
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

from service import TENANT, Service, serving

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "missing_required_header",
    "ignored_auth",
]
# A service leaves alone what it does not know in a query: OData 4.01 Part 2, Custom Query Options.
# An address may be refused for its length, and a body for its type or size, before anybody looks at what is wrong in it.
CONFIGURATION = """
[generation]
allow-extra-parameters = false

[checks.negative_data_rejection]
expected-statuses = [400, 404, 405, 413, 414, 415, 431]
"""


def with_ids(document: dict, service: Service) -> dict:
    """The document, with ids that are there beside any others: else nearly every answer would be 404."""
    control = "AdminMFAV2"
    recommendation = f"{TENANT}_{control}"
    resources = service.get(f"/beta/directory/recommendations/{recommendation}/impactedResources")["value"]
    newest = service.get(f"/api/v1/tenants/{TENANT}")["newest"]
    ids = {
        "tenant": [TENANT],
        "resource": [resource["id"] for resource in resources],
        "assessment": [newest["id"]],
        "control": [control, "OneAdmin"],
        "/secureScores/": [f"{TENANT}_2026-11-20", f"{TENANT}_2026-11-19"],
        "/secureScoreControlProfiles/": [control, "OneAdmin", "SigninRiskPolicy"],
        "/recommendations/": [recommendation],
    }
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter.get("in") != "path" or "enum" in parameter["schema"]:
                    continue
                name = parameter["name"]
                known = ids.get(name) or next(known for part, known in ids.items() if part in path and "/" in part)
                parameter["example"] = known[0]
                # One resource belongs to one recommendation: with any other there would be nothing to act on.
                any_other = [] if "{resource}" in path else [parameter["schema"]]
                parameter["schema"] = {"anyOf": [{"type": "string", "enum": known}, *any_other]}
    return document


def main(idscore: str, tenants: str) -> None:
    with serving(idscore, tenants) as service, tempfile.TemporaryDirectory() as folder:
        document = pathlib.Path(folder) / "openapi.json"
        document.write_text(json.dumps(with_ids(service.get("/api/v1/openapi.json"), service)))
        configuration = pathlib.Path(folder) / "schemathesis.toml"
        configuration.write_text(CONFIGURATION)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run", str(document)]
        command += ["--url", service.address, "--header", f"Authorization: Bearer {service.token}"]
        command += ["--checks", ",".join(CHECKS), "--max-examples", "20", "--seed", "1", "--no-color"]
        command += ["--phases", "examples,coverage,fuzzing"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{done.stderr}")
    cases = re.search(r"(\d+) generated", done.stdout).group(1)
    operations = re.search(r"Tested: (\d+)", done.stdout).group(1)
    assert "Missing test data" not in done.stdout, done.stdout
    print(f"{cases} requests to {operations} operations were answered as the document says")


main(*sys.argv[1:])
