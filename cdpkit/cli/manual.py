"""The command that shows the manual."""

from typing import Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.base import Answer, command


@command()
def manual(
    topic: Annotated[
        str | None,
        typer.Argument(metavar="TOPIC", help="A page; without it, which there are.", autocompletion=names.topics),
    ] = None,
) -> Answer:
    """Show a page of the manual, or which pages there are."""
    from cdpkit.cli.manual_pages import page, pages, title
    from cdpkit.workspace.texts import text_table

    if topic is not None:
        text = page(topic)
        return Answer({"topic": topic, "text": text}, [text])
    about = {name: title(text) for name, text in pages().items()}
    return Answer({"topics": about}, text_table(("TOPIC", "WHAT IT IS ABOUT"), about.items()))
