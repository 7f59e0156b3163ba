"""Scopes: what a researcher is asked for (API_FACTS.md 1.3)."""

from collections.abc import Collection

from mappers.forms import Version
from mappers.sections import Section

READ = "/read-limited"
"""Lets us see what stands there, so that nothing is doubled."""


def needed_scopes(sections: Collection[Section], switched_off: Collection[Section], version: Version) -> frozenset[str]:
    """The fewest scopes that let us write these sections, where the version has them and the mapping file wants them.

    One scope for activities and one for the person's own data cover every section; reading comes with either.
    """
    wanted = [section for section in sections if section not in switched_off and section.is_in(version)]
    asked = {"/person/update" if section.is_of_person else "/activities/update" for section in wanted}
    return frozenset({*asked, READ})
