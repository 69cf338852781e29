"""The official Microsoft Graph client for Python, pointed at `idscore serve`: typed reading, paging, a change, a 429.

Usage: msgraph_client.py IDSCORE TENANTS
"""

import asyncio
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.secure_score_control_profile import SecureScoreControlProfile
from msgraph.generated.models.secure_score_control_state_update import SecureScoreControlStateUpdate
from msgraph.generated.models.security_vendor_information import SecurityVendorInformation
from msgraph_core.tasks.page_iterator import PageIterator

TENANT = "33333333-0000-4000-8000-0000000000f1"
DAYS = [f"2026-11-{day:02}" for day in range(14, 21)]
REQUESTS_PER_SECOND = 4


class Token(AuthenticationProvider):
    def __init__(self, secret: str) -> None:
        self.secret = secret

    async def authenticate_request(self, request, additional_authentication_context=None) -> None:
        request.headers.add("Authorization", f"Bearer {self.secret}")


def client(address: str, secret: str) -> GraphServiceClient:
    adapter = GraphRequestAdapter(auth_provider=Token(secret))
    adapter.base_url = f"{address}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def preferring(text: str) -> RequestConfiguration:
    configuration = RequestConfiguration()
    configuration.headers.add("Prefer", text)
    return configuration


async def scores_are_read_typed(graph: GraphServiceClient) -> None:
    answer = await graph.security.secure_scores.get()
    assert [score.id for score in answer.value] == [f"{TENANT}_{day}" for day in reversed(DAYS)]
    newest = answer.value[0]
    assert newest.created_date_time.isoformat() == "2026-11-20T00:00:00+00:00"
    assert newest.vendor_information.provider == "SecureScore"
    total = sum(control.score for control in newest.control_scores)
    assert abs(total - newest.current_score) < 1e-9, (total, newest.current_score)
    admin = next(control for control in newest.control_scores if control.control_name == "AdminMFAV2")
    assert (admin.score, admin.additional_data["count"], admin.additional_data["total"]) == (1.25, "1", "8")


async def pages_are_followed(graph: GraphServiceClient) -> None:
    seen: list[str] = []
    first = await graph.security.secure_score_control_profiles.get(preferring("odata.maxpagesize=10"))
    assert len(first.value) == 10 and first.odata_next_link.startswith(graph.request_adapter.base_url)
    iterator = PageIterator(first, graph.request_adapter)
    await iterator.iterate(lambda profile: seen.append(profile.id) or True)
    assert len(seen) == len(set(seen)) > 30, len(seen)
    assert {"AdminMFAV2", "mfa_enforced_all"} <= set(seen)


async def a_state_is_changed(graph: GraphServiceClient) -> None:
    one = graph.security.secure_score_control_profiles.by_secure_score_control_profile_id("BlockLegacyAuthentication")
    before = await one.get()
    assert [update.state for update in before.control_state_updates] == ["Default"]
    body = SecureScoreControlProfile(
        vendor_information=SecurityVendorInformation(provider="SecureScore", vendor="Microsoft"),
        control_state_updates=[SecureScoreControlStateUpdate(state="ThirdParty", comment="gateway", assigned_to="sec@example.org")],
    )
    after = await one.patch(body, preferring("return=representation"))
    assert [update.state for update in after.control_state_updates] == ["ThirdParty"]
    assert await one.patch(body) is None, "without a preference the answer is empty"
    newest = (await graph.security.secure_scores.get()).value[0]
    legacy = next(control for control in newest.control_scores if control.control_name == "BlockLegacyAuthentication")
    assert legacy.score == 8.0, legacy.score


async def errors_are_typed(graph: GraphServiceClient) -> None:
    try:
        await graph.security.secure_scores.by_secure_score_id("nonsense").get()
    except ODataError as error:
        assert (error.response_status_code, error.error.code) == (404, "ResourceNotFound")
        assert error.error.inner_error.request_id
    else:
        raise AssertionError("an unknown id must be an error")


async def a_429_is_waited_for(graph: GraphServiceClient) -> None:
    # More than the burst at once: the client must wait as told, and lose nothing. It asks three times again at most, and those
    # that were told to wait come back together, so that each second lets in one second's worth of them.
    count = REQUESTS_PER_SECOND * 10 + 2 * REQUESTS_PER_SECOND
    started = time.monotonic()
    answers = await asyncio.gather(*(graph.security.secure_scores.get() for _ in range(count)))
    waited = time.monotonic() - started
    assert all(len(answer.value) == len(DAYS) + 1 for answer in answers)
    assert waited >= 1, f"{count} requests in {waited:.2f} s: nobody was told to wait"


async def main(idscore: str, tenants: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = str(pathlib.Path(folder) / "data")

        def run(*arguments: str) -> str:
            done = subprocess.run([idscore, *arguments], check=True, capture_output=True, text=True)
            return done.stdout.strip()

        for day in DAYS:
            export = str(pathlib.Path(tenants) / "risky")
            run("score", export, "--data", data, "--taken-at", f"{day}T06:00:00Z", "--format", "json")
        secret = run("token", "create", "python client", "--data", data, "--scope", "SecurityEvents.ReadWrite.All")
        serve = [idscore, "serve", "--data", data, "--listen", "127.0.0.1:0", "--requests-per-second", str(REQUESTS_PER_SECOND)]
        with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as service:
            try:
                address = re.search(r"http://[0-9.:]+", service.stderr.readline()).group()
                graph = client(address, secret)
                await scores_are_read_typed(graph)
                await pages_are_followed(graph)
                await a_state_is_changed(graph)
                await errors_are_typed(graph)
                await a_429_is_waited_for(graph)
            finally:
                service.terminate()
        assert service.returncode == 0, service.returncode
    print("the official Graph client read, paged, changed, failed and waited as it should")


asyncio.run(main(*sys.argv[1:]))
