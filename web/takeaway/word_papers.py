"""The papers of `handout` and `briefing` as Word files."""

from __future__ import annotations

from typing import Any

from web.takeaway.blocks import Run
from web.takeaway.briefing import Briefing, Case, Text
from web.takeaway.handout import FaceText, Handout, Labels
from web.takeaway.word import WordPaper, drop_first, first_paragraph

_WIDTH = 170.0
_NARROW = 178.0
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def practice_docx(handout: Handout, author: str) -> bytes:
    """The paper of one practice. Headings stand outside tables, where Word's navigation finds them."""
    labels = handout.faces[0].labels
    paper = WordPaper(handout.title, author, size=10.5 if len(handout.faces) == 1 else 10)
    paper.footer(f"{labels.repository} · {handout.address}", labels.page)
    paper.paragraph(_joined(handout, "repository"), soft=True)
    paper.paragraph(handout.faces[0].title, "Title")
    for face in handout.faces[1:]:
        paper.paragraph(face.title, "Subtitle")
    for face in handout.faces:
        paper.paragraph(" ".join(face.notices), soft=True)
    _facts(paper, handout)
    for row in range(len(handout.faces[0].sections)):
        _section(paper, handout.faces, row)
    _claims(paper, handout)
    _sources(paper, handout)
    for face in handout.faces:
        _colophon(paper, face.labels, handout.address)
    return paper.save()


def _facts(paper: WordPaper, handout: Handout) -> None:
    paper.paragraph(_joined(handout, "facts"), "Heading 1")
    if len(handout.faces) == 1:
        widths = (45.0, _WIDTH - 45)
        table = paper.table(widths)
        for fact in handout.faces[0].facts:
            name, values = paper.row(table, widths)
            paper.run(first_paragraph(name), fact.name, soft=True)
            paper.run(first_paragraph(values), "; ".join(fact.values))
        return
    halves = (_WIDTH / 2,) * 2
    table = paper.table(halves)
    for pair in zip(*(face.facts for face in handout.faces), strict=True):
        for cell, fact in zip(paper.row(table, halves), pair, strict=True):
            paper.run(first_paragraph(cell), f"{fact.name}: ", soft=True)
            paper.run(first_paragraph(cell), "; ".join(fact.values))


def _section(paper: WordPaper, faces: tuple[FaceText, ...], row: int) -> None:
    sections = [face.sections[row] for face in faces]
    paper.paragraph(" / ".join(section.heading for section in sections), "Heading 1")
    if len(sections) == 1:
        paper.blocks(sections[0].blocks)
        return
    halves = (_WIDTH / 2,) * 2
    cells = paper.row(paper.table(halves, lined=False), halves, whole=False)
    for cell, section in zip(cells, sections, strict=True):
        paper.blocks(section.blocks, cell)
        drop_first(cell)


def _claims(paper: WordPaper, handout: Handout) -> None:
    if not handout.claims:
        return
    paper.paragraph(_joined(handout, "claims"), "Heading 1")
    widths = (18.0, 72.0, 50.0, 30.0)
    table = paper.table(widths, [_joined(handout, name) for name in ("claim", "figures", "basis", "sources")])
    for claim in handout.claims:
        number, figures, basis, sources = paper.row(table, widths)
        paper.run(first_paragraph(number), str(claim.number))
        paper.run(first_paragraph(figures), claim.figures)
        for note in filter(None, claim.note):
            paper.paragraph(note, place=figures, soft=True)
        paper.run(first_paragraph(basis), " / ".join(claim.basis))
        paper.run(first_paragraph(sources), claim.sources)


def _sources(paper: WordPaper, handout: Handout) -> None:
    paper.paragraph(_joined(handout, "sources"), "Heading 1")
    for source in handout.sources:
        year = f" ({source.year})" if source.year else ""
        copy = f" ({' / '.join(source.copy)})" if source.copy else ""
        line = paper.paragraph(f"{source.number}. {source.publisher}{year}. {source.title}{copy}")
        if source.url:
            paper.run(line, " ")
            _address(paper, line, source.url)


def _colophon(paper: WordPaper, labels: Labels, address: str) -> None:
    line = paper.paragraph(f"{labels.address}: ", soft=True)
    _address(paper, line, address)
    paper.run(line, f"\n{labels.printed}\n{labels.licence} ", soft=True)
    paper.link(line, _LICENCE, _LICENCE)


def _address(paper: WordPaper, line: Any, url: str) -> None:
    """A link where the address is one of the web; anything else is only shown."""
    if url.startswith(("http://", "https://")):
        paper.link(line, url, url)
    else:
        paper.run(line, url)


def _joined(handout: Handout, name: str) -> str:
    """A fixed word in each language that is shown."""
    return " / ".join(str(getattr(face.labels, name)) for face in handout.faces)


def briefing_docx(briefing: Briefing, author: str) -> bytes:
    """The briefing."""
    paper = WordPaper(briefing.title, author, briefing.size, tight=True)
    paper.footer(_both(briefing.foot, " · "), briefing.page)
    for number, text in enumerate(briefing.heading):
        paper.paragraph(text.text, "Subtitle" if number else "Title")
    for text in briefing.purpose:
        paper.paragraph(text.text, soft=True)
    paper.paragraph(_both(briefing.table, " / "), "Heading 1")
    _overview(paper, briefing)
    for case in briefing.cases:
        _case(paper, case)
    return paper.save()


def _overview(paper: WordPaper, briefing: Briefing) -> None:
    widths = (7.0, 58.0, 23.0, 20.0, 22.0, 25.0, 23.0)
    table = paper.table(widths, ["#", *(_both(column, "\n") for column in briefing.columns)])
    for line in briefing.lines:
        texts = [str(line.number), _both(line.titles, "\n"), *(_both(cell, "\n") for cell in line.cells)]
        for cell, text in zip(paper.row(table, widths), texts, strict=True):
            paper.run(first_paragraph(cell), text)


def _case(paper: WordPaper, case: Case) -> None:
    paper.paragraph(f"{case.number}. {case.titles[0].text}", "Heading 1")
    for title in case.titles[1:]:
        paper.paragraph(title.text, "Subtitle")
    widths = (_NARROW / len(case.columns),) * len(case.columns)
    table = paper.table(widths, lined=False)
    for row in range(max(len(column.parts) for column in case.columns)):
        for cell, column in zip(paper.row(table, widths, whole=False), case.columns, strict=True):
            if row < len(column.parts):
                part = column.parts[row]
                label = first_paragraph(cell)
                paper.run(label, part.label, Run("", strong=True))
                if len(part.blocks) == 1:
                    paper.run(label, " ")
                    paper.runs(label, part.blocks[0].runs)
                else:
                    paper.blocks(part.blocks, cell)
    if case.note:
        note = paper.paragraph()
        paper.run(note, f"{case.note_label}: ", Run("", strong=True))
        paper.run(note, _both(case.note, "\n"))
    line = paper.paragraph(f"{case.sources_label}: {_both(case.sources, '; ')} · ", soft=True)
    _address(paper, line, case.address)


def _both(texts: tuple[Text, ...], between: str) -> str:
    return between.join(text.text for text in texts)
