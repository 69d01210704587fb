"""Reading users of the imitation one by one, and identifying, merging and deleting them; subscriptions."""

from typing import Any

from tests.sandbox.braze.conftest import Begin
from tests.sandbox.braze.workspace import Workspace

ALIAS = {"alias_name": "c-1", "alias_label": "shop"}


def post(braze: Workspace, path: str, **given: Any) -> dict[str, Any]:
    reply = braze.api.post(path, json=given)
    assert reply.is_success, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_unknown_ids_are_listed_and_are_no_error(shared: Workspace) -> None:
    """And not listed where there are none."""
    shared.write(external_id="r-1", email="r1@example.com")
    told = shared.export("external_id", external_ids=["r-1", "zz"])
    assert told == {"users": [{"external_id": "r-1"}], "invalid_user_ids": ["zz"], "message": "success"}
    assert "invalid_user_ids" not in shared.export("email", external_ids=["r-1"])
    for wrong in ({"external_ids": ["a"]}, {"external_ids": ["a"] * 51, "fields_to_export": ["email"]}):
        assert shared.api.post("/users/export/ids", json=wrong).status_code == 400


def test_everybody_at_the_start_can_be_found_by_what_they_have(begin: Begin) -> None:
    """By external id, or an alias, e-mail, phone in another spelling, and the vendor's id; some lack each."""
    braze = begin(people=200)
    people = braze.people()
    assert len(people) == 200
    lacking = {name: sum(name not in each for each in people) for name in ("external_id", "email", "phone")}
    assert all(0 < each < 120 for each in lacking.values()), lacking
    for each in people[:60]:
        wanted: list[dict[str, Any]] = [{"braze_id": each["braze_id"]}]
        wanted += [{"external_ids": [each["external_id"]]}] if "external_id" in each else []
        wanted += [{"email_address": each["email"]}] if "email" in each else []
        wanted += [{"phone": each["phone"].replace(" ", "")}] if "phone" in each else []
        wanted += [{"user_aliases": each["user_aliases"]}] if each["user_aliases"] else []
        for who in wanted:
            assert [one["braze_id"] for one in braze.export(**who)["users"]] == [each["braze_id"]], who
        assert len(wanted) > 1
    assert all(bool(each["user_aliases"]) == ("external_id" not in each) for each in people)


def test_an_alias_is_given_to_a_user_or_makes_one(begin: Begin) -> None:
    """Giving it again changes nothing."""
    braze = begin(people=0)
    braze.write(external_id="a")
    post(braze, "/users/alias/new", user_aliases=[{"external_id": "a", **ALIAS}])
    assert braze.export("external_id", user_aliases=[ALIAS])["users"] == [{"external_id": "a"}]
    other = {"alias_name": "c-2", "alias_label": "shop"}
    for _ in range(2):
        assert post(braze, "/users/alias/new", user_aliases=[other])["aliases_processed"] == 1
    assert braze.state()["people"] == 2


def test_identifying_gives_an_external_id_or_merges(begin: Begin) -> None:
    """Into who has it already, who keeps what it has."""
    braze = begin(people=0)
    braze.track(attributes=[{"user_alias": ALIAS, "_update_existing_only": False, "tier": "gold", "points": 1}])
    post(braze, "/users/identify", aliases_to_identify=[{"external_id": "a", "user_alias": ALIAS}])
    assert braze.custom("a") == {"tier": "gold", "points": 1}
    braze.track(attributes=[{"email": "a@example.com", "points": 9, "plan": "pro"}])
    post(braze, "/users/identify", emails_to_identify=[{"external_id": "a", "email": "a@example.com"}])
    assert braze.custom("a") == {"tier": "gold", "points": 1, "plan": "pro"}
    assert braze.user("a")["email"] == "a@example.com"
    assert braze.state()["people"] == 1


def test_merging_keeps_one_of_two(begin: Begin) -> None:
    """Accepted also where somebody is not there, which changes nothing."""
    braze = begin(people=0)
    for who, given in (("old", {"points": 1, "tier": "gold"}), ("new", {"points": 2})):
        braze.write(external_id=who, **given)
    for _ in range(2):
        pair = {"identifier_to_merge": {"external_id": "old"}, "identifier_to_keep": {"external_id": "new"}}
        assert post(braze, "/users/merge", merge_updates=[pair]) == {"message": "success"}
    assert braze.custom("new") == {"points": 2, "tier": "gold"}
    assert braze.user("old") == {}


def test_deleting_counts_what_was_asked(begin: Begin) -> None:
    """Who comes again is somebody new."""
    braze = begin(people=0)
    before = braze.write(external_id="a", points=1)["braze_id"]
    assert post(braze, "/users/delete", external_ids=["a", "zz"])["deleted"] == 2
    assert braze.user("a") == {}
    after = braze.write(external_id="a")
    assert after["braze_id"] != before
    assert "custom_attributes" not in after


def test_subscription_groups_are_set_and_read(begin: Begin) -> None:
    """By their own calls and by /users/track; answers say the states with a capital, but unknown without."""
    braze = begin(people=0)
    for who in ("a", "b", "c"):
        braze.write(external_id=who)
    rows = braze.api.get("/subscription/user/status", params={"external_id[]": "a"}).json()
    assert rows["users"][0]["subscription_groups"] == []
    group = "unknown"
    wrong = {"subscription_group_id": group, "subscription_state": "subscribed", "external_ids": ["a"]}
    reply = braze.api.post("/v2/subscription/status/set", json={"subscription_groups": [wrong]})
    assert (reply.status_code, reply.json()) == (400, {"message": "Invalid subscription group ID"})
    group = braze.state()["subscription_groups"][0]["id"]
    post(braze, "/v2/subscription/status/set", subscription_groups=[{**wrong, "subscription_group_id": group}])
    state = {"subscription_group_id": group, "subscription_state": "unsubscribed"}
    braze.write(external_id="b", subscription_groups=[state, {**state, "subscription_state": "Subscribed"}])
    asked = {"subscription_group_id": group, "external_id[]": ["a", "b", "c", "d"]}
    told = braze.api.get("/subscription/status/get", params=asked).json()
    assert told["status"] == {"a": "Subscribed", "b": "Unsubscribed", "c": "unknown", "d": "unknown"}


def test_addresses_are_unsubscribed(begin: Begin) -> None:
    """Also one that nobody has; those that were are listed."""
    braze = begin(people=0)
    braze.write(external_id="a", email="a@example.com")
    post(braze, "/email/status", email=["a@example.com", "nobody@example.com"], subscription_state="unsubscribed")
    assert braze.user("a", "email_subscribe") == {"email_subscribe": "unsubscribed"}
    assert braze.api.get("/email/unsubscribes").json()["emails"] == [{"email": "a@example.com"}]
