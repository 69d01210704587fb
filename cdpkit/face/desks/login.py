"""Logging a connection in from its form: the vendor's page is opened by a link, and the kernel waits for the answer."""

from threading import Thread

from cdpkit.errors import CdpkitError, Stopped
from cdpkit.face.desk import Drawn, heard
from cdpkit.face.desks.base import OfConnection
from cdpkit.runs.login import PendingLogin, begin_login, forget_login
from cdpkit.runs.progress import Observer
from cdpkit.transport.stop import Stop


class LoginDesk(OfConnection):
    """For vendors to which somebody logs in; the address of the page is said, and stands in no saved notebook."""

    def login(self) -> Drawn | None:
        """What the browser draws of it; None where nobody logs in."""
        if self.vendor.auth is None or self.vendor.auth.consent is None:
            return None
        return {"waiting": self.work.drawn().get("name") == self._waiting}

    @heard
    def log_in(self) -> None:
        """Wait for somebody to allow access at the vendor's page; a Stop ends that."""
        if self.work.at_work:
            return
        pending = begin_login(self.home, self.conn.name)
        self.say({"say": "login", "address": pending.address, "redirect": pending.redirect})

        def job(stop: Stop, _tell: Observer) -> None:
            Thread(target=_close, args=(pending, stop), daemon=True, name="cdpkit login").start()
            try:
                with pending:
                    pending.finish()
            except CdpkitError:
                if stop.stopped:
                    raise Stopped("nobody was logged in, and what was kept before stays") from None
                raise
            finally:
                stop.stop()

        self.start(self._waiting, job, lambda _: self._told())

    @heard
    def log_out(self) -> None:
        """Forget the login; nothing is touched at the vendor."""
        forget_login(self.home, self.conn.name)
        self._told()

    @property
    def _waiting(self) -> str:
        return f"Waiting for the login to {self.vendor.title}"

    def _told(self) -> None:
        self.say({"say": "login", "address": "", "redirect": ""})
        self.found = None
        self.forget_problems()


def _close(pending: PendingLogin, stop: Stop) -> None:
    """End a login that is waited for, once a stop is asked for, or it is over anyhow."""
    stop.wait()
    pending.close()
