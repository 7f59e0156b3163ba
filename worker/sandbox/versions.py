"""A version of ORCID's schema and API: they differ in what they know and in some rules (API_FACTS section 5)."""

from typing import Final

V2_1: Final = "v2.1"
V3_0: Final = "v3.0"
BOTH: Final = frozenset({V2_1, V3_0})
ONLY_V3_0: Final = frozenset({V3_0})
