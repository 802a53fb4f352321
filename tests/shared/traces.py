"""From the tables and pictures of a report to what their numbers were made from."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "wbr"}


class Traces(HTMLParser):
    """Of a page: its tables and pictures with the links in them and at the head of their parts, its anchors.

    shown: [(part, what it is, addresses)] of tables with numbers and of pictures; texts {anchor: all words
    in it}.
    """

    def __init__(self, page):
        super().__init__()
        self.shown, self.texts, self.part = [], {}, ""
        self._open, self._heads, self._now = [], {}, None
        self.feed(page)
        self.shown = [
            (part, kind, links | self._heads[part])
            for part, kind, links, words in self.shown
            if kind == "figure" or re.search(r"\d", "".join(words))
        ]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self._open.append((tag, attrs.get("id"), attrs.get("class")))
        if tag == "h2":
            self.part, self._heads[""] = "", set()
        if tag in ("table", "figure"):
            self._now = (self.part, tag, set(), [])
            self.shown.append(self._now)
        if tag == "a":
            if self._now:
                self._now[2].add(attrs["href"])
            elif ("p", None, "lead") in self._open:
                self._heads[self.part].add(attrs["href"])

    def handle_endtag(self, tag):
        while self._open.pop()[0] != tag:
            pass
        if tag in ("table", "figure"):
            self._now = None

    def handle_data(self, words):
        tags = [tag for tag, *_ in self._open]
        if tags[-1:] == ["h2"]:
            self.part += words
            self._heads.setdefault(self.part, set())
        if self._now and "td" in tags:
            self._now[3].append(words)
        for _, name, _ in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + words + " "
