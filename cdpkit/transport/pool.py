"""Threads that carry calls; they do nothing else."""

import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Semaphore, Thread

from cdpkit.transport.attempt import Answer, Attempt, Failure

NAME = "cdpkit-call"
"""How the threads are called."""


class Pool:
    """Threads for calls, started as they are needed.

    They do not keep the interpreter alive: a call that nobody waits for any more ends with it.
    """

    def __init__(self, send: Callable[[Attempt], Answer | Failure]) -> None:
        self._send = send
        self._attempts: SimpleQueue[Attempt | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._threads: list[Thread] = []

    def begin(self, attempt: Attempt) -> None:
        """Send it in a thread; the caller sees to it that there are not too many."""
        self._attempts.put(attempt)
        if not self._idle.acquire(blocking=False):
            thread = Thread(target=self._run, name=f"{NAME}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self, seconds: float) -> bool:
        """End the threads; False where one of them is still under way after some seconds."""
        for _ in self._threads:
            self._attempts.put(None)
        end = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:  # an interrupt may have come before its start
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while self._carry(self._attempts.get()):
            self._idle.release()

    def _carry(self, attempt: Attempt | None) -> bool:
        if attempt is None:
            return False
        if attempt.claim():
            outcome: Answer | Failure = Failure("the call broke off in this program")
            try:
                outcome = self._send(attempt)
            finally:
                attempt.finish(outcome)
        return True
