"""COAR's resource types (vocabulary 3.2, with the deprecated ones of 1.0 to 3.1) that have a counterpart at ORCID.

Those without one are not named here and stay unknown: archival collection, artistic work, bibliography, collection,
court documents, interactive resource, interview, journal, knowledge organization system, the two protocols, letter,
magazine, manuscript, newspaper, other periodical, research proposal, technical documentation, text, workflow.
"""

import re

_TABLE = """
c_1162      annotation                           annotation
c_7a1f      bachelor thesis                      dissertation-thesis
c_bdcc      master thesis                        dissertation-thesis
c_db06      doctoral thesis                      dissertation-thesis
c_46ec      thesis                               dissertation-thesis
c_6947      blog post                            blog-post
c_2f33      book                                 book
c_3248      book part                            book-chapter
c_ba08      book review                          book-review
c_12cc      cartographic material                cartographic-material
c_12cd      map                                  cartographic-material
c_7877      clinical study                       clinical-study
c_c94f      conference output                    conference-output
c_5794      conference paper                     conference-paper
c_18cp      conference paper not in proceedings  conference-paper
c_6670      conference poster                    conference-poster
c_18co      conference poster not in proceedings conference-poster
R60J-J5BD   conference presentation              conference-presentation
c_f744      conference proceedings               conference-proceedings
c_ab20      data management plan                 data-management-plan
c_ddb1      dataset                              data-set
ACF7-8YT9   aggregated data                      data-set
c_cb28      clinical trial data                  data-set
FXF3-D3G7   compiled data                        data-set
AM6W-6QAW   encoded data                         data-set
63NG-B465   experimental data                    data-set
A8F1-NPV9   genomic data                         data-set
2H0M-X761   geospatial data                      data-set
H41Y-FW7B   laboratory notebook                  data-set
DD58-GFSX   measurement and test data            data-set
FF4C-28RK   observational data                   data-set
CQMR-7K63   recorded data                        data-set
EHVM-H119   research data                        data-set
W2XT-7017   simulation data                      data-set
NHD0-W6SY   survey data                          data-set
542X-3S04   design                               design
JBNF-DYAD   industrial design                    design
BW7T-YM2G   layout design                        design
c_c513      image                                image
c_ecc8      still image                          image
c_8a7e      moving image                         moving-image
c_12ce      video                                moving-image
c_6501      journal article                      journal-article
c_2df8fbb1  research article                     journal-article
c_dcae04bc  review article                       journal-article
c_beb9      data paper                           journal-article
c_7bab      software paper                       journal-article
c_b239      editorial                            journal-article
c_545b      letter to the editor                 journal-article
c_7acd      corrigendum                          journal-article
c_3e5a      contribution to journal              journal-article
c_2659      periodical                           journal-issue
c_e059      learning object                      learning-object
c_8544      lecture                              lecture-speech
43KC-T6DC   magazine article                     magazine-article
c_998f      newspaper article                    newspaper-article
c_18cd      musical composition                  musical-composition
c_18cw      musical notation                     musical-composition
c_1843      other                                other
c_15cd      patent                               patent
C53B-JCY5   design patent                        patent
SB3Y-W4EH   PCT application                      patent
Z907-YMBB   plant patent                         patent
GPQ7-G5VE   plant variety protection             patent
MW8G-3CR8   software patent                      patent
9DKX-KSAF   utility model                        patent
S7R1-K5P0   physical sample                      physical-object
c_816b      preprint                             preprint
c_93fc      report                               report
c_18ww      internal report                      report
c_18wz      memorandum                           report
c_18wq      other type of report                 report
c_186u      policy report                        report
c_18op      project deliverable                  report
c_ba1f      report part                          report
c_18hj      report to funding agency             report
c_18ws      research report                      report
c_18gh      technical report                     report
8KJG-QS0Y   research instrument                  research-tool
c_efa0      review                               review
D97F-VB57   commentary                           review
H9BQ-739P   peer review                          review
c_5ce6      software                             software
c_c950      research software                    software
QH80-2R4E   source code                          software
c_18cc      sound                                sound
H6QP-SC1X   trademark                            trademark
6NC7-GK9S   transcription                        transcription
c_7ad9      website                              website
c_8042      working paper                        working-paper
"""
_ROW = re.compile(r"(\S+)\s+(.*\S)\s+(\S+)")
_ROWS = tuple(found.groups() for found in map(_ROW.fullmatch, _TABLE.strip().splitlines()) if found)

BY_CODE = {code.lower(): kind for code, _, kind in _ROWS}
"""ORCID's work types by COAR's codes, such as `c_6501`."""
BY_LABEL = {label: kind for _, label, kind in _ROWS}
"""ORCID's work types by COAR's English labels."""

_CODE = re.compile(r"(?:https?://)?(?:purl\.org/coar/resource_type/)?([a-z0-9_-]+)/?", re.IGNORECASE | re.ASCII)


def coar_type(term: str) -> str | None:
    """ORCID's work type for a COAR code, bare or as its URI; None for any other."""
    found = _CODE.fullmatch(term.strip())
    return BY_CODE.get(found[1].lower()) if found else None
