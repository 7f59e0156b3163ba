"""Outcomes: what a walk through the consent pages, or an exchange on the command line, came to."""

from collections.abc import Mapping
from enum import StrEnum


class Outcome(StrEnum):
    """What a walk came to, or where it stands: each has a page, a log event, and a line on the command line."""

    OFFERED = "offered"
    """ORCID gave a token; the researcher has to confirm whose record it is."""
    MOVES = "moves"
    """The same; and the person is connected to another iD until then."""
    GRANTED = "granted"
    HELD = "held"
    """Confirmed, but ORCID's name and ours differ clearly: an operator decides."""
    DENIED = "denied"
    """The researcher said no at ORCID."""
    DECLINED = "declined"
    """The researcher said no on our page; an operator's rejection, too."""
    ID_TAKEN = "id_taken"
    """The iD is connected to another person."""
    SUPERSEDED = "superseded"
    """Something newer is known of the person's permission."""
    CODE_REUSED = "code_reused"
    CODE_EXPIRED = "code_expired"
    REDIRECT_MISMATCH = "redirect_mismatch"
    CLIENT_REFUSED = "client_refused"
    """Our client id, secret or scopes are wrong, or our client is locked."""
    UNAVAILABLE = "unavailable"
    """No clear answer of ORCID's: the researcher has to start again."""
    BUSY = "busy"
    """The code is being exchanged at this moment."""
    STATE_FORGED = "state_forged"
    STATE_EXPIRED = "state_expired"
    STATE_USED = "state_used"
    OTHER_BROWSER = "other_browser"
    OTHER_USER = "other_user"
    """Single sign-on names somebody else."""
    LINK_FORGED = "link_forged"
    LINK_EXPIRED = "link_expired"

    @property
    def event(self) -> str:
        """The name of its log event."""
        return f"consent_{self.value}"


LINES: Mapping[Outcome, str] = {
    Outcome.OFFERED: "ORCID gave a permission that nobody has confirmed yet",
    Outcome.MOVES: "the person is connected to another iD: add --move to connect this one instead",
    Outcome.GRANTED: "the permission is stored",
    Outcome.HELD: "ORCID's name and ours differ clearly: it waits for approve or reject (see held list)",
    Outcome.DENIED: "the researcher said no at ORCID: no permission is stored",
    Outcome.DECLINED: "the permission was declined: its token is revoked",
    Outcome.ID_TAKEN: "this iD is connected to another person: nothing is stored, its token is revoked",
    Outcome.SUPERSEDED: "something newer is known of this person's permission: nothing is changed",
    Outcome.CODE_REUSED: "this code was used before, and is good once: ask for a new one",
    Outcome.CODE_EXPIRED: "ORCID does not know this code, or not any more: ask for a new one",
    Outcome.REDIRECT_MISMATCH: (
        "the code was given to another redirect URI than ORCID_SYNC_REDIRECT_URI names: correct it, ask for a new one"
    ),
    Outcome.CLIENT_REFUSED: (
        "ORCID refused our client: correct ORCID_SYNC_CLIENT_ID or ORCID_SYNC_CLIENT_SECRET, and ask for a new code"
    ),
    Outcome.UNAVAILABLE: "ORCID gave no clear answer, and a code is tried once only: ask for a new one",
    Outcome.BUSY: "this code is being exchanged at this moment: look again in a minute",
    Outcome.STATE_FORGED: "this answer of ORCID's does not belong to a link for this person",
    Outcome.STATE_EXPIRED: "it took too long: start again",
    Outcome.STATE_USED: "this answer of ORCID's was used before: start again",
    Outcome.OTHER_BROWSER: "this answer of ORCID's belongs to another browser",
    Outcome.OTHER_USER: "somebody else is signed in",
    Outcome.LINK_FORGED: "this is no link of ours",
    Outcome.LINK_EXPIRED: "this link is too old: make a new one",
}
"""Each outcome in one line for the command line."""
