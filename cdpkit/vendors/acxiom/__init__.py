"""Acxiom: people are asked about in batches, each question is paid, and what comes back enriches their profiles."""

from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects
from cdpkit.kit.enriching import EnrichAsked, Enricher
from cdpkit.kit.kinds import Address, Choice, Number, Secret
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.vendors.acxiom import api, confidence, documents, questions
from cdpkit.vendors.acxiom.ask import ask
from cdpkit.vendors.acxiom.options import OPTIONS, problems

_SETTINGS = (
    Setting("client_id", "The API key of the application", required=True, label="Client key"),
    Setting("client_secret", "The API secret of the application", Secret(), required=True, label="Client secret"),
    Setting("base_url", "Where the API is, with its version", Address(), default=api.HERE),
    Setting("token_url", "Where tokens are had, as Acxiom has issued it", Address(), default=api.LOGIN),
    Setting("credentials", "Where the client stands when it asks for a token", Choice(("body", "basic")), "body"),
    Setting("tenant", "The tenant, where the client belongs to several"),
    Setting("role", "The role, where the client has several"),
    Setting(
        "price",
        "What a document costs, in the currency of your contract: for estimates and budgets",
        Number(least=0),
        label="Price of a document",
    ),
    Setting(
        "batch_size",
        "Most requests of a batch; 100 in Acxiom's test mode",
        Number(least=len(documents.CLASSES), most=api.MOST, whole=True),
        default=api.MOST,
    ),
    Setting(
        "documents",
        f"The classes of your contract, by commas; left out, {', '.join(documents.CLASSES)}",
        label="Classes of documents",
    ),
    Setting(
        "licensed", "The bundles of your contract, by commas; left out, all that are known", label="Licensed bundles"
    ),
    Setting(
        "more_fields",
        "Further fields of your contract, by commas, such as person.newBundle.field",
        label="Further fields",
    ),
    Setting("sensitive_fields", "Further sensitive fields, by commas, without their class, such as interests.religion"),
    Setting(
        "paths",
        "Words of classes in requests where they are others, such as person = person, place = place",
        label="Words of classes",
    ),
    Setting(
        "confidence_scale",
        "What a match tells: the step of the cascade (1 is best), or a score (more is better)",
        Choice(("cascade", "score")),
        default="cascade",
    ),
)


def _discover(settings: Settings) -> Effects[Discovery]:
    """What the settings say of the contract: Acxiom has no call that tells."""
    yield from ()
    return documents.discovered(settings)


def _contradictions(settings: Settings, _: Discovery) -> list[Problem]:
    wrong = [name for name in documents.listed(settings["documents"]) if name not in documents.CLASSES]
    wrong += [name for name in documents.listed(settings["more_fields"]) if documents.named(name) is None]
    classes = ", ".join(documents.CLASSES)
    return [
        Problem("settings", f"{name!r} is of no class of documents", f"write one of: {classes}").located()
        for name in wrong
    ]


def _most(asked: EnrichAsked) -> int:
    return int(asked.settings["batch_size"])


VENDOR = Vendor(
    name="acxiom",
    title=api.AT,
    help="What is known of people, homes and businesses; paid per request",
    own_settings=_SETTINGS,
    limits=api.LIMITS,
    check=api.check,
    discover=_discover,
    contradictions=_contradictions,
    things=(documents.BUNDLES, documents.SENSITIVE),
    auth=api.AUTH,
    account=("base_url", "client_id"),
    importer=None,
    exporter=None,
    enricher=Enricher(
        options=OPTIONS,
        parameters=questions.PARAMETERS,
        problems=problems,
        about=questions.needed,
        questions=questions.questions,
        most=_most,
        price=lambda settings: settings["price"],
        documents=lambda _: 1,
        ask=ask,
        judge=confidence.judge,
        groups=documents.GROUPS,
    ),
)
