"""Reads the formats of `idscore score` with the readers that other people use.

    python formats.py IDSCORE SARIF_SCHEMA [TENANT …]

`../../../test` calls it. A reader or a schema that is missing is a failure, never a skip.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import jsonschema
import junitparser
import openpyxl
# Without these two, jsonschema passes any instant and any address.
import rfc3339_validator  # noqa: F401
import rfc3986_validator  # noqa: F401
from py_ocsf_models import OCSF_VERSION
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.objects.compliance_status import StatusID

# The schema that OASIS publishes, as the crate `serde-sarif` ships it.
SARIF_SCHEMA_SHA256 = "af47e7b67f24efe74076621fd3a5fbe7398add9e84fe820c971219a385895cea"
SARIF_KINDS = {"met": "pass", "partial": "fail", "notMet": "fail", "notApplicable": "notApplicable", "notAssessed": "open"}
OCSF_STATUS = {
    "met": StatusID.Pass,
    "partial": StatusID.Fail,
    "notMet": StatusID.Fail,
    "notApplicable": StatusID.Other,
    "notAssessed": StatusID.Warning,
}
# In OCSF 1.5.0 the caption of `compliance.status_id` stands in `compliance.status`; the model forgets it.
FORGOTTEN_BY_THE_MODEL = {("compliance", "status")}


class Output:
    """What the program says of one tenant, in every format."""

    def __init__(self, idscore: str, tenant: str, folder: Path):
        self.tenant = tenant
        self.files = {}
        for name in ("json", "sarif", "junit", "ocsf", "xlsx"):
            self.files[name] = self.write(idscore, name, folder / f"score.{name}")
            again = self.write(idscore, name, folder / f"again.{name}")
            assert self.files[name].read_bytes() == again.read_bytes(), f"{tenant}: {name} differs from run to run"
        self.score = json.loads(self.files["json"].read_text())
        self.controls = {control["id"]: control for control in self.score["controls"]}
        self.taken_at = datetime.fromisoformat(self.score["takenAt"].replace("Z", "+00:00"))

    def write(self, idscore: str, name: str, path: Path) -> Path:
        call = [idscore, "score", self.tenant, "--format", name, "--output", str(path)]
        subprocess.run(call, check=True, stderr=subprocess.DEVNULL)
        return path

    def losing(self) -> list[dict]:
        return [control for control in self.controls.values() if control["outcome"] in ("partial", "notMet")]


def sarif(output: Output, schema: dict) -> str:
    log = json.loads(output.files["sarif"].read_text())
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    for error in checker.iter_errors(log):
        raise AssertionError(f"{output.tenant}: {error.json_path}: {error.message}")
    [run] = log["runs"]
    taxa = {(taxonomy["name"], taxon["id"]) for taxonomy in run["taxonomies"] for taxon in taxonomy["taxa"]}
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(output.controls), "one rule per control"
    for rule in rules:
        for relationship in rule["relationships"]:
            target = relationship["target"]
            assert (target["toolComponent"]["name"], target["id"]) in taxa, f"{rule['id']}: {target}"
    fingerprints = set()
    for result in run["results"]:
        control = output.controls[result["ruleId"]]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] == SARIF_KINDS[control["outcome"]], result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail"), result["ruleId"]
        if control["outcome"] in ("partial", "notMet") and control["total"] > 1:
            assert result["relatedLocations"], f"{result['ruleId']} names nobody"
        fingerprints.update(result["partialFingerprints"].values())
    assert len(fingerprints) == len(run["results"]) == len(output.controls)
    failing = [result for result in run["results"] if result["kind"] == "fail"]
    assert len(failing) == len(output.losing()), (len(failing), len(output.losing()))
    return f"{len(run['results'])} results, {len(failing)} fail"


def junit(output: Output) -> str:
    read = junitparser.JUnitXml.fromfile(str(output.files["junit"]))
    suites = list(read)
    assert [suite.name for suite in suites] == ["core", "extended"]
    cases = {}
    for suite in suites:
        assert datetime.fromisoformat(suite.timestamp) == output.taken_at
        claimed = (suite.tests, suite.failures, suite.skipped)
        for case in suite:
            cases[case.name.split(":")[0]] = case
        of_set = [control for control in output.controls.values() if control["set"] == suite.name]
        failing = [control for control in of_set if control["outcome"] in ("partial", "notMet")]
        skipped = [control for control in of_set if control["outcome"] in ("notApplicable", "notAssessed")]
        assert claimed == (len(of_set), len(failing), len(skipped)), (suite.name, claimed)
    assert set(cases) == set(output.controls)
    for name, case in cases.items():
        outcome = output.controls[name]["outcome"]
        if outcome == "met":
            assert case.is_passed, name
            continue
        [result] = case.result
        expected = junitparser.Failure if outcome in ("partial", "notMet") else junitparser.Skipped
        assert type(result) is expected and result.type == outcome and result.message, name
    return f"{len(cases)} cases"


def unknown_attributes(written, known, at=()):
    """Attributes that we write and the model, read back, doesn't have: pydantic drops them without a word."""
    if isinstance(written, dict) and at[-1:] not in (("data",), ("unmapped",)):
        for name, value in written.items():
            if not isinstance(known, dict) or name not in known:
                yield (*at, name)
            else:
                yield from unknown_attributes(value, known[name], (*at, name))
    elif isinstance(written, list):
        for one, other in zip(written, known, strict=True):
            yield from unknown_attributes(one, other, at)


def ocsf(output: Output) -> str:
    findings = json.loads(output.files["ocsf"].read_text())
    assert [finding["compliance"]["control"] for finding in findings] == list(output.controls)
    for written in findings:
        finding = ComplianceFinding.model_validate(written)
        name = finding.compliance.control
        unknown = set(unknown_attributes(written, finding.model_dump(exclude_none=True, mode="json")))
        assert unknown <= FORGOTTEN_BY_THE_MODEL, f"{name}: {unknown} is not in OCSF {OCSF_VERSION}"
        assert finding.metadata.version == OCSF_VERSION
        assert finding.type_uid == finding.class_uid * 100 + finding.activity_id
        assert datetime.fromtimestamp(finding.time / 1000, timezone.utc) == output.taken_at
        assert finding.compliance.status_id == OCSF_STATUS[output.controls[name]["outcome"]], name
        assert finding.resources[0].uid == output.score["tenantId"]
    assert any(finding["compliance"].get("requirements") for finding in findings)
    return f"{len(findings)} findings"


def xlsx(output: Output) -> str:
    book = openpyxl.load_workbook(output.files["xlsx"])
    assert book.sheetnames == ["Score", "Actions", "Evidence", "Data sets"]
    assert book.properties.created == output.taken_at.replace(tzinfo=None)
    for sheet in book:
        assert sheet.freeze_panes == "A2", sheet.title
        assert sheet.title == "Score" or sheet.auto_filter.ref == sheet.dimensions, sheet.title
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", f"{sheet.title} {cell.coordinate} is a formula"
    score = {row[0].value: row[1] for row in book["Score"].iter_rows(min_row=2)}
    assert score["Score"].number_format == "0.00%"
    assert abs(score["Score"].value * 100 - output.score["core"]["percent"]) < 0.005 + 1e-9
    header, *rows = book["Actions"].iter_rows(values_only=True)
    actions = [dict(zip(header, row)) for row in rows]
    assert [action["Control"] for action in actions] == list(output.controls)
    for action in actions:
        control = output.controls[action["Control"]]
        assert (action["Met"], action["Judged"], action["Unknown"]) == (control["count"], control["total"], control["unknown"])
        for ours, theirs in (("Score", "score"), ("Points", "maxScore")):
            assert (action[ours] is None) == (control[theirs] is None), action
            assert action[ours] is None or abs(action[ours] - control[theirs]) < 1e-9, action
    assert book["Data sets"].max_row == 1 + len(output.score["dataSets"])
    return f"{len(actions)} actions, {book['Evidence'].max_row - 1} rows of evidence"


def main(idscore: str, schema_path: str, *tenants: str) -> None:
    text = Path(schema_path).read_bytes()
    assert hashlib.sha256(text).hexdigest() == SARIF_SCHEMA_SHA256, f"{schema_path} is not the schema that is meant"
    schema = json.loads(text)
    assert tenants, "no tenant to read"
    for tenant in tenants:
        with tempfile.TemporaryDirectory() as folder:
            output = Output(idscore, tenant, Path(folder))
            parts = [
                f"SARIF {sarif(output, schema)}",
                f"JUnit {junit(output)}",
                f"OCSF {ocsf(output)}",
                f"XLSX {xlsx(output)}",
            ]
            print(f"{tenant}: {'; '.join(parts)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
