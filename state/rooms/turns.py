"""Turns: leases of iDs and the request budget, by the store's own clock."""

from typing import Protocol

from mappers.identifiers import OrcidId


class Turns(Protocol):
    """Leases of iDs and the request budget, by the store's own clock."""

    def acquire(self, orcid: OrcidId, holder: str, seconds: float) -> int | None:
        """Takes the iD's lease and returns its epoch; None while another holds it.

        A lease lasts `seconds`; it can be taken over only after twice that long without renewal.
        """
        ...

    def renew(self, orcid: OrcidId, epoch: int, seconds: float) -> bool:
        """Prolongs a lease; false when it was taken over."""
        ...

    def release(self, orcid: OrcidId, epoch: int) -> None:
        """Gives the lease back."""
        ...

    def epoch(self, orcid: OrcidId) -> int:
        """The epoch of the newest lease; 0 when there never was one."""
        ...

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """Takes requests from the budget and returns 0.0; or takes nothing and returns the seconds to wait."""
        ...

    def owe(self, requests: int) -> None:
        """Debits requests already made, below zero if need be."""
        ...

    def slow_down(self, until: float) -> None:
        """Nobody spends before then, and the rate is halved; it grows back within 20 s (state/budget.py)."""
        ...

    def rate_now(self, rate: float) -> float:
        """The requests a second that may be sent now, of `rate`; 0 while nobody may spend."""
        ...

    def used_ratio(self, burst: float) -> float:
        """The share of the burst that is spent now, 0 to 1."""
        ...
