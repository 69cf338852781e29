"""What `idscore serve` answers, against schemas: our own OpenAPI document, and Microsoft Graph's where one is given.

Usage: api_schemas.py IDSCORE TENANTS [GRAPH_OPENAPI]
"""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from service import DAYS, TENANT, Service, serving

PREFIX = "#/components/schemas/"
# What Microsoft's public schema calls open: anything may stand beside the declared properties.
OPEN = {"microsoft.graph.secureScore", "microsoft.graph.controlScore", "microsoft.graph.averageComparativeScore"}


def rows(service: Service, path: str) -> list[dict]:
    """All rows of a collection, page by page."""
    found = []
    while path:
        answer = service.get(path)
        found += answer["value"]
        path = answer.get("@odata.nextLink", "").removeprefix(service.address)
    assert found, path
    return found


def graph_answers(service: Service) -> list[tuple[str, str, dict]]:
    """Answers of Graph's shapes, by their path and by the name of their type."""
    profiles, scores = "/security/secureScoreControlProfiles", "/security/secureScores"
    recommendations = "/directory/recommendations"
    found = []
    for version in ["/v1.0", "/beta"]:
        for path, of in [(scores, "secureScore"), (profiles, "secureScoreControlProfile")]:
            all_rows = rows(service, version + path)
            found += [(version + path, of, row) for row in all_rows]
            found += [(f"{version}{path}/{row['id']}", of, service.get(f"{version}{path}/{row['id']}")) for row in all_rows[:5]]
    for row in rows(service, f"/beta{recommendations}?$expand=impactedResources"):
        found.append((f"/beta{recommendations}", "recommendation", row))
        one = f"/beta{recommendations}/{row['id']}"
        found.append((one, "recommendation", service.get(one)))
        found += [(f"{one}/impactedResources", "impactedResource", resource) for resource in row["impactedResources"]]
    found += [("tenantSecureScores", "tenantSecureScore", row) for row in rows(service, f"/beta{recommendations}/tenantSecureScores")]
    return found


def own_answers(service: Service) -> list[tuple[str, str, dict]]:
    tenant = f"/api/v1/tenants/{TENANT}"
    newest = service.get(tenant)["newest"]
    asked = [("", "TenantWithNewest"), ("/trend", "Trend"), (f"/assessments/{newest['id']}", "Assessment"), ("/actions", "Actions")]
    asked += [("/snapshots", "Snapshots"), (f"/diff?from={DAYS[0]}&to={DAYS[-1]}", "Difference")]
    asked += [("/reviews", "Reviews"), ("/attestations", "Attestations"), ("/compare", "Comparison"), ("/audit", "Audit")]
    judged = [control["id"] for control in newest["controls"] if control["outcome"] in ("partial", "notMet")]
    asked += [(f"/controls/{control}/evidence", "Evidence") for control in judged]
    return [(path, of, service.get(tenant + path)) for path, of in asked]


def by_our_document(document: dict, answers: list[tuple[str, str, dict]]) -> int:
    checked = 0
    for path, of, body in answers:
        name = f"{of}Entity" if "@odata.context" in body else of
        schema = {"$ref": f"{PREFIX}{name}", "components": document["components"]}
        complain(path, Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER), body)
        checked += 1
    return checked


def complain(path: str, validator, body: dict) -> None:
    errors = [f"{path}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]
    assert not errors, "\n".join(errors[:10])


def declared(schemas: dict, schema: dict) -> dict:
    """The properties of a type and of those that it extends."""
    if "$ref" in schema:
        return declared(schemas, schemas[schema["$ref"].removeprefix(PREFIX)])
    properties = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        properties |= declared(schemas, part)
    return properties


def undeclared(schemas: dict, name: str, body: dict) -> list[str]:
    """Members of closed types that the schema does not know; annotations such as `@odata.context` may always be there."""
    properties = declared(schemas, schemas[name])
    found = [] if name in OPEN else [f"{name}.{member}" for member in body if member not in properties and "@" not in member]
    for member, schema in properties.items():
        reference = schema.get("$ref") or schema.get("items", {}).get("$ref")
        below = body.get(member)
        for item in below if isinstance(below, list) else [below]:
            if reference and isinstance(item, dict):
                found += undeclared(schemas, reference.removeprefix(PREFIX), item)
    return found


def by_microsofts(path: str, answers: list[tuple[str, str, dict]]) -> int:
    with open(path, encoding="utf-8") as file:
        components = json.load(file)["components"]
    schemas = components["schemas"]
    checked = 0
    for path, of, body in answers:
        if not path.startswith("/v1.0/"):
            continue
        name = f"microsoft.graph.{of}"
        # In OpenAPI 3.0 nothing may stand beside a reference, but `allOf` may.
        schema = {"allOf": [{"$ref": f"{PREFIX}{name}"}], "components": components}
        complain(path, OAS30Validator(schema, format_checker=oas30_format_checker), body)
        unknown = undeclared(schemas, name, body)
        assert not unknown, f"{path}: {sorted(set(unknown))}"
        checked += 1
    return checked


def main(idscore: str, tenants: str, graph_openapi: str | None = None) -> None:
    with serving(idscore, tenants) as service:
        document = service.get("/api/v1/openapi.json")
        answers = graph_answers(service)
        ours = by_our_document(document, answers + own_answers(service))
    said = f"{ours} objects are as the OpenAPI document says"
    if graph_openapi:
        said += f", {by_microsofts(graph_openapi, answers)} of /v1.0 as Microsoft's public schema says"
    print(said)


main(*sys.argv[1:])
