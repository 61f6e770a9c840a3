"""The words of a question marked in a page's text, each mark with a way to the one before and after it, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from kb.search.marking import Marker, Spans

_MARK = Markup(
    '<mark id="m{number}"><a href="#m{number}" tabindex="-1">{text}</a></mark>'
    '<span class="steps"> <a href="{before}" aria-label="{previous}">↑</a> <a href="{after}" aria-label="{next}">↓</a> </span>'
)


@dataclass(frozen=True)
class MarksBar:
    """What is told above a marked text: the question, how many places, where the first is, and the address without marks.

    `pages` are pages of a document with places, each with its address; `end` is the number after the last mark, whose link to
    the next place leads back here.
    """

    question: str
    places: int
    first_url: str
    clear_url: str
    end: int
    pages: tuple[tuple[str, int, str], ...] = ()
    more_pages: int = 0


@dataclass
class Marks:
    """Numbers the marks of one page in the order in which they are made; `at` is the number of the last one."""

    marker: Marker | None
    say: Callable[[str], str]
    at: int = 0
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    """Mark number -> its address, for marks that stand on another screen of the document."""

    def html(self, text: str, linked: bool = True) -> Markup:
        """Text with its words marked; without links where the text stands in a link already."""
        return self.put(text, self.marker.spans(text) if self.marker else (), linked)

    def put(self, text: str, spans: Spans, linked: bool = True) -> Markup:
        """Text with the given spans marked."""
        parts: list[Markup | str] = []
        place = 0
        for start, end in spans:
            parts += [text[place:start], self._mark(text[start:end], linked)]
            place = end
        return Markup("").join([*parts, text[place:]])

    def _mark(self, text: str, linked: bool) -> Markup:
        if not linked:
            return Markup("<mark>{}</mark>").format(text)
        self.at += 1
        return _MARK.format(
            number=self.at,
            text=text,
            before=self._address(self.at - 1),
            after=self._address(self.at + 1),
            previous=self.say("Previous place"),
            next=self.say("Next place"),
        )

    def _address(self, number: int) -> str:
        return self.elsewhere.get(number, f"#m{number}")
