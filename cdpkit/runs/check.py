"""Looking for everything that keeps a connection from running."""

from dataclasses import replace

from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.vendor_settings import settings_problems
from cdpkit.errors import CdpkitError, ConfigurationError, problems_of
from cdpkit.kit.lists import choice_problems
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs import kinds
from cdpkit.runs.folder import remove_run_folder, run_folder
from cdpkit.runs.found import Found
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.imports.files import fields_of_files
from cdpkit.runs.memory import forgotten_problems
from cdpkit.runs.session import Session, driver_for, objective_problems, open_session, read_connection


def check_connection(home: Home, name: str) -> list[Problem]:
    """Every problem of a connection with its fix; none where it can run.

    Settings, credentials, objectives and goals are looked at; the vendor is asked once. Where it cannot be asked, the
    goals are not compared with its fields and lists.

    Raises:
        UnknownNameError: No such connection.
        ConfigurationError: Its file cannot be read as a connection.
    """
    connection, vendor = read_connection(home, name)
    found = _of_file(home, name, connection)
    wrong = settings_problems(vendor.settings, connection.settings, home.root.nearby)
    if wrong:
        return found + wrong
    try:
        session = _look(home, name, connection, vendor)
    except ConfigurationError as error:
        return found + problems_of(error, "settings", "mend it, then check again")
    except CdpkitError as error:
        return found + problems_of(error, vendor.title, "then check again")
    found += choice_problems(
        vendor.settings, session.settings, session.discovery, vendor.things, "settings", vendor.title
    )
    planned: list[str] = []
    for goal in kinds.in_run_order(goal for goal in connection.goals if goal.active):
        kind = kinds.get(goal.kind)
        found += [problem.below("goals", goal.name) for problem in kind.problems(session, goal, planned)]
        planned += kind.adds(goal)
    return found


def discover(home: Home, name: str) -> Found:
    """Ask the vendor for its fields, lists, and whatever else there is to choose.

    Raises:
        CdpkitError: The settings do not fit, or the vendor cannot be asked.
    """
    connection, vendor = read_connection(home, name)
    if vendor.importer is None or vendor.importer.reads is None:
        session = _look(home, name, connection, vendor)
        return Found(session.vendor, session.settings, session.discovery)
    run = run_id()
    driver, settings = driver_for(home, name, connection, vendor, run)
    try:
        with driver:
            session = open_session(home, name, connection, vendor, driver, settings)
            fields = fields_of_files(session, run_folder(home.root, run))
    finally:
        remove_run_folder(home.root, run)
    return Found(vendor, settings, replace(session.discovery, fields=(*session.discovery.fields, *fields)))


def _look(home: Home, name: str, connection: ConnectionSettings, vendor: Vendor) -> Session:
    driver, settings = driver_for(home, name, connection, vendor)
    with driver:
        driver.run(vendor.check(settings))
        return open_session(home, name, connection, vendor, driver, settings)


def _of_file(home: Home, name: str, connection: ConnectionSettings) -> list[Problem]:
    found = []
    if not connection.enabled:
        found.append(is_off(name))
    if not any(goal.active for goal in connection.goals):
        found.append(Problem("goals", "no goal is active", "add one with conn.goals.add(...)").located())
    found += forgotten_problems(home, name, [goal.name for goal in connection.goals])
    return found + objective_problems(home, connection)


def is_off(name: str) -> Problem:
    """That a connection is switched off."""
    return Problem("enabled", f"connection {name!r} is off", "switch it on with conn.enable()").located()
