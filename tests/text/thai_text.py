"""Texts that hypothesis makes: anything, Thai letters in any order, and Thai words typed or extracted badly."""

from __future__ import annotations

from hypothesis import strategies as st

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
WORDS = ("น้ำท่วม", "ความเหลื่อมล้ำ", "ผู้สูงอายุ", "รัฐบาลดิจิทัล", "แม่น้ำ", "เทศบาล", "ซื้อ", "government", "2567", "ก.พ.ร.")

DAMAGE = (("\u0e33", "\u0e4d\u0e32"), ("\u0e41", "\u0e40\u0e40"), ("\u0e48", "\u0e48\u0e48"), ("2567", "๒๕๖๗"))

any_text = st.text(max_size=60)

# Vowels and marks before any consonant, doubled, mixed with what breaks words without being seen.
thai_text = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B),
        st.characters(min_codepoint=0xF700, max_codepoint=0xF71A),
        st.sampled_from("\u0e33\u0e4d\u0e32\u0e40 \n.ab7" + ZERO_WIDTH),
    ),
    max_size=40,
)

mixed_text = st.one_of(any_text, thai_text, st.lists(st.sampled_from(WORDS), max_size=6).map("".join))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """A line of words as it should be, and the same line with the damage that keyboards and files do."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
    good = " ".join(words)
    bad = good
    for right, wrong in DAMAGE:
        if draw(st.booleans()):
            bad = bad.replace(right, wrong)
    for at in sorted(draw(st.sets(st.integers(0, len(bad)), max_size=5)), reverse=True):
        bad = bad[:at] + draw(st.sampled_from(ZERO_WIDTH)) + bad[at:]
    return good, bad
