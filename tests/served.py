"""Serving generators of effects by hand."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cdpkit.kit.effects import Effect, Effects, Http, Keep, Reply, Together

T = TypeVar("T")
Answer = Callable[[Http], Reply | Exception]


def answered(status: int = 200, body: object = None, **named: Any) -> Reply:
    text = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Reply(status=status, headers={"content-type": "application/json"}, body=text, **named)


def script(*replies: Reply | Exception) -> Answer:
    """Answers in this order, and no more calls than answers."""
    waiting = list(replies)
    return lambda _: waiting.pop(0)


def drive(
    effects: Effects[T], answer: Answer, look: Callable[[Effect], None] = lambda _: None
) -> tuple[T, list[Effect]]:
    """Serve a generator to its end; what it keeps is JSON. `look` is given each effect."""
    asked: list[Effect] = []
    try:
        effect = next(effects)
        while True:
            asked.append(effect)
            look(effect)
            if isinstance(effect, Keep):
                json.dumps(effect.state)
            replies = [answer(call) for call in calls([effect])]
            if isinstance(effect, Together):
                effect = effects.send(tuple(replies))
            elif replies and isinstance(replies[0], Exception):
                effect = effects.throw(replies[0])
            else:
                effect = effects.send(replies[0] if replies else None)
    except StopIteration as stop:
        return stop.value, asked


def calls(asked: Sequence[Effect]) -> list[Http]:
    """The calls among what was asked for."""
    several = [call for effect in asked for call in (effect.effects if isinstance(effect, Together) else (effect,))]
    return [call for call in several if isinstance(call, Http)]
