"""A client of Braze that others wrote, pointed at the imitation by its own settings."""

from importlib import import_module

import pytest

from tests.sandbox.braze.conftest import Begin

pytest.importorskip(
    "braze.client",
    reason='needs a client whose dependencies it does not use: pip install --no-deps "edx-braze-client==1.1.4"',
)


def test_edx_braze_client_works(begin: Begin) -> None:
    """The library edx-braze-client finds, makes, identifies, writes and unsubscribes users, and reads refusals."""
    braze = begin(people=5)
    library, errors = import_module("braze.client"), import_module("braze.exceptions")
    base = braze.addresses["braze"]["base_url"]
    client = library.BrazeClient(braze.key, base, "an-app")
    emails = [f"learner{n}@example.com" for n in range(60)]
    client.create_braze_alias(emails, "Enterprise", attributes=[])
    assert braze.state()["people"] == 65
    assert client.get_braze_external_id(emails[0]) is None
    aliases = [{"alias_label": "Enterprise", "alias_name": email} for email in emails[:3]]
    client.identify_users([{"external_id": f"l-{n}", "user_alias": alias} for n, alias in enumerate(aliases)])
    assert client.get_braze_external_id(emails[1]) == "l-1"
    found = client.get_braze_external_id_batch(emails, "Enterprise")
    assert found == {email: f"l-{n}" for n, email in enumerate(emails[:3])}
    told = client.create_recipients("Enterprise", {emails[3]: "l-3"})
    assert told[emails[3]]["external_user_id"] == "l-3"
    client.track_user(attributes=[{"external_id": f"t-{n}", "points": n} for n in range(200)])
    client.track_user(events=[{"external_id": "l-0", "name": "enrolled", "time": "2026-01-01T00:00:00Z"}])
    assert braze.custom("t-199") == {"points": 199}
    assert braze.user("l-0", "custom_events")["custom_events"][0]["name"] == "enrolled"
    client.unsubscribe_user_email(emails[:2])
    assert [each["email"] for each in client.retrieve_unsubscribed_emails("2026-01-01", "2026-12-31")] == emails[:2]
    with pytest.raises(errors.BrazeBadRequestError, match="is required"):
        client.track_user(attributes=[{"points": 1}])
    with pytest.raises(errors.BrazeUnauthorizedError):
        library.BrazeClient("wrong", base, "an-app").get_braze_external_id(emails[0])
    braze.api.post("/_sandbox/faults", json={"endpoint": "/users/export/ids", "kind": "429"})
    with pytest.raises(errors.BrazeRateLimitError):
        client.get_braze_external_id(emails[0])
