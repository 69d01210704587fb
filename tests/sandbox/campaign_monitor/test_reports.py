"""What people did with campaigns, as the imitation reports it."""

from tests.sandbox.campaign_monitor.conftest import Begin

KINDS = ("recipients", "opens", "clicks", "bounces", "unsubscribes", "spam")


def test_reports_agree_with_each_other_and_with_histories(begin: Begin) -> None:
    """Whoever clicked opened too; a summary counts what the reports list; a person's history has the same events."""
    at = begin(people=1500)
    found = at.get(f"/clients/{at.client()}/campaigns.json").json()
    assert found["TotalNumberOfRecords"] == 3
    campaign = next(each["CampaignID"] for each in found["Results"] if each["Name"] == "March news")
    rows = {kind: at.get(f"/campaigns/{campaign}/{kind}.json").json()["Results"] for kind in KINDS}
    assert all(rows.values())
    who = {kind: {row["EmailAddress"] for row in rows[kind]} for kind in KINDS}
    assert who["clicks"] <= who["opens"] <= who["recipients"]
    assert not who["bounces"] & who["recipients"]
    summary = at.get(f"/campaigns/{campaign}/summary.json").json()
    assert summary["Recipients"] == at.get(f"/campaigns/{campaign}/recipients.json").json()["TotalNumberOfRecords"]
    assert summary["UniqueOpened"] <= summary["TotalOpened"]
    email = rows["clicks"][0]["EmailAddress"]
    history = at.get(f"/subscribers/{at.list('Newsletter')}/history.json", email=email).json()
    (own,) = (each["Actions"] for each in history if each["ID"] == campaign)
    assert ("Click", rows["clicks"][0]["URL"]) in {(each["Event"], each["Detail"]) for each in own}
    assert {each["Date"] for each in own if each["Event"] == "Open"} == {
        row["Date"] for row in rows["opens"] if row["EmailAddress"] == email
    }


def test_reports_come_in_pages_and_since_a_date(begin: Begin) -> None:
    """In the order that is asked for; campaigns are a bare array in the version before."""
    at = begin(people=600)
    campaigns = at.get(f"/clients/{at.client()}/campaigns.json", orderdirection="asc").json()["Results"]
    assert [each["SentDate"] for each in campaigns] == sorted(each["SentDate"] for each in campaigns)
    late = at.get(f"/clients/{at.client()}/campaigns.json", sentfromdate=campaigns[-1]["SentDate"]).json()["Results"]
    assert [each["Name"] for each in late] == [campaigns[-1]["Name"]]
    before = at.http.get(f"/api/v3.2/clients/{at.client()}/campaigns.json").json()
    assert [each["Name"] for each in before] == [each["Name"] for each in campaigns[::-1]]
    path = f"/campaigns/{campaigns[0]['CampaignID']}/opens.json"
    whole = at.get(path).json()["Results"]
    assert [row["Date"] for row in whole] == sorted(row["Date"] for row in whole)
    middle = whole[len(whole) // 2]["Date"]
    assert at.get(path, date=middle).json()["Results"] == [row for row in whole if row["Date"] >= middle]
    pages = [at.get(path, page=n, pagesize=10).json()["Results"] for n in (1, 2)]
    assert pages[0] + pages[1] == whole[:20]
    assert at.get("/campaigns/none/opens.json").json()["Code"] == 102
    missing = at.get(f"/subscribers/{at.list('Newsletter')}/history.json", email="nobody@example.com")
    assert missing.json()["Code"] == 203
