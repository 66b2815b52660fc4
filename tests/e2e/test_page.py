"""The page at /_bodega/ as HTTP and as text: who gets it, under which policy, and that the file is sound.
tests/page has it in a browser."""

import base64
import collections
import hashlib
import html.parser
import pathlib
import re

import requests

from server import Server
from test_security import EVIL, exchange

FILE = pathlib.Path(__file__).parents[2] / "server" / "control" / "page.html"
CHROMIUM = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MAX_BYTES = 60_000
VOID = {"meta", "link", "input", "br"}


class Outline(html.parser.HTMLParser):
    """Tags with their attributes, and what does not fit together."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.tags = []
        self.wrong = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at line {self.getpos()[0]}")

    def values(self, attribute):
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


def test_the_file_is_sound_html():
    outline = Outline(FILE.read_text())
    assert outline.wrong == [] and outline.open == []
    ids = outline.values("id")
    assert [name for name, count in collections.Counter(ids).items() if count > 1] == []
    links = [link[1:] for link in outline.values("href") if link.startswith("#")]
    named = " ".join(outline.values("aria-labelledby") + outline.values("for")).split()
    assert set(links + named) <= set(ids)


def test_the_file_has_what_a_screen_reader_goes_by():
    outline = Outline(FILE.read_text())
    tags = collections.Counter(tag for tag, _ in outline.tags)
    assert [tags[name] for name in ("html", "title", "header", "main", "h1", "nav")] == [1] * 6
    assert tags["table"] == tags["caption"] == 3
    assert all(attributes.get("scope") for tag, attributes in outline.tags if tag == "th")
    assert dict(outline.tags)["html"]["lang"] == "en"
    assert "polite" in outline.values("aria-live")


def test_the_file_asks_nothing_of_any_other_host():
    text = FILE.read_text()
    assert len(text.encode()) <= MAX_BYTES
    assert set(re.findall(r"https?://[\w.]+", text)) == {"http://www.w3.org"}  # a name, never asked for
    outline = Outline(text)
    assert outline.values("src") == [] and outline.values("style") == []
    assert [name for _, attributes in outline.tags for name in attributes if name.startswith("on")] == []
    assert not re.search(r"innerHTML|\beval\(|document\.write|@import|\burl\(", text)


def test_it_is_served_under_a_policy_that_names_what_is_in_it(bodega):
    answer = requests.get(f"{bodega.http}/_bodega/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    text = answer.content.decode()
    assert text == FILE.read_text()
    policy = dict(part.strip().split(" ", 1) for part in
                  answer.headers["Content-Security-Policy"].split(";") if " " in part.strip())
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    for tag in ("style", "script"):
        part = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"


def test_a_browser_that_opens_the_root_is_sent_there(bodega):
    answer = requests.get(bodega.http, headers=CHROMIUM, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/_bodega/")
    assert requests.get(bodega.http, headers=CHROMIUM).text == FILE.read_text()
    java = {"User-Agent": "Java/17.0.9", "Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}
    assert "ListAllMyBucketsResult" in requests.get(bodega.http, headers=java).text
    assert "ListAllMyBucketsResult" in requests.get(f"{bodega.http}/?x-id=ListBuckets", headers=CHROMIUM).text
    bucket = {**CHROMIUM, "Host": f"no-such-bucket.localhost:{bodega.http.rpartition(':')[2]}"}
    assert "NoSuchBucket" in requests.get(bodega.http, headers=bucket).text


def test_other_pages_get_neither_it_nor_a_reset(bodega):
    own = {"Origin": bodega.http, "Sec-Fetch-Site": "same-origin"}
    for method, path in (("GET", "/_bodega/"), ("GET", "/_bodega/status"), ("POST", "/_bodega/reset")):
        for stranger in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            status, head, body = exchange(bodega, method, path, stranger)
            assert status == 403 and "--cors-origins" in body and "access-control-allow" not in head
        rebound = {"Host": "evil.example:4566", "Sec-Fetch-Site": "same-origin"}
        assert exchange(bodega, method, path, rebound)[0] == 403
    with Server() as server:
        own["Origin"] = server.http
        assert requests.post(f"{server.http}/_bodega/reset", headers=own).json()["status"] == "ok"


def test_with_verify_it_is_for_this_machine_alone(tmp_path):
    keys = tmp_path / "credentials"
    keys.write_text("[a]\naws_access_key_id = AKIDONE\naws_secret_access_key = right\n")
    keys.chmod(0o600)
    verify = ("--auth", "verify", "--credentials", str(keys))
    with Server(*verify) as server:
        page = f"{server.http}/_bodega/"
        assert requests.get(page, headers=CHROMIUM).status_code == 200
        elsewhere = requests.get(page, headers={**CHROMIUM, "X-Forwarded-For": "203.0.113.9"})
        assert elsewhere.status_code == 403 and "signature of a key" in elsewhere.text
    with Server("--http", "0.0.0.0:0", *verify) as server:
        page = server.http.replace("0.0.0.0", "127.0.0.1") + "/_bodega/"
        refused = requests.get(page, headers=CHROMIUM)
        assert refused.status_code == 403 and "signature of a key" in refused.text
        assert requests.post(f"{page}reset", headers=CHROMIUM).status_code == 403
