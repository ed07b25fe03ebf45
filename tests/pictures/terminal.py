# SPDX-License-Identifier: MIT
"""The cells of a terminal as SVG.

Blocks (U+2581 to U+2588) are drawn, not written, so that they meet whatever font the reader has; what is written has the
width of its cells in any. The picture has a background of its own, and so looks the same on a light page and a dark one.
"""

import re
from html import escape

WIDE, HIGH = 9, 20  # a cell
MARGIN = 16
FONT = 15
BASELINE = 15
BACKGROUND, PLAIN = "#1b1e25", "#d5d8de"
COLOURS = ("#3b4048", "#e5484d", "#46b06a", "#e5b53d", "#4f93e6", "#b877db", "#3fb1c5", "#ffffff")


class Pen:
    """What an SGR sequence says of the cells after it."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.bold = self.dim = self.reverse = False
        self.fore, self.back = PLAIN, None

    def obey(self, parameters):
        for code in [int(word or 0) for word in parameters.split(";")]:
            if code == 0:
                self.reset()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif code == 7:
                self.reverse = True
            elif code == 22:
                self.bold = self.dim = False
            elif code == 27:
                self.reverse = False
            elif 30 <= code <= 37:
                self.fore = COLOURS[code - 30]
            elif code == 39:
                self.fore = PLAIN
            elif 40 <= code <= 47:
                self.back = COLOURS[code - 40]
            elif code == 49:
                self.back = None
            else:
                raise ValueError(f"SGR {code} is not known")

    def cell(self, character):
        fore, back = (self.back or BACKGROUND, self.fore) if self.reverse else (self.fore, self.back)
        return character, fore, back, self.bold, self.dim


def cells(text):
    """A list of cells for each line."""
    pen = Pen()
    lines = [[]]
    for match in re.finditer(r"\x1b\[([0-9;]*)m|(\n)|([^\x1b])", text):
        sgr, newline, character = match.groups()
        if character:
            lines[-1].append(pen.cell(character))
        elif newline:
            lines.append([])
        else:
            pen.obey(sgr)
    return lines


def runs(line, key):
    """(column, cells) of neighbours that are alike."""
    begin = 0
    for column in range(1, len(line) + 1):
        if column == len(line) or key(line[column]) != key(line[begin]):
            yield begin, line[begin:column]
            begin = column


def eighths(character):
    return ord(character) - 0x2580 if 0x2581 <= ord(character) <= 0x2588 else 0


def rectangle(row, column, columns, of_eight, colour):
    height = HIGH * of_eight / 8
    x, y = MARGIN + column * WIDE, MARGIN + (row + 1) * HIGH - height
    return f'<path fill="{colour}" d="M{x} {y:g}h{columns * WIDE}v{height:g}h-{columns * WIDE}z"/>'


def words(row, column, run):
    """What is written: each word where its first cell is."""
    text = "".join(cell[0] if not eighths(cell[0]) else " " for cell in run)
    _, fore, _, bold, dim = run[0]
    style = (' font-weight="bold"' if bold else "") + (' opacity="0.6"' if dim else "")
    for match in re.finditer(r"\S+(?: \S+)*", text):
        x, y = MARGIN + (column + match.start()) * WIDE, MARGIN + row * HIGH + BASELINE
        length = len(match[0]) * WIDE
        yield f'<text x="{x}" y="{y}" textLength="{length}" fill="{fore}"{style}>{escape(match[0])}</text>'


def to_svg(text, rows, columns, title):
    shapes = []
    for row, line in enumerate(cells(text)[:rows]):
        for column, run in runs(line, lambda cell: cell[2]):
            if run[0][2]:
                shapes.append(rectangle(row, column, len(run), 8, run[0][2]))
        for column, run in runs(line, lambda cell: (eighths(cell[0]), cell[1])):
            if eighths(run[0][0]):
                shapes.append(rectangle(row, column, len(run), eighths(run[0][0]), run[0][1]))
        for column, run in runs(line, lambda cell: cell[1:]):
            shapes.extend(words(row, column, run))
    wide, high = columns * WIDE + 2 * MARGIN, rows * HIGH + 2 * MARGIN
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{wide}" height="{high}" rx="8" fill="{BACKGROUND}"/>',
        f'<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="{FONT}">',
        *shapes,
        "</g>",
        "</svg>",
        ""))
