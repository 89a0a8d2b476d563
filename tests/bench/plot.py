# SPDX-License-Identifier: MIT
"""A plot of the two series as SVG: time over entries and over layers, in double logarithms.

Readable on light and dark ground, as a picture of its own and within a page. It draws what it
is given.
"""

import math
import statistics

WIDTH, HEIGHT = 380, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 34, 44
LEGEND = 26
# Colours that keep apart on white and on near-black, also for who does not see red and green.
COLOURS = {"run": "#0072b2", "run, failing": "#d55e00", "run --rootfs": "#009e73",
           "tar -x": "#8c8c8c"}
DASHES = {"run, failing": "6 3", "tar -x": "2 3"}
STYLE = """
text { font: 12px sans-serif; fill: #222 }
.axis { stroke: #222; fill: none }
.grid { stroke: #ccc; stroke-width: 0.5 }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
.axis { stroke: #ddd }
.grid { stroke: #555 }
}
"""


def column(cell):
    """What a cell's line is called."""
    return cell["tool"] + (", failing" if cell["failing"] else "")


def columns(found, table):
    """The lines of a table, in the order in which they were measured."""
    return list(dict.fromkeys(column(cell) for cell in found["cells"] if cell["table"] == table))


def _decades(low, high):
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def _text(value):
    if value >= 1e6:
        return "%g M" % (value / 1e6)
    return "%g k" % (value / 1e3) if value >= 1000 else "%g" % value


class _Panel:
    """One plot; both axes are logarithmic."""

    def __init__(self, left, title, lines):
        self._left, self._title, self._lines = left, title, lines
        xs = [x for points in lines.values() for x, _ in points]
        ys = [y for points in lines.values() for _, y in points]
        self._x_ticks = sorted(set(xs))
        self._y_ticks = [10.0 ** power for power in _decades(min(ys), max(ys))]
        self._x_range = (math.log(min(xs)), math.log(max(xs) + 1e-9))
        self._y_range = (math.log(self._y_ticks[0]), math.log(self._y_ticks[-1]) + 1e-9)

    def _x(self, value):
        low, high = self._x_range
        share = (math.log(value) - low) / (high - low or 1)
        return self._left + LEFT + share * (WIDTH - LEFT - RIGHT)

    def _y(self, value):
        low, high = self._y_range
        return HEIGHT - BOTTOM - (math.log(value) - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    def _ticks(self):
        end, bottom = self._left + WIDTH - RIGHT, HEIGHT - BOTTOM
        for value in self._y_ticks:
            y = self._y(value)
            yield '<path class="grid" d="M%.1f %.1fH%.1f"/>' % (self._left + LEFT, y, end)
            yield '<text x="%.1f" y="%.1f" text-anchor="end">%s</text>' % (
                self._left + LEFT - 6, y + 4, _text(value))
        for value in self._x_ticks:
            x = self._x(value)
            yield '<path class="grid" d="M%.1f %.1fV%.1f"/>' % (x, TOP, bottom)
            yield '<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>' % (
                x, bottom + 18, _text(value))
        yield '<path class="axis" d="M%.1f %dV%dH%.1f"/>' % (self._left + LEFT, TOP, bottom, end)

    def draw(self):
        """Its elements."""
        yield '<text x="%.1f" y="20">%s</text>' % (self._left + LEFT, self._title)
        yield from self._ticks()
        for name, points in self._lines.items():
            colour, dash = COLOURS.get(name, "#8c8c8c"), DASHES.get(name, "none")
            path = "L".join("%.1f %.1f" % (self._x(x), self._y(y)) for x, y in points)
            yield '<path class="line" stroke="%s" stroke-dasharray="%s" d="M%s"/>' % (
                colour, dash, path)
            for x, y in points:
                yield '<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (
                    self._x(x), self._y(y), colour)


def _lines(found, table, key):
    lines = {}
    for cell in found["cells"]:
        if cell["table"] == table and cell["wall"]:
            lines.setdefault(column(cell), []).append(
                (cell[key], statistics.median(cell["wall"])))
    return {name: sorted(points) for name, points in lines.items()}


def _legend(names):
    for index, name in enumerate(names):
        x = LEFT + index * 150
        yield '<path class="line" stroke="%s" stroke-dasharray="%s" d="M%d %dh24"/>' % (
            COLOURS.get(name, "#8c8c8c"), DASHES.get(name, "none"), x, HEIGHT + 8)
        yield '<text x="%d" y="%d">%s</text>' % (x + 30, HEIGHT + 12, name)


def svg(found):
    """The picture."""
    panels = [("entries", "entries", "Seconds by entries, one layer"),
              ("layers", "layers", "Seconds by layers, entries kept")]
    body, names = [], []
    for index, (table, key, title) in enumerate(panels):
        lines = _lines(found, table, key)
        if lines:
            body += _Panel(index * WIDTH, title, lines).draw()
            names += [name for name in lines if name not in names]
    body += _legend(names)
    return ('<!-- SPDX-License-Identifier: MIT; drawn by tests/bench/plot.py -->\n'
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" '
            'aria-label="Seconds by entries and by layers">\n<style>%s</style>\n%s\n</svg>\n'
            % (2 * WIDTH, HEIGHT + LEGEND, STYLE, "\n".join(body)))
