"""A connection, opened: its settings resolved, its vendor found, its fields and lists discovered."""

from dataclasses import dataclass

from cdpkit import vendors
from cdpkit.config.connections import ConnectionFiles, ConnectionSettings
from cdpkit.config.goal import GoalSettings
from cdpkit.config.token_file import TokenFile
from cdpkit.config.vendor_settings import resolve_settings
from cdpkit.errors import CdpkitError, refuse
from cdpkit.kit.declare import ALLOW_HTTP, LIMITS_FACTOR, Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.lists import choice_problems
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem, unknown
from cdpkit.runs.folder import run_folder
from cdpkit.runs.home import Home
from cdpkit.transport.driver import Driver
from cdpkit.transport.login import Login
from cdpkit.transport.redact import secrets_in, without
from cdpkit.transport.silence import aloud
from cdpkit.transport.stop import Hearing


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a connection, also while the vendor is not asked.

    Attributes:
        home: The workspace.
        name: The connection.
        connection: Its file.
        vendor: Its vendor.
        settings: The vendor's settings, secrets revealed and wrapped; those that fit, while it is not opened.
        discovery: The vendor's fields and lists; None where it was not asked.
    """

    home: Home
    name: str
    connection: ConnectionSettings
    vendor: Vendor
    settings: Settings
    discovery: Discovery | None


@dataclass(frozen=True, slots=True)
class Session(Known):
    """An opened connection.

    Attributes:
        discovery: The vendor's fields and lists as they are now.
        driver: Serves what the vendor asks for.
    """

    discovery: Discovery
    driver: Driver

    def key(self, goal: GoalSettings) -> str:
        """The name under which the tables hold what belongs to a goal."""
        return f"{self.name}/{goal.name}"

    def said(self, error: CdpkitError) -> str:
        """An error as the history keeps it: a secret that the vendor repeated is blotted out."""
        return without(str(error), secrets_in(self.settings))

    @property
    def objectives(self) -> tuple[str, ...]:
        """The linked objectives that need consent; none where everybody is processed."""
        return linked_objectives(self.home, self.connection)

    @property
    def zone(self) -> str:
        """The time zone in which texts without one are read."""
        return zone_of(self.home, self.connection)


def read_connection(home: Home, name: str) -> tuple[ConnectionSettings, Vendor]:
    """The file of a connection, and its vendor.

    Raises:
        UnknownNameError: There is no such connection, or no such vendor.
        ConfigurationError: The file does not fit.
    """
    connection = ConnectionFiles(home.root).get(name).read()
    return connection, vendors.get(connection.vendor)


def driver_for(
    home: Home,
    name: str,
    connection: ConnectionSettings,
    vendor: Vendor,
    run: str = "look",
    hearing: Hearing | None = None,
) -> tuple[Driver, Settings]:
    """A driver under the connection's settings, and those settings; pages go to the folder of the run.

    Raises:
        ConfigurationError: A setting does not fit; lists every problem.
    """
    settings = resolve_settings(vendor.settings, connection.settings, home.root.nearby)
    kept = TokenFile(home.root, name, vendor.name)
    driver = Driver(
        settings.get("base_url"),
        vendor.limits,
        folder=run_folder(home.root, run),
        vendor=vendor.title,
        addresses={address: settings[address] for address in vendor.addresses if settings[address]},
        limits_factor=settings[LIMITS_FACTOR.name],
        allow_http=settings[ALLOW_HTTP.name],
        secrets=secrets_in(settings),
        tell=aloud,
        hearing=hearing,
        workspace=home.root,
        login=None if vendor.auth is None else Login(vendor.auth, settings, kept.load, kept.save),
    )
    return driver, settings


def open_session(
    home: Home, name: str, connection: ConnectionSettings, vendor: Vendor, driver: Driver, settings: Settings
) -> Session:
    """Look at the vendor's fields and lists.

    Raises:
        CredentialsError: The vendor does not take the key.
        RemoteError: It cannot be reached, or answers what cannot be read.
        ConfigurationError: A setting names what is not there, or says what is not so.
    """
    discovery = driver.run(vendor.discover(settings))
    wrong = choice_problems(vendor.settings, settings, discovery, vendor.things, "settings", vendor.title)
    wrong += vendor.contradictions(settings, discovery)
    refuse(f"the settings of {vendor.title}", wrong)
    return Session(home, name, connection, vendor, settings, discovery, driver)


def zone_of(home: Home, connection: ConnectionSettings) -> str:
    """The time zone in which a connection reads texts without one."""
    return home.settings.read().zone if connection.schedule is None else connection.schedule.timezone


def linked_objectives(home: Home, connection: ConnectionSettings) -> tuple[str, ...]:
    """The objectives of which a profile has to consent to at least one; none where everybody is processed.

    Raises:
        ConfigurationError: An objective that the workspace does not have.
    """
    refuse("the connection cannot be used", objective_problems(home, connection))
    known = home.settings.read().objectives
    free = any(not known[name].needs_consent for name in connection.objectives)
    return () if free else connection.objectives


def objective_problems(home: Home, connection: ConnectionSettings) -> list[Problem]:
    """The objectives that a connection is linked to and that the workspace does not have."""
    known = home.settings.read().objectives
    return [
        unknown("objectives", "objective", name, known, f"add it with ws.objectives.add({name!r})")
        for name in connection.objectives
        if name not in known
    ]
