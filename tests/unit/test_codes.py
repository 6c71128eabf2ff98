"""Card codes: their form, their charset and the number of possible codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.wallets.codes import CHARSETS, CODE_LENGTH_MAX, Code


def first(alphabet: str) -> str:
    return alphabet[0]


def last(alphabet: str) -> str:
    return alphabet[-1]


@pytest.mark.parametrize(
    ("code", "generated"),
    [
        (Code(), "0000000000"),
        (Code(length=3, charset="ALPHABETIC_LOWER"), "aaa"),
        (Code(pattern="SUMMER-##-##", charset="NUMERIC"), "SUMMER-00-00"),
        (Code(pattern="##", length=50), "00"),
        (Code(length=2, prefix="A-", postfix="-Z"), "A-00-Z"),
        # A `#` in a prefix or postfix is not a placeholder.
        (Code(length=2, prefix="#", postfix="#"), "#00#"),
        (Code(length=2, charset="xyzx"), "xx"),
        (Code(length=2, charset="UNAMBIGUOUS"), "22"),
    ],
)
def test_a_code_has_the_form_that_the_wallet_defines(code: Code, generated: str) -> None:
    assert code.random_code(first) == generated


@pytest.mark.parametrize(
    ("code", "possible"),
    [
        (Code(), 62**10),
        (Code(length=6, charset="NUMERIC"), 10**6),
        (Code(pattern="A#B#", charset="ALPHABETIC"), 52**2),
        (Code(pattern="SUMMER"), 1),
        (Code(length=2, charset="abab"), 4),
        (Code(length=2, prefix="#", charset="ab"), 4),
    ],
)
def test_the_number_of_possible_codes_depends_on_random_positions_and_distinct_characters(
    code: Code, possible: int
) -> None:
    assert code.possible_codes == possible


def test_the_unambiguous_charset_has_no_characters_that_look_alike() -> None:
    assert not set("01IOl") & set(CHARSETS["UNAMBIGUOUS"])


@pytest.mark.parametrize("charset", CHARSETS)
def test_no_charset_contains_a_character_twice(charset: str) -> None:
    assert len(set(CHARSETS[charset])) == len(CHARSETS[charset])


def test_a_code_may_be_as_long_as_the_limit_but_not_longer() -> None:
    assert Code(length=CODE_LENGTH_MAX).problem is None
    assert Code(length=CODE_LENGTH_MAX - 1, prefix="ab").problem is not None
    assert Code(pattern="#" * CODE_LENGTH_MAX, postfix="a").problem is not None


@given(
    st.builds(
        Code,
        st.sampled_from([*CHARSETS, "abc", "01"]),
        st.integers(1, 30),
        st.none() | st.text("#AB-", min_size=1, max_size=20),
        st.text("P#", max_size=5),
        st.text("S#", max_size=5),
    )
)
def test_a_generated_code_matches_the_form(code: Code) -> None:
    generated = code.random_code(last)
    assert len(generated) == len(code.form)
    assert generated.startswith(code.prefix)
    assert generated.endswith(code.postfix)
    body = generated[len(code.prefix) : len(generated) - len(code.postfix)]
    for shown, form in zip(body, code.pattern or "#" * code.length, strict=True):
        assert shown in code.alphabet if form == "#" else shown == form
