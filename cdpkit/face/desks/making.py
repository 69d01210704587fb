"""What is made in the workspace while a goal is filled in: at once, and for all connections."""

from cdpkit.core.properties import Property, PropertyType
from cdpkit.face.desk import heard
from cdpkit.face.desks.base import OfConnection
from cdpkit.workspace.event_types import EventTypes
from cdpkit.workspace.groups import GroupTypes
from cdpkit.workspace.properties import Properties
from cdpkit.workspace.segments import Segments


class MakingDesk(OfConnection):
    """Nothing of it waits for a save, since other goals may need it too."""

    @heard
    def make_property(self, name: str, type: str, several: bool, identifier: bool, goal: int | None = None) -> None:
        """Add a property to the workspace, now: of profiles, or of the groups that a goal is about."""
        held = None if goal is None else self.form.goal(goal)
        if held is not None and held.about:
            made = Property(name, PropertyType(type or "text"), several)
            GroupTypes(self.home).define(held.about, properties=[made])
        else:
            Properties(self.home).add(name, type or None, multi=several, identifier=identifier)
        self.forget_problems()

    @heard
    def expose_segments(self, on: bool) -> None:
        """Let the names of segments be sent to vendors, or no longer: by the whole workspace, now."""
        Segments(self.home).expose(exposed=on)
        self.forget_problems()

    @heard
    def add_event_type(self, xml: str) -> None:
        """Add the type of timeline events that the XML of a plug-in describes to the workspace, now."""
        EventTypes(self.home).add_xml(xml.encode())
        self.forget_problems()
