"""An interrupt by the user, held back until nothing is half done."""

import signal
from collections.abc import Callable
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Self

from cdpkit.transport.stop import Hearing


class Interrupt:
    """Holds back the first interrupt of a block until `check`, or the block's end; a second one strikes at once.

    Where the program has its own idea of interrupts, or the block is not run by the main thread, nothing is held back.
    A stop by the program is heard at the same places, in any thread.
    """

    def __init__(self, wake: Callable[[], None], hearing: Hearing | None = None) -> None:
        self._wake = wake
        self._hearing = hearing or Hearing()
        self._asked = False
        self._raised = False
        self._struck = False
        self._held = False

    def __enter__(self) -> Self:
        if current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._ask)
            self._held = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._interrupted()

    @property
    def strikes(self) -> bool:
        """Whether an interrupt that is seen now may have come from the user directly."""
        return self._struck or not self._held

    def check(self) -> None:
        """Raise the interrupt that was held back, or a stop that was asked for.

        Raises:
            KeyboardInterrupt: There was one.
        """
        self._interrupted()
        self._hearing.check()

    def _interrupted(self) -> None:
        if self._asked and not self._raised:
            self._raised = True
            raise KeyboardInterrupt

    def _ask(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - how handlers are called
        if self._asked:
            self._raised = self._struck = True
            raise KeyboardInterrupt
        self._asked = True
        self._wake()
