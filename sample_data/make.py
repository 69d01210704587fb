"""Invents the people of the examples; `python sample_data/make.py` writes the same files again, byte for byte.

Nobody in them exists: names are made of syllables, addresses end in example.com, .org or .net, telephone numbers are
from the ranges kept for fiction. The files are as dirty as real exports, on purpose:

- `crm.csv`: 3,000 customers and more lines. UTF-8 with a byte order mark; `customer_id` has leading zeros; notes hold
  quotes, commas and line ends; exact duplicates; people twice, their address in other case or with blanks around; no
  address, or one that cannot be; accents, other alphabets, emoji; points that are no numbers; trailing blanks; dates
  with the day first; yes and no in any case; lines with too few or too many fields.
- `crm_update.csv`: a day later: the same columns, without the dirt; plans that changed, fields that were cleared,
  people who are new, and people of whom nothing changed.
- `shop_orders.parquet`: typed; several rows a customer, each with what had been bought until then, the latest last;
  tags are lists; times have a zone; some values are null.
- `newsletter.csv`: addresses in any case; `interests` is text with `|` between; `subscribed_at` has different offsets
  from UTC, or none.
- `app_events.ndjson`: one object a line, with a `device` inside and lists; keys are missing where nothing is known.
"""

import csv
import io
import json
import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

PEOPLE = 3000
NEW_PEOPLE = 80
TODAY = date(2026, 3, 1)

FIRST = [["A", "Be", "Ca", "Do", "E", "Fi", "Jo", "Ka", "Lu", "Mi"], ["", "ri", "lo", "ne", "sa", "mu"]]
FIRST_END = ["na", "ra", "lis", "do", "vin", "mer", "bel", "ro"]
LAST = [["Van", "Mor", "Bel", "Har", "Lin", "Sto", "Wes", "Kro", "Tal", "Fer"], ["", "de", "bi", "co", "ma", "ru"]]
LAST_END = ["berg", "ton", "mans", "field", "ley", "ski", "sen", "poole"]
FAR_AWAY = [
    ("Zoë", "Müllerich"), ("Élodille", "Ñandosa"), ("Søralis", "Åkerbelle"), ("İlkanur", "Şahmerli"),
    ("Žofimila", "Dvořánská"), ("Αλκίνα", "Μορφίδου"), ("Мирольва", "Белотальская"), ("美玲子", "林原田"),
    ("ليلانور", "الطارقين"), ("נועלי", "ברקשון"), ("दीपालिनी", "शर्मवाल"), ("Lu😀", "O'Harbel"),
]  # fmt: skip
DOMAINS = ["example.com", "example.com", "example.org", "example.net"]
PLANS = ["free", "free", "basic", "gold", ""]
COUNTRIES = ["BE", "BE", "NL", "FR", "DE", "GB", "US", ""]
YES_NO = {"yes": ["yes", "yes", "Yes", ""], "no": ["no", "no", "NO", "no ", ""]}
PHONES = ["+44 1632 960{:03}", "0044 (1632) 960-{:03}", "+1 212-555-01{:02}", "(212) 555.01{:02}", ""]
NOTES = [
    'Says "call me back", twice', "Prefers e-mail, not letters", "Two lines:\nthe second one", 'Ends in a quote "',
    "Loves the shop 🎉", "Moved; new address, see file", "née Mörbelle", "tab\there", "  ",
]  # fmt: skip
BAD_ADDRESSES = ["{}.example.com", "{}@@example.com", "{} x@example.com", "{}@example", "@example.com", "none"]
BAD_POINTS = ["n/a", "12,5", "1 200", "-", "unknown", "99999999999999999999"]
INTERESTS = ["books", "garden", "music", "travel", "cooking", "sport"]
TAGS = ["vip", "returns", "gift", "outlet", "early bird"]
OFFSETS = ["Z", "+01:00", "+05:30", "-08:00", "+00:00", ""]
CRM_FIELDS = [
    "customer_id", "email", "first_name", "last_name", "plan", "country", "signup_date", "newsletter", "points",
    "notes", "phone",
]  # fmt: skip

Row = dict[str, Any]


def chance(rng: random.Random, percent: int) -> bool:
    """Whether something happens that does in so many of 100 cases."""
    return rng.random() * 100 < percent


def person(rng: random.Random, number: int) -> Row:
    """One clean customer, as the CRM has it; `number` makes the id and the address unique."""
    first = "".join(map(rng.choice, [*FIRST, FIRST_END]))
    last = "".join(map(rng.choice, [*LAST, LAST_END]))
    email = f"{first}.{last}{number}@{rng.choice(DOMAINS)}".lower()
    if chance(rng, 8):
        first, last = rng.choice(FAR_AWAY)
    phone = rng.choice(PHONES).format(rng.randrange(100))
    return {
        "customer_id": f"{number:06}",
        "email": email,
        "first_name": first,
        "last_name": last,
        "plan": rng.choice(PLANS),
        "country": rng.choice(COUNTRIES),
        "signup_date": (TODAY - timedelta(days=rng.randrange(1, 2000))).isoformat(),
        "newsletter": rng.choice(["yes", "no"]),
        "points": str(rng.randrange(2000)),
        "notes": rng.choice(NOTES) if chance(rng, 10) else "",
        "phone": phone,
    }


def soiled(rng: random.Random, row: Row) -> Row:
    """The same customer as somebody typed it: at most one kind of dirt in each field."""
    row = {**row, "newsletter": rng.choice(YES_NO[row["newsletter"]])}
    if chance(rng, 3):
        row["email"] = rng.choice(["", "   "])
    elif chance(rng, 2):
        row["email"] = rng.choice(BAD_ADDRESSES).format(row["email"].split("@")[0])
    if chance(rng, 2):
        row["points"] = rng.choice(BAD_POINTS)
    elif chance(rng, 5):
        row["points"] = ""
    if chance(rng, 3):
        row["first_name"] += "  "
        row["plan"] += " "
    if chance(rng, 2):
        row["signup_date"] = date.fromisoformat(row["signup_date"]).strftime("%d/%m/%Y")
    return row


def typed_again(rng: random.Random, row: Row) -> Row:
    """A second entry for a customer: a new id, the address in other case or with blanks around."""
    email = rng.choice([row["email"].upper(), row["email"].title(), f" {row['email']}", f"{row['email']}  "])
    return {**row, "customer_id": f"9{row['customer_id'][1:]}", "email": email, "points": str(rng.randrange(500))}


def csv_text(fields: list[str], rows: list[Row]) -> str:
    """A CSV with a header, quoted where it must be, lines ended by a line feed."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def crm(rng: random.Random, people: list[Row]) -> str:
    """`crm.csv`: everyone, soiled, with duplicates among them and ragged lines at known places."""
    rows = [soiled(rng, row) for row in people]
    again = [rng.choice(rows) for _ in range(40)]
    again += [typed_again(rng, rng.choice(people)) for _ in range(60)]
    for row in again:
        rows.insert(rng.randrange(len(rows)), row)
    text = csv_text(CRM_FIELDS, rows)
    for index in range(6):
        extra = person(rng, PEOPLE + 1000 + index)
        values = [extra[name] for name in CRM_FIELDS[:8]]
        line = ",".join(values[:5] if index % 2 else [*values, "5", "short", "", "left over", "and more"])
        # After a line that ends a row: customer ids stand at the beginning of a line only.
        place = text.index(f"\n{(index + 1) * 400:06},")
        text = f"{text[:place]}\n{line}{text[place:]}"
    return "\ufeff" + text


def crm_update(rng: random.Random, people: list[Row]) -> str:
    """`crm_update.csv`: a day later."""
    rows = []
    for row in people[::5]:
        change = {}
        if chance(rng, 40):
            change["plan"] = rng.choice([plan for plan in ["free", "basic", "gold"] if plan != row["plan"]])
        elif chance(rng, 25):
            change[rng.choice(["phone", "plan", "points", "country"])] = ""
        rows.append({**row, **change})
    new = [person(rng, PEOPLE + 1 + index) for index in range(NEW_PEOPLE)]
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    return csv_text(CRM_FIELDS, rows + [{**row, "signup_date": tomorrow} for row in new])


def shop_orders(rng: random.Random, people: list[Row]) -> pl.DataFrame:
    """`shop_orders.parquet`: 1 to 4 rows for a third of the people, in the order of time."""
    rows = []
    for row in people:
        if not chance(rng, 33):
            continue
        cents, tags = 0, []
        for order in range(1, rng.randrange(2, 6)):
            cents += rng.randrange(500, 20000)
            tags += [tag for tag in TAGS if chance(rng, 15) and tag not in tags]
            day = TODAY - timedelta(days=400 - 90 * order + rng.randrange(60))
            at = datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(60), tzinfo=UTC)
            rows.append(
                {
                    "customer_id": row["customer_id"],
                    "email": None if chance(rng, 5) else row["email"],
                    "order_total": None if chance(rng, 3) else cents / 100,
                    "orders": order,
                    "tags": None if chance(rng, 5) else list(tags),
                    "last_order": None if chance(rng, 3) else at,
                }
            )
    schema = {"customer_id": pl.String, "email": pl.String, "order_total": pl.Float64, "orders": pl.Int64}
    frame = pl.DataFrame(rows, {**schema, "tags": pl.List(pl.String), "last_order": pl.Datetime("us", "UTC")})
    return frame.with_columns(pl.col("last_order").dt.convert_time_zone("Europe/Brussels"))


def newsletter(rng: random.Random, people: list[Row]) -> str:
    """`newsletter.csv`: half of the people and 200 whom the CRM does not know."""
    known = [row["email"] for row in people if chance(rng, 50)]
    unknown = [person(rng, 2 * PEOPLE + index)["email"] for index in range(200)]
    rows = []
    for email in known + unknown:
        day = TODAY - timedelta(days=rng.randrange(700))
        clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
        chosen = [interest for interest in INTERESTS if chance(rng, 30)]
        rows.append(
            {
                "email": rng.choice([email, email, email.upper(), email.title()]),
                "interests": "|".join(chosen),
                "opt_in": rng.choice(["true", "true", "false"]),
                "subscribed_at": f"{day}T{clock}{rng.choice(OFFSETS)}",
            }
        )
    return csv_text(["email", "interests", "opt_in", "subscribed_at"], rows)


def app_event(rng: random.Random, row: Row, number: int) -> Row:
    """One line of `app_events.ndjson`; null stands for a key that the line will not have."""
    at = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(28 * 86400))
    system = rng.choice(["iOS", "Android"])
    screen = {"width": rng.choice([390, 1080]), "height": rng.choice([844, 2400])}
    device = {"system": system, "version": f"{rng.randrange(12, 19)}.{rng.randrange(5)}", "screen": screen}
    return {
        "event_id": f"ev-{number:05}",
        "email": row["email"] if chance(rng, 90) else None,
        "customer_id": row["customer_id"] if chance(rng, 60) else None,
        "type": rng.choice(["open", "search", "add_to_basket", "order"]),
        "at": at.isoformat().replace("+00:00", "Z"),
        "device": device if chance(rng, 85) else None,
        "screens": [screen for screen in ["home", "list", "détail", "basket"] if chance(rng, 50)],
        "seconds": round(rng.random() * 300, 1) if chance(rng, 80) else None,
    }


def app_events(rng: random.Random, people: list[Row]) -> str:
    """`app_events.ndjson`: 1,500 events of some of the people."""
    events = [app_event(rng, rng.choice(people[::3]), number) for number in range(1500)]
    lines = [{key: value for key, value in event.items() if value is not None} for event in events]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def write(folder: Path) -> None:
    """Write all five files into a folder that exists."""
    people = [person(random.Random(number), number) for number in range(1, PEOPLE + 1)]
    # Each file has a seed of its own, so that a change to one leaves the others as they are.
    texts = {
        "crm.csv": crm,
        "crm_update.csv": crm_update,
        "newsletter.csv": newsletter,
        "app_events.ndjson": app_events,
    }
    for name, make in texts.items():
        (folder / name).write_text(make(random.Random(name), people), encoding="utf-8", newline="")
    shop_orders(random.Random("shop"), people).write_parquet(folder / "shop_orders.parquet", compression="zstd")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
