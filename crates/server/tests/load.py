"""`idscore serve` under load: load.py IDSCORE [postgres://…]

Everybody at once, over loopback, each kind of client from an address of its own: people save decisions, guessers try one-time
links, exports arrive, connections drip, and a probe asks for health. Prints what was seen; the exit code is 1 where a bound
that `docs/security.md` names does not hold. It is bounded in clients and in time, and ends by itself.
"""

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

from service import address_in

PEOPLE, GUESSERS, UPLOADERS, DRIPS = 100, 20, 10, 500
ADDRESSES = {"people": "127.0.0.2", "guesses": "127.0.0.3", "uploads": "127.0.0.4", "drips": "127.0.0.5", "probe": "127.0.0.6"}
# Together 100 MB as an export; each tenant has its own.
TENANTS, USERS = 5, 62_000
SCOPES = ["SecurityEvents.ReadWrite.All"]


@dataclasses.dataclass
class Seen:
    """What one kind of client was answered: how often each status, and after how many seconds."""

    statuses: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    seconds: list[float] = dataclasses.field(default_factory=list)

    def answer(self, status: int | str, seconds: float) -> None:
        self.statuses[status] += 1
        self.seconds.append(seconds)

    def percentile(self, percent: int) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")

    def line(self, name: str) -> str:
        said = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items(), key=lambda item: str(item[0])))
        times = ", ".join(f"p{percent} {self.percentile(percent) * 1000:.0f} ms" for percent in (50, 99, 100))
        return f"  {name + ':':<10} {said}; {times}"


class Client:
    """One kept-alive connection of HTTP/1.1 from an address of its own."""

    def __init__(self, kind: str, port: int) -> None:
        self.kind, self.port, self.streams = kind, port, None

    async def connect(self):
        self.streams = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(ADDRESSES[self.kind], 0))
        return self.streams

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None

    async def ask(self, method: str, path: str, token: str | None = None, body: bytes | pathlib.Path = b"", media: str = "application/json"):
        """The status and the body of the answer; asks again once where the service had closed a connection that stood idle."""
        for fresh in (self.streams is None, True):
            try:
                return await self._ask(method, path, token, body, media)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if fresh:
                    raise

    async def _ask(self, method, path, token, body, media):
        reader, writer = self.streams or await self.connect()
        length = body.stat().st_size if isinstance(body, pathlib.Path) else len(body)
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {length}\r\nContent-Type: {media}\r\n"
        head += f"Authorization: Bearer {token}\r\n\r\n" if token else "\r\n"
        writer.write(head.encode())
        if isinstance(body, pathlib.Path):
            with body.open("rb") as file:
                while part := file.read(1 << 20):
                    writer.write(part)
                    await writer.drain()
        else:
            writer.write(body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        status = int(lines[0].split()[1])
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if "content-length" in headers:
            answer = await reader.readexactly(int(headers["content-length"]))
        else:
            answer = b""
            while size := int((await reader.readline()).split(b";")[0], 16):
                answer += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        if headers.get("connection") == "close":
            self.close()
        return status, answer


@dataclasses.dataclass
class Load:
    """All clients of one service, and what they saw."""

    port: int
    tenants: list[str]
    tokens: dict[str, list[str]]
    exports: dict[str, pathlib.Path]
    # Controls about which there is something to decide.
    open_controls: dict[str, list[str]]
    until: float = 0.0
    # The service was told to stop: what is refused from then on is no failure.
    stopping: bool = False
    seen: dict[str, Seen] = dataclasses.field(default_factory=lambda: collections.defaultdict(Seen))
    acknowledged: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def going(self) -> bool:
        return time.monotonic() < self.until

    async def asked(self, kind: str, client: Client, *question) -> tuple[int | None, bytes]:
        begun = time.monotonic()
        try:
            status, answer = await client.ask(*question)
        except (OSError, asyncio.IncompleteReadError) as error:
            client.close()
            if not self.stopping:
                self.seen[kind].answer(type(error).__name__, time.monotonic() - begun)
            return None, b""
        if not self.stopping:
            self.seen[kind].answer(status, time.monotonic() - begun)
        return status, answer

    async def person(self, number: int) -> None:
        """Saves a decision each second, each with a note of its own."""
        tenant = self.tenants[number % len(self.tenants)]
        token = self.tokens[tenant][number // len(self.tenants)]
        client = Client("people", self.port)
        await asyncio.sleep(number / PEOPLE)
        due = time.monotonic()
        while self.going():
            note = f"person {number} at {time.monotonic_ns()}"
            change = {"controlId": random.choice(self.open_controls[tenant]), "note": note, "status": random.choice(["planned", "toAddress"])}
            body = json.dumps({"actions": [change]}).encode()
            status, _ = await self.asked("people", client, "PATCH", f"/api/v1/tenants/{tenant}/actions", token, body)
            if status == 200:
                self.acknowledged.append((tenant, note))
            due += 1
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        client.close()

    async def guesser(self, number: int) -> None:
        client = Client("guesses", self.port)
        while self.going():
            await self.asked("guesses", client, "GET", f"/sign-in/{random.randbytes(24).hex()}")
            await asyncio.sleep(0.1)
        client.close()

    async def uploader(self, number: int) -> None:
        tenant = self.tenants[number % len(self.tenants)]
        client = Client("uploads", self.port)
        while self.going():
            path = f"/api/v1/tenants/{tenant}/snapshots"
            await self.asked("uploads", client, "POST", path, self.tokens[tenant][-1], self.exports[tenant], "application/zip")
            await asyncio.sleep(5)
        client.close()

    async def drip(self, number: int) -> None:
        """Sends the head of a request a byte a second, and begins anew when it is hung up on."""
        client = Client("drips", self.port)
        while self.going():
            with contextlib.suppress(OSError):
                _, writer = await client.connect()
                for byte in b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 100:
                    if not self.going() or writer.is_closing():
                        break
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(1)
            client.close()
            await asyncio.sleep(1)

    async def probe(self, _: int) -> None:
        client = Client("probe", self.port)
        while self.going():
            await self.asked("probe", client, "GET", "/healthz")
            await asyncio.sleep(0.1)
        client.close()

    async def run(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        kinds = [(self.person, PEOPLE), (self.guesser, GUESSERS), (self.uploader, UPLOADERS), (self.drip, DRIPS), (self.probe, 1)]
        await asyncio.gather(*(client(number) for client, count in kinds for number in range(count)))


def resident(process: subprocess.Popen) -> int:
    """Bytes of memory that a process holds."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def export(idscore: str, folder: pathlib.Path, seed: int) -> tuple[str, pathlib.Path]:
    """An export of about 100 MB as a zip that is not compressed, and its tenant."""
    whole = folder / f"export-{seed}"
    subprocess.run([idscore, "generate", str(whole), "--users", str(USERS), "--seed", str(seed)], check=True, capture_output=True)
    file = folder / f"export-{seed}.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for part in sorted(whole.rglob("*.json")):
            if part.name != "planted.json":
                archive.write(part, part.relative_to(whole))
    [organization] = json.loads(next((whole / "organization").iterdir()).read_text())["value"]
    subprocess.run(["rm", "-rf", str(whole)], check=True)
    return organization["id"], file


def notes(port: int, tenant: str, token: str) -> set[str]:
    """The note of every decision in the log of a tenant."""
    found, after = set(), 0
    while True:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/tenants/{tenant}/audit?after={after}&top=1000",
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request) as answer:
            entries = json.load(answer)["value"]
        found |= {json.loads(entry["detail"])["note"] for entry in entries if entry["action"] == "action.update"}
        if len(entries) < 1000:
            return found
        after = entries[-1]["sequence"]


class Store:
    """A data folder with the tenants of the load."""

    def __init__(self, idscore: str, folder: pathlib.Path, database: str | None) -> None:
        self.idscore, self.folder = idscore, folder
        self.environment = os.environ | ({"IDSCORE_DATABASE": database} if database else {})

    def run(self, *arguments: str) -> str:
        program = [self.idscore, *arguments, "--data", str(self.folder)]
        return subprocess.run(program, check=True, capture_output=True, text=True, env=self.environment).stdout.strip()

    @contextlib.contextmanager
    def serving(self, log: pathlib.Path):
        with log.open("w") as stderr:
            program = [self.idscore, "serve", "--data", str(self.folder), "--listen", "127.0.0.1:0"]
            process = subprocess.Popen(program, stderr=stderr, env=self.environment)
            try:
                yield process, int(address_in(log, process).rsplit(":", 1)[1])
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()


async def warmed_up(load: Load) -> None:
    """One upload of each tenant's export, one after the other."""
    for tenant, file in load.exports.items():
        client = Client("uploads", load.port)
        status, answer = await client.ask("POST", f"/api/v1/tenants/{tenant}/snapshots", load.tokens[tenant][-1], file, "application/zip")
        client.close()
        assert status == 201, (status, answer)


async def stopped_under_load(load: Load, process: subprocess.Popen) -> tuple[int | None, float]:
    """Exit code and seconds from SIGTERM to the end, with all clients at work."""
    clients = asyncio.create_task(load.run(40))
    await asyncio.sleep(8)
    load.stopping = True
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    while process.poll() is None and time.monotonic() - begun < 30:
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - begun
    clients.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await clients
    return process.poll(), seconds


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("idscore")
    arguments.add_argument("database", nargs="?")
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--quiet-seconds", type=float, default=60)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        store = Store(asked.idscore, scratch / "data", asked.database)
        exports = dict(export(asked.idscore, scratch, seed) for seed in range(1, TENANTS + 1))
        tokens: dict[str, list[str]] = {}
        open_controls: dict[str, list[str]] = {}
        for tenant, file in exports.items():
            store.run("score", str(file), "--format", "json", "--output", str(scratch / "score.json"))
            controls = json.loads((scratch / "score.json").read_text())["controls"]
            open_controls[tenant] = [control["id"] for control in controls if control["outcome"] in ("partial", "notMet")]
            made = range(PEOPLE // TENANTS + 1)
            scopes = [part for scope in SCOPES for part in ("--scope", scope)]
            tokens[tenant] = [store.run("token", "create", f"load {number}", "--tenant", tenant, *scopes) for number in made]
        megabytes = statistics.mean(file.stat().st_size for file in exports.values()) / 1e6
        print(f"{TENANTS} tenants, exports of {megabytes:.0f} MB, on {'PostgreSQL' if asked.database else 'SQLite'}", flush=True)
        failures = []

        def bound(holds: bool, text: str) -> None:
            print(f"  {'holds' if holds else 'FAILS'}: {text}", flush=True)
            if not holds:
                failures.append(text)

        with store.serving(scratch / "log") as (process, port):
            load = Load(port, list(exports), tokens, exports, open_controls)
            asyncio.run(warmed_up(load))
            warm = resident(process)
            asyncio.run(load.run(asked.seconds))
            for kind, seen in load.seen.items():
                print(seen.line(kind), flush=True)
            broken = sum(seen.statuses[status] for seen in load.seen.values() for status in seen.statuses if not isinstance(status, int) or status >= 500)
            people, probe, uploads = load.seen["people"], load.seen["probe"], load.seen["uploads"]
            bound(broken == 0, f"{broken} answers of 500 and above, or none at all")
            refused = {status for status in people.statuses if status != 200}
            bound(not refused, f"decisions were answered {dict(people.statuses)}")
            bound(people.percentile(99) < 0.5, f"p99 of a decision is {people.percentile(99) * 1000:.0f} ms, and is to be under 500 ms")
            bound(probe.percentile(99) < 0.05, f"p99 of /healthz is {probe.percentile(99) * 1000:.0f} ms, and is to be under 50 ms")
            bound(uploads.statuses[201] > 0, f"{uploads.statuses[201]} uploads were kept")
            time.sleep(asked.quiet_seconds)
            after = resident(process)
            bound(after <= 1.5 * warm, f"memory is {after / 1e6:.0f} MB {asked.quiet_seconds:.0f} s later, {after / warm:.2f} × the {warm / 1e6:.0f} MB after the first uploads")
            code, seconds = asyncio.run(stopped_under_load(load, process))
            bound(code == 0 and seconds < 15, f"SIGTERM under the same load: exit code {code} after {seconds:.1f} s, and is to be 0 within 15 s")
        log = (scratch / "log").read_text()
        bound("panicked" not in log, "no panic in the log")
        with store.serving(scratch / "log-after") as (_, port):
            kept = {tenant: notes(port, tenant, tokens[tenant][-1]) for tenant in exports}
        lost = [(tenant, note) for tenant, note in load.acknowledged if note not in kept[tenant]]
        bound(not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged decisions were lost")
        head = store.run("audit", "verify")
        print(f"  log: {head.splitlines()[0] if head else 'verified'}")
        if failures:
            print(log[-3000:], file=sys.stderr)
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
