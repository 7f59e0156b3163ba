"""The permission notification: what is put into a researcher's inbox at ORCID (API_FACTS.md 10). Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mappers.documents import (
    Affiliation,
    Document,
    ExternalId,
    Funding,
    PeerReview,
    Relationship,
    Work,
)
from mappers.forms import Version
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wire.body_parts import EXTERNAL_ID, Json, write_entries
from mappers.wire.v2_1 import respelled

PATH = "notification-permission"
SCOPE = "/premium-notification"
"""What our client's own token has to allow (API_FACTS.md 1.3)."""
MOST_ITEMS = 50
"""How many items a notification names: nobody reads more."""
LONGEST_NAME = 1000
"""Characters of an item's name, of the subject and of the introduction (API_FACTS.md 10)."""
LONGEST_INSTITUTION = 200
_DOTS = "…"


class Language(StrEnum):
    """The languages that a request can be written in."""

    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"


@dataclass(frozen=True, slots=True)
class _Texts:
    """`subject` stays under 25 characters, as ORCID advises. `more` tells how many items are not named."""

    subject: str
    intro: str
    more: str
    institution: str


_TEXTS: Mapping[Language, _Texts] = {
    Language.ENGLISH: _Texts(
        subject="Update your ORCID record",
        intro="{institution} would like to add what is listed here to your ORCID record, and to keep what it added up"
        " to date, so that you need not. Nothing is written unless you allow it, and you can take your permission back"
        " at any time: in your ORCID account, under Trusted parties.",
        more=" {number} more wait.",
        institution="Your institution",
    ),
    Language.SPANISH: _Texts(
        subject="Actualizar su ORCID",
        intro="{institution} desea añadir a su registro ORCID lo que se indica aquí y mantener al día lo que añada,"
        " para que usted no tenga que hacerlo. No se escribe nada sin su permiso, y puede retirarlo en cualquier"
        " momento en su cuenta de ORCID, en el apartado de partes de confianza.",
        more=" Hay {number} más en espera.",
        institution="Su institución",
    ),
    Language.FRENCH: _Texts(
        subject="Actualiser votre ORCID",
        intro="{institution} souhaite ajouter à votre dossier ORCID ce qui figure ici et tenir à jour ce qui aura été"
        " ajouté, pour vous éviter de le faire. Rien n'est écrit sans votre permission, et vous pouvez la retirer à"
        " tout moment dans votre compte ORCID, parmi les parties de confiance.",
        more=" {number} de plus sont en attente.",
        institution="Votre établissement",
    ),
}


@dataclass(frozen=True, slots=True)
class NamedItem:
    """One item as the notification names it, with its first `self` identifier if it has one."""

    section: Section
    name: str
    external_id: ExternalId | None


def path_of(version: Version, orcid: OrcidId, put_code: int | None = None) -> str:
    """Where a record's notifications are posted, or one of them is read."""
    base = f"/{version}/{orcid}/{PATH}"
    return base if put_code is None else f"{base}/{put_code}"


def named_items(documents: Iterable[Document], version: Version) -> list[NamedItem]:
    """Those of the documents that a notification of this version can name, in the order of sections, then of names.

    ORCID's list of item-types has no research resources and no facts about the person; v2.1's only two affiliations.
    """
    order = list(Section)
    found = [named for document in documents if (named := _named(document, version)) is not None]
    return sorted(found, key=lambda one: (order.index(one.section), one.name))


def _named(document: Document, version: Version) -> NamedItem | None:
    match document:
        case Affiliation(role_title=role, department_name=department, organization=organization):
            name = ", ".join(part for part in (role or department, organization.name) if part)
        case Work(title=title) | Funding(title=title):
            name = title
        case PeerReview():
            name = document.subject_name or document.subject_container_name or document.organization.name
        case _:
            return None
    if not document.section.is_in(version):
        return None
    own = (one for one in document.external_ids if one.relationship is Relationship.SELF)
    return NamedItem(document.section, _shortened(name, LONGEST_NAME), next(own, None))


def write_notification(
    items: Sequence[NamedItem], *, waiting: int, url: str, institution: str | None, language: Language, version: Version
) -> bytes:
    """The notification in JSON; raises ValueError without items, for ORCID's schema wants one.

    `url` is where the researcher gives permission, `waiting` how many items wait for it. ORCID stores a `uri` as it
    stands, and hides the click on it behind a page of its own, by which it knows `actioned-date`; with a `path` alone
    the link would lead to orcid.org itself.
    """
    if not items:
        raise ValueError("a notification names one item at least")
    texts, shown = _TEXTS[language], items[:MOST_ITEMS]
    whose = _shortened(institution or texts.institution, LONGEST_INSTITUTION)
    more = texts.more.format(number=waiting - len(shown)) if waiting > len(shown) else ""
    body: Json = {
        "notification-type": _word("permission", version),
        "authorization-url": {"uri": url},
        "notification-subject": texts.subject,
        "notification-intro": texts.intro.format(institution=whose) + more,
        "items": {"item": [_item(one, version) for one in shown]},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _item(item: NamedItem, version: Version) -> Json:
    body: Json = {"item-type": _word(item.section.value, version), "item-name": item.name}
    if item.external_id is not None:
        external_id = write_entries(EXTERNAL_ID, item.external_id)
        body["external-id"] = respelled(external_id, capitals=True) if version is Version.V2_1 else external_id
    return body


def _word(word: str, version: Version) -> str:
    """A word of ORCID's lists: v2.1's JSON has them in capitals (API_FACTS.md 6.1, 10)."""
    return word.upper().replace("-", "_") if version is Version.V2_1 else word


def _shortened(text: str, most: int) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= most else folded[: most - len(_DOTS)] + _DOTS
