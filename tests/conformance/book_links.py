"""Checks the links of a built book: each leads to a file, and to an anchor if it names one."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("id"):
            self.anchors.add(values["id"])
        link = values.get("href") if tag == "a" else values.get("src")
        if link:
            self.links.add(link)


root = Path(sys.argv[1]).resolve()
pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
broken, count = [], 0
for path, page in pages.items():
    # The page for unknown addresses has links from the root, and the printed book has all pages.
    if path.name in ("404.html", "print.html", "toc.html"):
        continue
    for link in sorted(page.links):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        count += 1
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            broken.append(f"{path.relative_to(root)}: {link} does not exist")
        elif parts.fragment and target in pages:
            if unquote(parts.fragment) not in pages[target].anchors:
                broken.append(f"{path.relative_to(root)}: {link} has no such heading")
print(f"{len(pages)} pages, {count} links")
if broken or len(pages) < 30 or count < 500:
    sys.exit("\n".join(broken) or "error: the book is not whole")
