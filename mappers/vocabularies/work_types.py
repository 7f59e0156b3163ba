"""Work types: ORCID's list (API_FACTS.md 5.9), and the way there from CSL, Crossref and COAR terms."""

from collections.abc import Mapping

from mappers.vocabularies.coar import BY_LABEL, coar_type
from mappers.vocabularies.terms import folded, known_term, spellings, words

WORK_TYPES = words(
    """
    annotation artistic-performance blog-post book-chapter book-review book cartographic-material clinical-study
    conference-abstract conference-output conference-paper conference-poster conference-presentation
    conference-proceedings data-management-plan data-set design dictionary-entry disclosure dissertation-thesis
    edited-book encyclopedia-entry image invention journal-article journal-issue learning-object lecture-speech license
    magazine-article manual moving-image musical-composition newsletter-article newspaper-article online-resource other
    patent physical-object preprint public-speech registered-copyright report research-technique research-tool review
    software sound spin-off-company standards-and-policy supervised-student-publication technical-standard test
    trademark transcription translation website working-paper undefined
    """
)

_ORCID_ALIASES = {
    "article-journal": "journal-article",
    "chapter": "book-chapter",
    "dataset": "data-set",
    "standard": "standards-and-policy",
}
"""Other names that ORCID itself takes."""

_CSL = {
    "article": "preprint",
    "article-magazine": "magazine-article",
    "article-newspaper": "newspaper-article",
    "entry-dictionary": "dictionary-entry",
    "entry-encyclopedia": "encyclopedia-entry",
    "figure": "image",
    "graphic": "image",
    "map": "cartographic-material",
    "motion-picture": "moving-image",
    "musical-score": "musical-composition",
    "paper-conference": "conference-paper",
    "performance": "artistic-performance",
    "periodical": "journal-issue",
    "post-weblog": "blog-post",
    "review-book": "book-review",
    "song": "sound",
    "speech": "lecture-speech",
    "thesis": "dissertation-thesis",
    "webpage": "website",
}
"""CSL 1.0.2 types that have one counterpart at ORCID. Those without one (bill, hearing, legal-case …) stay unknown."""

_CROSSREF = {
    "book-part": "book-chapter",
    "book-section": "book-chapter",
    "database": "data-set",
    "dissertation": "dissertation-thesis",
    "monograph": "book",
    "peer-review": "review",
    "posted-content": "preprint",
    "proceedings": "conference-proceedings",
    "proceedings-article": "conference-paper",
    "reference-book": "book",
    "reference-entry": "encyclopedia-entry",
    "report-component": "report",
}
"""Crossref types that have one counterpart at ORCID; those that ORCID names alike need no row, and those that name no
work of its own (book-series, component, grant, journal …) have none."""

_COAR = {folded(label): kind for label, kind in BY_LABEL.items()}
_KNOWN = {**_COAR, **spellings(WORK_TYPES), **_CSL, **_CROSSREF, **_ORCID_ALIASES}


def work_type(term: str, extra: Mapping[str, str]) -> str:
    """ORCID's name of a work type: the mapping file's word for it first, then ORCID's own, CSL's, Crossref's, COAR's.

    COAR's come as code, URI or English label. A term nobody knows comes back as it is, for the rules to refuse by its
    name: never guessed.
    """
    found = known_term(term, _KNOWN, extra)
    return found if found in WORK_TYPES else coar_type(found) or found
