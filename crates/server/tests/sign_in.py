"""Signing in with OpenID Connect, over HTTP: against the npm package `oidc-provider`, and against an issuer that lies.

    python sign_in.py IDSCORE TENANTS PACKAGES

PACKAGES is a folder with the npm packages `oidc-provider` and `jose`.
"""

import contextlib
import html
import http.cookiejar
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

from service import TENANT, serving

HERE = pathlib.Path(__file__).parent
SECRET = "a-secret-of-the-client-that-nothing-may-show"
OVERVIEW = f"/tenants/{TENANT}/overview"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Page:
    def __init__(self, url: str, answer) -> None:
        self.url, self.status, self.headers = url, answer.status, answer.headers
        self.text = answer.read().decode()

    @property
    def leads_to(self) -> str:
        assert self.status in (302, 303), (self.url, self.status, self.text)
        return urllib.parse.urljoin(self.url, self.headers["location"])


class Browser:
    """Keeps cookies, follows nothing by itself, and remembers every secret that it saw."""

    seen: set[str] = set()

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), Stay())

    def get(self, url: str, form: dict | None = None, headers: dict | None = None) -> Page:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(url, data, {"accept": "text/html", **(headers or {})})
        try:
            answer = self.opener.open(request)
        except urllib.error.HTTPError as error:
            answer = error
        page = Page(url, answer)
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        self.seen.update(value for name in ("code", "state", "nonce") for value in asked.get(name, []))
        self.seen.update(cookie.value for cookie in self.jar if cookie.name.startswith("idscore_s"))
        return page

    def session(self) -> str | None:
        found = [cookie.value for cookie in self.jar if cookie.name.startswith("idscore_session")]
        return found[0] if found else None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def node(script: str, packages: str, *arguments: str):
    """A script that resolves its packages from `packages`, until the block ends."""
    with open(HERE / script) as source:
        command = ["node", "--no-warnings", "--input-type=module", "-", *arguments]
        process = subprocess.Popen(command, cwd=packages, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with process:
        try:
            assert "ready" in process.stdout.readline(), f"{script} did not start"
            yield
        finally:
            process.kill()


@contextlib.contextmanager
def service(idscore: str, tenants: str, issuer: str, port: int):
    settings = f"""
        issuer = "{issuer}"
        client_id = "idscore"
        client_secret_env = "CLIENT_SECRET"
        public_address = "http://127.0.0.1:{port}"
    """
    environment = {**os.environ, "CLIENT_SECRET": SECRET}
    with serving(idscore, tenants, f"127.0.0.1:{port}", {"sign-in.toml": settings}, environment) as running:
        yield running


def begin(browser: Browser, base: str, back: str = OVERVIEW) -> str:
    """On to the provider; says where."""
    page = browser.get(base + back)
    assert page.leads_to.startswith(f"{base}/sign-in?return="), page.leads_to
    found = re.search(r'href="(/sign-in/provider[^"]*)"', browser.get(page.leads_to).text)
    return browser.get(base + html.unescape(found.group(1))).leads_to


def at_provider(browser: Browser, address: str, account: str, base: str) -> str:
    """Signs in at the pages of `oidc-provider`; says where it leads back to."""
    for _ in range(10):
        page = browser.get(address)
        if page.status == 200:
            action = urllib.parse.urljoin(address, html.unescape(re.search(r'<form[^>]*action="([^"]*)"', page.text).group(1)))
            login = {"prompt": "login", "login": account, "password": "any"}
            page = browser.get(action, login if 'name="login"' in page.text else {"prompt": "consent"})
        address = page.leads_to
        if address.startswith(base):
            return address
    raise AssertionError(address)


def refused(browser: Browser, address: str, status: int, said: str, case: str) -> None:
    page = browser.get(address)
    assert page.status == status, (case, page.status, page.text)
    assert said in html.unescape(page.text), (case, page.text)
    assert "<h1" in page.text and browser.session() is None, case


def begun_sessions(running) -> list[dict]:
    listed = json.loads(running.run("audit", "list", "--format", "json", "--limit", "1000"))
    return [json.loads(entry["detail"]) for entry in listed if entry["action"] == "session.begin"]


def real(idscore: str, tenants: str, packages: str) -> list[str]:
    done, provider, port = [], free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    with node("provider.mjs", packages, str(provider), base, SECRET), service(
        idscore, tenants, f"http://127.0.0.1:{provider}", port
    ) as running:
        for account, role in [("rita", "reader"), ("otto", "operator"), ("ada", "administrator")]:
            browser = Browser()
            answer = at_provider(browser, begin(browser, base), account, base)
            page = browser.get(answer)
            assert page.leads_to == base + OVERVIEW, "back to the page that was asked for"
            assert account in (shown := browser.get(page.leads_to)).text and shown.status == 200
            session = begun_sessions(running)[-1]
            assert session["person"]["roles"] == {"*": role}, session
            assert session["person"]["name"] == f"{account}@example.org" and session["origin"] == "oidc"
            done.append(f"{account} is {role}")
            refused(Browser(), answer, 403, "This attempt has ended", "another browser")

        used, code = answer, urllib.parse.parse_qs(urllib.parse.urlsplit(answer).query)["code"][0]
        fresh = Browser()
        refused(fresh, used, 403, "This attempt has ended", "replayed state")
        done.append("replayed state")
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(begin(fresh, base)).query)["state"][0]
        replayed = f"{base}/sign-in/answer?{urllib.parse.urlencode({'code': code, 'state': state})}"
        refused(fresh, replayed, 403, "did not hold up", "replayed code")
        done.append("replayed code")

        stolen, thief = Browser(), Browser()
        begin(thief, base)
        answer = at_provider(stolen, begin(stolen, base), "ada", base)
        refused(thief, answer, 403, "This attempt has ended", "an answer brought by another browser")
        refused(stolen, answer, 403, "This attempt has ended", "and it is used up")
        done.append("answer in another browser")

        nobody = Browser()
        refused(nobody, at_provider(nobody, begin(nobody, base), "nobody", base), 403, "You have no role here", "missing role")
        done.append("missing role")
        cancelled = Browser()
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(begin(cancelled, base)).query)["state"][0]
        refused(cancelled, f"{base}/sign-in/answer?error=access_denied&state={state}", 403, "sent you back", "cancelled")
        done.append("cancelled")

        away = Browser()
        address = begin(away, base)
        away.get(f"{base}/sign-in/provider?return=https://evil.example/")
        address = away.get(f"{base}/sign-in/provider?return=//evil.example/").leads_to
        assert away.get(at_provider(away, address, "ada", base)).leads_to == f"{base}/", "no open redirect"
        done.append("no open redirect")

        page = away.get(base + OVERVIEW)
        before, token = away.session(), re.search(r'name="token" value="([^"]+)"', page.text).group(1)
        page = away.get(f"{base}/sign-out", {"token": token}, {"sec-fetch-site": "same-origin"})
        assert page.leads_to == f"{base}/signed-out" and away.session() is None
        on = away.get(page.leads_to).headers["refresh"].removeprefix("0; url=")
        assert on.startswith(f"http://127.0.0.1:{provider}/session/end?client_id=idscore"), on
        asks = away.get(on).text
        action, xsrf = (re.search(found, asks).group(1) for found in (r'action="([^"]*)"', r'name="xsrf" value="([^"]*)"'))
        assert away.get(action, {"xsrf": xsrf, "logout": "yes"}).leads_to == f"{base}/sign-in"
        there = begin(away, base)
        assert 'name="login"' in away.get(away.get(there).leads_to).text, "the provider knows nobody any more"
        kept = {"cookie": f"idscore_session_{port}={before}"}
        assert Browser().get(base + OVERVIEW, headers=kept).status == 303, "a kept cookie is worth nothing"
        done.append("signed out here and at the provider")

        fixed = Browser()
        planted = "f" * 64
        answer = at_provider(fixed, begin(fixed, base), "rita", base)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in fixed.jar if cookie.name.startswith("idscore_"))
        page = Browser().get(answer, headers={"cookie": f"idscore_session_{port}={planted}; {cookies}"})
        given = re.search(rf"idscore_session_{port}=([0-9a-f]+)", page.headers["set-cookie"]).group(1)
        assert given != planted
        planted = {"cookie": f"idscore_session_{port}={planted}"}
        assert Browser().get(base + OVERVIEW, headers=planted).status == 303, "a planted session stays empty"
        done.append("no session fixation")
        silent(running)
    return done


def lying(idscore: str, tenants: str, packages: str) -> list[str]:
    done, issuer, port = [], free_port(), free_port()
    base, at = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{issuer}"
    believed, stranger = "did not hold up", "You have no role here"
    good = {}
    cases = [
        ("a good token", good, None),
        ("wrong nonce", {"claims": {"nonce": "another"}}, believed),
        ("no nonce", {"without": ["nonce"]}, believed),
        ("expired token", {"after": {"exp": -5}}, believed),
        ("token of the future", {"after": {"nbf": 300}}, believed),
        ("within the leeway", {"after": {"nbf": 30}}, None),
        ("issued in the future", {"after": {"iat": 300}}, believed),
        ("foreign issuer", {"claims": {"iss": "http://127.0.0.1:1"}}, believed),
        ("foreign issuer in the answer", {"answered": "https://evil.example"}, believed),
        ("its own issuer in the answer", {"answered": at}, None),
        ("wrong audience", {"claims": {"aud": "another"}}, believed),
        ("a second audience", {"claims": {"aud": ["idscore", "another"], "azp": "idscore"}}, believed),
        ("authorized for another party", {"claims": {"azp": "another"}}, believed),
        ("wrong key", {"key": "unpublished", "kid": "first"}, believed),
        ("unknown key", {"key": "unpublished"}, believed),
        ("no signature", {"alg": "none"}, believed),
        ("signed with our own secret", {"alg": "HS256"}, believed),
        ("a new key", {"key": "second", "published": ["first", "second"]}, None),
        ("missing role", {"without": ["roles"]}, stranger),
        ("an unknown role", {"claims": {"roles": ["Owner"]}}, stranger),
        ("a group with the name of a role", {"claims": {"roles": [], "groups": ["Global Administrator"]}}, stranger),
        ("a role by template", {"claims": {"roles": [], "wids": ["5d6b6bb7-de71-4623-b4af-96380a352509"]}}, None),
        ("roles left out", {"claims": {"roles": [], "_claim_names": {"roles": "src1"}}}, "too many groups"),
        ("too many groups that nobody looks at", {"claims": {"_claim_names": {"groups": "src1"}}}, None),
    ]
    later = [("an old key that was taken back", {"key": "first", "published": ["second"]}, believed)]
    with node("issuer.mjs", packages, str(issuer), SECRET):
        with service(idscore, tenants, at, port) as running:
            done += tried(running, base, at, cases)
            pressed = [Browser().get(f"{base}/sign-in/provider").status for _ in range(40)]
            assert pressed[-1] == 429 and 303 in pressed, pressed
            done.append("too many attempts")
            silent(running)
        # Keys are believed for ten minutes; a service that begins asks for them.
        with service(idscore, tenants, at, port) as running:
            done += tried(running, base, at, later)
    # The provider is gone: a page says so.
    with service(idscore, tenants, at, port):
        page = Browser().get(f"{base}/sign-in/provider")
        assert page.status == 502 and "does not answer" in page.text, page.text
    done.append("no provider")
    return done


def tried(running, base: str, issuer: str, cases: list) -> list[str]:
    """Signs in with each scenario; `said` is what the page of a refusal says, none where somebody gets in."""
    for case, scenario, said in cases:
        request = urllib.request.Request(f"{issuer}/scenario", json.dumps(scenario).encode(), method="PUT")
        urllib.request.urlopen(request).close()
        before, browser = len(begun_sessions(running)), Browser()
        answer = browser.get(begin(browser, base)).leads_to
        page = browser.get(answer)
        if said is None:
            assert page.status == 303, (case, page.text)
            assert page.leads_to == base + OVERVIEW and browser.get(page.leads_to).status == 200, case
        else:
            assert page.status in (403, 502) and said in html.unescape(page.text), (case, page.status, page.text)
            assert browser.session() is None and browser.get(base + OVERVIEW).status == 303, case
        assert len(begun_sessions(running)) == before + (said is None), case
    return [case for case, _, _ in cases]


def silent(running) -> None:
    """Neither the log nor the audit log holds a secret that a browser saw, and refusals are in both."""
    written = running.log() + running.run("audit", "list", "--format", "json", "--limit", "1000")
    secrets = {SECRET, *(secret for secret in Browser.seen if len(secret) > 15)}
    assert len(secrets) > 20, "the browsers saw secrets"
    assert not [secret for secret in secrets if secret in written]
    assert "signIn.refuse" in written and "somebody was not signed in" in written


if __name__ == "__main__":
    program, exports, folder = sys.argv[1], sys.argv[2], sys.argv[3]
    provider, own = real(program, exports, folder), lying(program, exports, folder)
    for case in provider + own:
        print(case)
    print(f"{len(provider)} cases with oidc-provider, {len(own)} with an issuer of our own")
