"""HTML, read to be looked at."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What a piece of HTML is made of.

    Attributes:
        tags: Each tag that is opened.
        open: Those that are not closed, or not in their order.
        attributes: The names of all attributes.
        text: What a person reads.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.open, self.attributes, self.text = list[str](), list[str](), set[str](), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.open.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data
