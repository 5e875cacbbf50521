from dataclasses import dataclass, field


@dataclass
class CardSection:
    """A block of a printed relationship card; what it holds is text already, in the language of the card.

    ``rows`` are facts (label, value); ``columns`` and ``lines`` make a table; ``notes`` are paragraphs. Sections are
    printed in the order of ``sequence``; those with ``key_only`` on the fuller card of key customers only; empty ones
    not at all.
    """

    code: str
    title: str
    sequence: int = 50
    rows: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    key_only: bool = False

    def __bool__(self):
        return bool(self.rows or self.lines or self.notes)
