"""What `idscore graph-server` answers, held against shapes: of lists and errors always, and against Microsoft's own where they are given.

Usage: graph_shapes.py IDSCORE TENANTS [GRAPH_OPENAPI]
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator, oas30_format_checker

PREFIX = "#/components/schemas/"
# What every list and every error of Graph looks like.
LIST = {
    "type": "object",
    "required": ["@odata.context", "value"],
    "properties": {
        "@odata.context": {"type": "string", "pattern": r"^http://127\.0\.0\.1:\d+/(v1\.0|beta)/\$metadata#"},
        "@odata.nextLink": {"type": "string", "pattern": r"^http://127\.0\.0\.1:\d+/.*\$skiptoken=[\w-]+$"},
        "@odata.count": {"type": "integer", "minimum": 0},
        "value": {"type": "array", "items": {"type": "object"}},
    },
    "additionalProperties": False,
}
INNER = {
    "type": "object",
    "required": ["date", "request-id", "client-request-id"],
    "properties": {"date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}, "request-id": {"type": "string"}},
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string", "minLength": 1}, "message": {"type": "string"}, "innerError": INNER, "innererror": INNER},
            "minProperties": 3,
            "additionalProperties": False,
        }
    },
}
# Microsoft's schema says nothing of navigation properties, which are asked for with $expand.
EXPANDED = {
    "/policies/roleManagementPolicyAssignments": "$expand=policy($expand=rules)&$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'",
    "/policies/authenticationStrengthPolicies": "$expand=combinationConfigurations",
    "/policies/permissionGrantPolicies": "$expand=includes,excludes",
    "/applications": "$expand=owners($select=id)",
    "/directoryRoles": "$expand=members",
}
# What Microsoft's public schema calls open: anything may stand beside the declared properties.
OPEN = {"microsoft.graph.secureScore", "microsoft.graph.directorySetting", "microsoft.graph.groupSetting"}
# One call per object; the ids come from the export.
OWNERS = {"/groups/{id}/members": "members", "/groups/{id}/transitiveMembers": "members", "/servicePrincipals/{id}/appRoleAssignments": "appRoleAssignments"}


class Graph:
    """A running server over one export, and an app that has signed in."""

    def __init__(self, idscore: str, export: pathlib.Path):
        command = [idscore, "graph-server", str(export), "--listen", "127.0.0.1:0", "--no-throttling"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = ""
        while not (found := re.search(r"sign in on (http://\S+), tenant", said)):
            line = self.process.stderr.readline()
            assert line, f"it ended before it listened: {said}"
            said += line
        self.address = found[1]
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "any", "scope": "https://graph.microsoft.com/.default"}
        request = urllib.request.Request(f"{self.address}/contoso.example/oauth2/v2.0/token", urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request) as answer:
            self.token = json.load(answer)["access_token"]

    def get(self, path: str) -> tuple[int, dict]:
        url = path if path.startswith("http") else self.address + urllib.parse.quote(path, safe="/?&=$,;'()")
        headers = {"Authorization": f"Bearer {self.token}", "Prefer": "include-unknown-enum-members"}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(20) == 0


def complain(path: str, validator, body: dict) -> None:
    errors = [f"{path}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]
    assert not errors, "\n".join(errors[:10])


def paths(export: pathlib.Path, documented: list[str]) -> list[str]:
    found = []
    for path in documented:
        if "{id}" in path:
            owners = export / OWNERS.get(path, "")
            ids = sorted(folder.name for folder in owners.iterdir()) if path in OWNERS and owners.is_dir() else []
            found += [path.replace("{id}", owner) for owner in ids[:20]]
        else:
            found.append(f"{path}?{EXPANDED[path]}" if path in EXPANDED else path)
    return found


def main(idscore: str, tenants: str, graph_openapi: str | None = None) -> None:
    root = pathlib.Path(tenants)
    given = json.loads(pathlib.Path(graph_openapi).read_text("utf-8")) if graph_openapi else None
    with tempfile.TemporaryDirectory() as scratch:
        invented = pathlib.Path(scratch) / "invented"
        options = ["--users", "1500", "--edition", "p2", "--sign-ins", "--per-user-mfa", "--on-premises-sync"]
        subprocess.run([idscore, "generate", *options, str(invented)], check=True, stderr=subprocess.DEVNULL)
        exports = [invented, *sorted(folder.parent for folder in root.glob("*/collection.json"))]
        lists, errors, objects = 0, 0, 0
        for export in exports:
            report = json.loads((export / "collection.json").read_text("utf-8"))
            own = [data_set["endpoint"].split("?")[0] for data_set in report["dataSets"]]
            with Graph(idscore, export) as graph:
                for path in paths(export, list(given["paths"]) if given else own):
                    address = f"/v1.0{path}"
                    while address:
                        status, body = graph.get(address)
                        if status != 200:
                            complain(address, Draft202012Validator(ERROR), body)
                            errors += 1
                            break
                        if "value" in body:
                            complain(address, Draft202012Validator(LIST), body)
                            lists += 1
                        if given:
                            objects += by_microsofts(given, path, body)
                        address = body.get("@odata.nextLink")
    assert lists > 50 and errors > 5, (lists, errors)
    said = f"{lists} lists and {errors} errors of the Graph server have Graph's shape"
    if given:
        assert objects > 1000, objects
        said += f", {objects} objects that of Microsoft's public schema"
    print(said)


# Where Graph itself doesn't keep to its schema: whoever has no method carries an empty text.
DEVIATES = {"userPreferredMethodForSecondaryAuthentication": ""}


def without_null(value):
    """In OpenAPI 3.0 a reference can't say that it may be null, and Graph's references mostly may."""
    if isinstance(value, dict):
        return {name: without_null(inner) for name, inner in value.items() if inner is not None and DEVIATES.get(name) != inner}
    return [without_null(inner) for inner in value] if isinstance(value, list) else value


def declared(schemas: dict, schema: dict) -> set[str]:
    """The properties of a type and of those that it extends."""
    if "$ref" in schema:
        return declared(schemas, schemas[schema["$ref"].removeprefix(PREFIX)])
    return set(schema.get("properties", {})).union(*(declared(schemas, part) for part in schema.get("allOf", [])))


def undeclared(schemas: dict, name: str, row: dict) -> list[str]:
    """Members that the type doesn't know, but for annotations, related objects and open types."""
    related = {expanded for query in EXPANDED.values() for expanded in re.findall(r"expand=([\w,]+)", query) for expanded in expanded.split(",")}
    known = declared(schemas, schemas[name]) | related
    return [] if name in OPEN else sorted(member for member in row if member not in known and "@" not in member)


def by_microsofts(given: dict, path: str, body: dict) -> int:
    """Holds each object against the type that its own annotation names, or that of the path."""
    named = path.split("?")[0]
    documented = next(name for name in given["paths"] if re.fullmatch(name.replace("{id}", "[^/]+"), named))
    schema = given["paths"][documented]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    rows = body["value"] if "value" in body and "properties" in schema else [body]
    of = schema["properties"]["value"]["items"] if "properties" in schema else schema
    components = given["components"]
    for row in rows:
        annotated = row.get("@odata.type", "").removeprefix("#")
        reference = f"{PREFIX}{annotated}" if annotated in components["schemas"] else of["$ref"]
        # In OpenAPI 3.0 nothing may stand beside a reference, but `allOf` may.
        validator = OAS30Validator({"allOf": [{"$ref": reference}], "components": components}, format_checker=oas30_format_checker)
        complain(f"{named}/{row.get('id')}", validator, without_null(row))
        # What a type adds that the given schema leaves out can't be told from what nobody knows.
        derived = annotated and annotated not in components["schemas"]
        unknown = [] if derived else undeclared(components["schemas"], reference.removeprefix(PREFIX), row)
        assert not unknown, f"{named}/{row.get('id')}: v1.0 has no {unknown}"
    return len(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
