"""Reads random bodies that Graph could answer: made from Microsoft's shapes, with nulls, gaps, new words and new properties.

Usage: graph_bodies.py IDSCORE GRAPH_OPENAPI [BODIES]

Every body is one page of one data set. One export holds a body of every data set, so that 500 of them take a few seconds.
`idscore score` must read each export and score it. A body whose set is left out with a word about it is fine; an export that
is refused, or a program that crashes, is not.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import uuid

PREFIX = "#/components/schemas/"
GRAPH = "microsoft.graph."
SEED = 20261130
TENANT = "11111111-0000-4000-8000-000000000001"
# Subtypes whose base alone is in the document, because a path answers it: what they add.
TYPES_BEYOND = {
    "namedLocation": {
        "ipNamedLocation": {"isTrusted": "boolean", "ipRanges": ["iPv4CidrRange", "iPv6CidrRange"]},
        "countryNamedLocation": {"countriesAndRegions": ["DE", "FR"], "includeUnknownCountriesAndRegions": "boolean", "countryLookupMethod": "clientIpAddress"},
    },
    "directoryObject": {"user": {}, "group": {}, "servicePrincipal": {}, "device": {}},
    "conditionalAccessExternalTenants": {
        "conditionalAccessAllExternalTenants": {},
        "conditionalAccessEnumeratedExternalTenants": {"members": ["7e4a0000-0000-4000-8000-000000000001"]},
    },
    "authenticationMethodConfiguration": {name + "AuthenticationMethodConfiguration": {} for name in ("fido2", "sms", "voice", "email", "temporaryAccessPass")},
    "unifiedRoleManagementPolicyRule": {
        "unifiedRoleManagementPolicyExpirationRule": {"isExpirationRequired": "boolean", "maximumDuration": "PT8H"},
        "unifiedRoleManagementPolicyEnablementRule": {"enabledRules": ["MultiFactorAuthentication", "Justification"]},
        "unifiedRoleManagementPolicyApprovalRule": {"setting": None},
    },
}
# One call per object: the folder of the owner stands between.
PER_OWNER = {"members", "appRoleAssignments"}
# The same shape under another address.
ALIASES = {"appRoleAssignments": ["appRoleAssignedTo"], "users": ["signInActivity"]}
# Not read under that address: the reader asks for the members of groups one level at a time.
NOT_READ = {"/groups/{id}/transitiveMembers", "/directoryRoles/{id}/members", "/roleManagement/directory/roleEligibilitySchedules"}


class Bodies:
    """Makes bodies from the schemas of an OpenAPI document."""

    def __init__(self, document: dict, seed: int):
        self.schemas = document["components"]["schemas"]
        self.chance = random.Random(seed)
        self.ids = [str(uuid.UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(6)]
        self.below = {}
        for name, schema in self.schemas.items():
            for part in schema.get("allOf", []):
                if "$ref" in part:
                    self.below.setdefault(self.short(part["$ref"]), []).append(name.removeprefix(GRAPH))

    @staticmethod
    def short(reference: str) -> str:
        return reference.removeprefix(PREFIX).removeprefix(GRAPH)

    def one_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0

    def properties(self, name: str) -> dict:
        """The properties of a type, those of its bases among them."""
        schema = self.schemas[GRAPH + name]
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found |= self.properties(self.short(part["$ref"])) if "$ref" in part else part.get("properties", {})
        return found

    def value(self, schema: dict, depth: int):
        if "$ref" in schema:
            # A complex property is nullable unless it says otherwise, which a reference has no room for.
            return None if self.one_in(5) else self.named(self.short(schema["$ref"]), depth)
        if schema.get("nullable") and self.one_in(4):
            return None
        kind, form = schema.get("type"), schema.get("format")
        if "enum" in schema:
            return self.word(schema["enum"])
        if kind == "array":
            # Graph puts no null among the members of a collection.
            member = self.short(schema["items"]["$ref"]) if "$ref" in schema["items"] else None
            each = (lambda: self.named(member, depth + 1)) if member else (lambda: self.value(schema["items"], depth + 1))
            return [each() for _ in range(self.chance.choice((0, 0, 1, 2, 4)))]
        if kind == "boolean":
            return self.one_in(2)
        if kind == "integer":
            return self.chance.choice((0, 1, 90, 2_147_483_647))
        if kind == "number":
            return self.chance.choice((0.0, 5.25, 56))
        if kind == "object":
            return {}
        return self.text(form)

    def word(self, words: list):
        return self.chance.choice((*words, "unknownFutureValue", "aWordOfTomorrow"))

    def text(self, form: str | None) -> str:
        if form == "date-time":
            return self.chance.choice(("2026-11-20T06:00:00Z", "2021-03-04T05:06:07.1234567Z", "0001-01-01T00:00:00Z", "2031-01-01T00:00:00Z"))
        if form == "date":
            return "2026-11-20"
        if form == "duration":
            return self.chance.choice(("P180D", "PT8H", "P1Y"))
        if form == "base64url":
            return "AQID"
        if form == "uuid":
            return self.chance.choice(self.ids)
        return self.chance.choice((self.chance.choice(self.ids), "", "Contoso", "Zoë 🦊", "All", "/"))

    def named(self, name: str, depth: int):
        schema = self.schemas[GRAPH + name]
        if "enum" in schema:
            return self.word(schema["enum"])
        if schema.get("type") == "string":
            return self.text(schema.get("format"))
        if depth > 8:
            return {}
        derived = self.below.get(name, []) if depth else []
        beyond = TYPES_BEYOND.get(name, {})
        chosen = self.chance.choice([name, *derived, *beyond, *beyond]) if derived or beyond else name
        made = {}
        for key, property_schema in self.properties(chosen if chosen in derived else name).items():
            # The key of an object is always there, and all objects are of one tenant.
            if key == "id":
                made[key] = TENANT if name == "organization" else self.chance.choice(self.ids)
            elif key in ("azureTenantId", "accountId"):
                made[key] = TENANT
            elif key == "isInitial":
                # A tenant has one initial domain, and a name by chance would be a second.
                made[key] = self.chance.choice((False, None))
            elif not self.one_in(8):
                made[key] = self.value(property_schema, depth + 1)
        for key, kind in beyond.get(chosen, {}).items():
            made[key] = self.beyond(kind)
        if chosen != name or self.one_in(10):
            made["@odata.type"] = f"#{GRAPH}{chosen}" if not self.one_in(10) else f"#{GRAPH}typeOfTomorrow"
        if self.one_in(6):
            made["propertyOfTomorrow"] = self.chance.choice((None, 1, "x", [], ["y"], {"z": None}))
        return made

    def beyond(self, kind):
        if self.one_in(5):
            return None
        if kind == "boolean":
            return self.one_in(2)
        if kind == ["iPv4CidrRange", "iPv6CidrRange"]:
            ranges = (("iPv4CidrRange", "192.0.2.0/24"), ("iPv6CidrRange", "2001:db8::/32"), ("rangeOfTomorrow", None))
            return [{"@odata.type": f"#{GRAPH}{name}", "cidrAddress": address} for name, address in self.chance.sample(ranges, self.chance.randrange(4))]
        return kind

    def body(self, path: str, schema: dict) -> dict:
        """One answer of a path."""
        context = f"https://graph.microsoft.com/v1.0/$metadata#{path.strip('/').replace('{id}', 'x')}"
        if "$ref" in schema:
            answer = self.named(self.short(schema["$ref"]), 0)
            return {"@odata.context": f"{context}/$entity", **answer}
        item = self.short(schema["properties"]["value"]["items"]["$ref"])
        objects = 1 if item == "organization" else self.chance.choice((0, 1, 2, 5))
        return {"@odata.context": context, "value": [self.named(item, 0) for _ in range(objects)]}


def write(path: pathlib.Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def export(bodies: Bodies, document: dict, folder: pathlib.Path) -> int:
    """Writes one export: a body of every data set. Says how many."""
    made, data_sets = 0, set()
    for path, answers in document["paths"].items():
        if path in NOT_READ:
            continue
        schema = answers["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        name = path.rsplit("/", 1)[1]
        for data_set in (name, *ALIASES.get(name, [])):
            body = bodies.body(path, schema)
            body.pop("@odata.context")
            owner = bodies.ids[0] if name in PER_OWNER else ""
            write(folder / data_set / owner / "1.json", body)
            data_sets.add(data_set)
            made += 1
    told = [{"name": name, "endpoint": "", "apiVersion": "v1.0", "pages": 1, "rows": 0, "status": "complete", "permission": None} for name in sorted(data_sets)]
    write(
        folder / "collection.json",
        {"formatVersion": 1, "tenantId": TENANT, "startedAt": "2026-11-23T00:00:00Z", "finishedAt": "2026-11-23T00:01:00Z", "cloud": "global", "dataSets": told},
    )
    return made


def main() -> int:
    idscore, openapi = sys.argv[1:3]
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    document = json.loads(pathlib.Path(openapi).read_text())
    made = number = 0
    faults = []
    while made < wanted:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary) / "export"
            made += export(Bodies(document, SEED + number), document, folder)
            ran = subprocess.run([idscore, "score", str(folder), "--format", "json"], capture_output=True, text=True, cwd=temporary)
            problem = None
            if ran.returncode != 0:
                problem = f"exit code {ran.returncode}: {ran.stderr.strip()}"
            elif not json.loads(ran.stdout):
                problem = "it says nothing"
            if problem:
                faults.append(f"export {number} (seed {SEED + number}): {problem}")
        number += 1
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(f"{len(faults)} of {number} exports of random Graph bodies were not read", file=sys.stderr)
        return 1
    print(f"{made} random Graph bodies in {number} exports were read")
    return 0


if __name__ == "__main__":
    sys.exit(main())
