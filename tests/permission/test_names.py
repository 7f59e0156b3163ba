"""Names: when ORCID's and ours clearly are of two people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.permission.names import differ_clearly


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("Sofia Garcia", "Sofia Garcia", id="the same"),
        pytest.param("Sofía García", "SOFIA GARCIA", id="accents and case"),
        pytest.param("Garcia, Sofia", "Sofia Garcia", id="order"),
        pytest.param("Sofia Garcia", "S. Garcia", id="an initial"),
        pytest.param("Sofia Garcia", "S. G.", id="initials alone"),
        pytest.param("Prof. Dr. Sofia Garcia, PhD", "Garcia", id="titles"),
        pytest.param("Sofia Garcia Lopez", "Sofia Garcia-Lopez", id="a hyphen"),
        pytest.param("Sofia Garcia", "Sofia Meyer", id="married"),
        pytest.param("Jürgen Müller", "Juergen Mueller", id="umlauts the German way"),
        pytest.param("Jürgen Müller", "Jurgen Muller", id="umlauts the other way"),
        pytest.param("Søren Kjærgaard", "Soren Kjaergaard", id="Danish letters"),
        pytest.param("Łukasz Wałęsa", "Lukasz Walesa", id="Polish letters"),
        pytest.param("Ana Kowalski", "Anna Kowalska", id="a letter away"),
        pytest.param("Seán O'Brien", "S. O\N{RIGHT SINGLE QUOTATION MARK}Brien", id="apostrophes"),
        pytest.param("Xiaoming Li", "Li Xiao-Ming", id="transcriptions"),
        pytest.param("XiaoMing", "Xiao Ming", id="written in one"),
        pytest.param("李明", "Ming Li", id="another script"),
        pytest.param("李明", "李明", id="the same in Chinese"),
        pytest.param("Достоевский", "Dostoevsky", id="Cyrillic and Latin"),
        pytest.param("", "Sofia Garcia", id="ours unknown"),
        pytest.param("Sofia Garcia", "", id="theirs not public"),
        pytest.param("...", "Sofia Garcia", id="no letters"),
        pytest.param("de la", "Sofia de la Cruz", id="nothing but particles"),
    ],
)
def test_names_that_may_be_of_one_person(ours: str, theirs: str) -> None:
    """What can't be told is left to the researcher, who has confirmed it."""
    assert not differ_clearly(ours, theirs)
    assert not differ_clearly(theirs, ours)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("Sofia Garcia", "Josiah Carberry", id="others"),
        pytest.param("Maria de la Cruz", "Juan de la Vega", id="particles"),
        pytest.param("Dr. Sofia Garcia", "Dr. Josiah Carberry", id="titles"),
        pytest.param("S. G.", "J. C.", id="initials"),
        pytest.param("S. G.", "Josiah Carberry", id="initials of somebody else"),
        pytest.param("Li Na", "Wu Bo", id="short names"),
        pytest.param("李明", "王芳", id="Chinese"),
        pytest.param("Иван Петров", "Анна Смирнова", id="Cyrillic"),
    ],
)
def test_names_of_two_people(ours: str, theirs: str) -> None:
    """Not a word in common."""
    assert differ_clearly(ours, theirs)
    assert differ_clearly(theirs, ours)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_may_be_a_name(one: str, other: str) -> None:
    """ORCID's comes from outside; order and repetition change nothing."""
    assert differ_clearly(one, other) is differ_clearly(other, one)
    assert not differ_clearly(one, one)
