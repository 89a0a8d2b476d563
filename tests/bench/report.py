# SPDX-License-Identifier: MIT
"""Numbers to tables: medians, ratios, and what was to be reached.

Text and Markdown are the same tables. Between two markers of a document lies what is generated;
the words around it are people's.
"""

import math
import os
import re
import statistics

import plot

FORMS = {"archive": "docker archive", "gzip": "gzip", "zstd": "zstd"}
MEGABYTE = 1 << 20
PEAK_GOAL = 64
# Time over size in double logarithms: this steep at most is called linear.
STEEPNESS_GOAL = 1.15
MARKERS = "<!-- %s: written by tests/bench/bench.py -->", "<!-- end of %s -->"
BARE_TOOLS = ("tar -x", "bsdtar -x")


def wall(cell):
    """Median wall-clock time, or None."""
    return statistics.median(cell["wall"]) if cell and cell["wall"] else None


def pick(found, **wanted):
    """The cells with these values."""
    return [cell for cell in found["cells"]
            if all(cell[key] == value for key, value in wanted.items())]


def _one(found, **wanted):
    return (pick(found, **wanted) or [None])[0]


def _number(value, digits=2, factor=1.0):
    if value is None:
        return "-"
    value *= factor
    return "%.*f" % (0 if value >= 100 else digits, value)


def _megabytes(cell, part):
    return _number(cell.get(part), 1, 1 / MEGABYTE)


def _calls(cell):
    return _number(cell.get("calls"), 1, 1e-3)


# -- tables: a heading and rows, all of text --------------------------------

HEAD = ["wall s", "CPU s", "x run", "processes MB", "kernel MB", "files MB", "calls 1000"]


def _measured(cell, base):
    if "refused" in cell:
        return ["refuses"] + ["-"] * (len(HEAD) - 1)
    ratio = wall(cell) / base if base and wall(cell) else None
    return [_number(wall(cell)), _number(statistics.median(cell["cpu"])), _number(ratio, 1)] + [
        _megabytes(cell, part) for part in ("processes", "kernel", "files")] + [_calls(cell)]


def _form(cell):
    if cell["form"] == "archive" and cell["tool"] in BARE_TOOLS:
        return "bare layers"
    return FORMS[cell["form"]]


def whole_table(found):
    """The whole image by every tool."""
    rows = []
    for form in FORMS:
        base = wall(_one(found, table="whole", tool="run", form=form))
        for cell in pick(found, table="whole", form=form):
            rows.append([_form(cell), cell["tool"]] + _measured(cell, base))
    return ["image as", "tool"] + HEAD, rows


def parts_table(found):
    """Its layers, each as an image of its own."""
    rows = []
    for cell in pick(found, table="parts"):
        base = wall(_one(found, table="parts", tool="run", image=cell["image"]))
        rows.append([cell["image"], _form(cell), cell["tool"]] + _measured(cell, base))
    return ["image", "as", "tool"] + HEAD, rows


def series_table(found, table, key):
    """Growth: a row for each size, all tools beside one another."""
    columns = plot.columns(found, table)
    head = [key] + ["%s s" % name for name in columns]
    for name in ("run", "run, failing"):
        if name in columns:
            head += ["%s: processes MB" % name, "kernel MB"]
    rows = []
    for value in sorted({cell[key] for cell in pick(found, table=table)}):
        row = {plot.column(cell): cell for cell in pick(found, table=table) if cell[key] == value}
        line = ["{:,}".format(value)] + [_number(wall(row.get(name)), 3) for name in columns]
        for name in ("run", "run, failing"):
            if name in columns:
                line += [_megabytes(row.get(name, {}), part) for part in ("processes", "kernel")]
        rows.append(line)
    return head, rows


# -- goals ------------------------------------------------------------------

def _ratio(found, one, other):
    """Wall time of one cell of the whole image over another's."""
    over, under = (wall(_one(found, table="whole", tool=tool, form=form)) for tool, form in
                   (one, other))
    return over / under if over and under else None


def _steepness(found, table, key, count):
    """The slope between the last @count points of `run`, in double logarithms."""
    cells = sorted(pick(found, table=table, tool="run", failing=False), key=lambda one: one[key])
    points = [(cell[key], wall(cell)) for cell in cells if wall(cell)][-count:]
    if len(points) < 2:
        return None
    return (math.log(points[-1][1] / points[0][1]) / math.log(points[-1][0] / points[0][0]))


def _peak(found):
    ours = [cell["processes"] for cell in found["cells"]
            if cell["tool"].startswith("run") and "processes" in cell]
    return max(ours) / MEGABYTE if ours else None


def goals_table(found):
    """What was to be reached, and what is."""
    lines = [
        ("verdict, docker archive / docker load", 1 / 25, _ratio(
            found, ("run", "archive"), ("docker load", "archive"))),
        ("verdict, gzip from a registry / docker pull", 1 / 10, _ratio(
            found, ("run docker://", "gzip"), ("docker pull", "gzip"))),
        ("--rootfs, docker archive / docker load", 1 / 3, _ratio(
            found, ("run --rootfs", "archive"), ("docker load", "archive"))),
        ("--rootfs, docker archive / tar -x of the bare layers", 1, _ratio(
            found, ("run --rootfs", "archive"), ("tar -x", "archive"))),
        ("peak of processes' memory in all runs, MB", PEAK_GOAL, _peak(found)),
        ("growth with entries, exponent", STEEPNESS_GOAL, _steepness(
            found, "entries", "entries", 3)),
        ("scenario run of a small scenario, ms", 30,
         statistics.median(found["scenario"]) * 1000),
    ]
    rows = [[name, _number(goal, 3), _number(value, 3),
             "not measured" if value is None else "yes" if value <= goal else "no"]
            for name, goal, value in lines]
    return ["what", "at most", "found", "reached"], rows


# -- output -----------------------------------------------------------------

def _tables(found):
    yield "whole", "The whole image", whole_table(found)
    yield "parts", "Its layers as images of their own", parts_table(found)
    yield "entries", "Growth with entries", series_table(found, "entries", "entries")
    yield "layers", "Growth with layers", series_table(found, "layers", "layers")
    yield "goals", "To reach", goals_table(found)


def _facts(found):
    whole = (pick(found, table="whole") or [None])[0]
    lines = list(found["machine"].items())
    if whole:
        lines.append(("image", "{:,} entries in {} layers, {:,.0f} MB".format(
            whole["entries"], whole["layers"], whole["size"] / 1e6)))
    lines.append(("runs", "%d of each, in turn; the median is given" % found["runs"]))
    lines.append(("calls counted by", found["counter"] or "nothing: neither perf nor strace"))
    versions = sorted(set(found["versions"].values()))
    lines.append(("versions", "; ".join(versions)))
    lines += [("left out", "%s: %s" % pair) for pair in found["left_out"].items()]
    lines += [("refuses", "%s, %s: %s" % (cell["tool"], FORMS[cell["form"]], cell["refused"]))
              for cell in found["cells"] if "refused" in cell]
    return lines


def as_text(found):
    """All tables for a terminal."""
    out = ["%s: %s" % pair for pair in _facts(found)]
    for _, title, (head, rows) in _tables(found):
        widths = [max(map(len, column)) for column in zip(head, *rows)]
        out += ["", title] + ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
                              for row in [head] + rows]
    return "\n".join(out)


def _markdown(head, rows):
    line = "| %s |"
    return "\n".join([line % " | ".join(head), "|%s|" % "|".join("---" for _ in head)]
                     + [line % " | ".join(row) for row in rows])


def generated(found):
    """The generated parts of the document, by name."""
    parts = {name: _markdown(*table) for name, _, table in _tables(found)}
    parts["machine"] = _markdown(["", ""], _facts(found))
    return parts


def _between(text, name, content):
    begin, end = (marker % name for marker in MARKERS)
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError("no marker of %s" % name)
    return pattern.sub(lambda _: "%s\n%s\n%s" % (begin, content, end), text)


def renew(path, found):
    """Renews the generated parts of a document, and the plot beside it."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for name, content in generated(found).items():
        text = _between(text, name, content)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.splitext(path)[0] + ".svg", "w", encoding="utf-8") as file:
        file.write(plot.svg(found))
