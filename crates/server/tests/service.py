"""`idscore serve` over a data folder of its own, for the tests in Python."""

import contextlib
import json
import pathlib
import re
import subprocess
import tempfile
import urllib.request

TENANT = "33333333-0000-4000-8000-0000000000f1"
DAYS = [f"2026-11-{day:02}" for day in range(16, 21)]
SCOPES = ["SecurityEvents.ReadWrite.All", "DirectoryRecommendations.ReadWrite.All"]


class Service:
    """A running service: where it answers, and a token that may do everything."""

    def __init__(self, address: str, token: str, run, log: pathlib.Path) -> None:
        self.address = address
        self.token = token
        self.run = run
        self.log = log.read_text

    def get(self, path: str) -> dict:
        """The JSON of an answer that must be 200."""
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextlib.contextmanager
def serving(idscore: str, tenants: str, listen: str = "127.0.0.1:0", files: dict = {}, environment: dict | None = None):
    """The tenant `risky`, kept on several days, and served so fast that no limit hides an answer.

    `files` go into the data folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = str(pathlib.Path(folder) / "data")

        def run(*arguments: str) -> str:
            done = subprocess.run([idscore, *arguments, "--data", data], check=True, capture_output=True, text=True)
            return done.stdout.strip()

        for day in DAYS:
            run("score", str(pathlib.Path(tenants) / "risky"), "--taken-at", f"{day}T06:00:00Z", "--format", "json")
        token = run("token", "create", "test", *(part for scope in SCOPES for part in ("--scope", scope)))
        serve = [idscore, "serve", "--data", data, "--listen", listen, "--requests-per-second", "100000"]
        for name, text in files.items():
            (pathlib.Path(data) / name).write_text(text)
        # A file and not a pipe: nobody reads it while the service runs.
        with open(pathlib.Path(folder) / "log", "w+") as log, subprocess.Popen(serve, stderr=log, env=environment) as process:
            try:
                yield Service(address_in(pathlib.Path(log.name), process), token, run, pathlib.Path(log.name))
            finally:
                process.terminate()
        assert process.returncode == 0, process.returncode


def address_in(log: pathlib.Path, process: subprocess.Popen) -> str:
    while process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
        if found := re.search(r"http://[0-9.:]+", log.read_text()):
            return found.group()
    raise AssertionError(log.read_text())
