"""The report of a bench as a table in Markdown and as a plot in SVG."""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape

#: How each way is called, and its colour in the plot: those of the archive's pages.
WAYS = {
    "http": ("ours over HTTP", "#9B2D1F"),
    "first": ("ours, asked first", "#D98A5B"),
    "process": ("ours, asked again", "#C9A227"),
    "sql": ("plain SQL", "#2F6B4F"),
    "orm": ("naive ORM", "#33508C"),
    "datasette": ("Datasette", "#6B6257"),
}
#: Ways that are not compared with another.
_OURS = ("http", "first", "process")
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 860, 210, 30, 66, 30


def table(report: dict[str, Any], picture: str) -> str:
    """Medians (and p95) in ms for each case and way, with a picture of the same above."""
    ways = [way for way in WAYS if any(way in row for row in report["cases"].values())]
    lines = [
        f"![Medians of each case on a logarithmic scale]({picture})",
        "",
        f"{report['stories']:,} stories on {_database(report)}, Python {report['python']}: median"
        " (p95) in ms. Processor time is that of our page in the process, asked for the first time"
        " since a change / asked for again. In brackets behind the others: how many times our page"
        " in the process, asked for the first time.",
        "",
        "| case | processor time, first | again | "
        + " | ".join(WAYS[way][0] for way in ways)
        + " |",
        "|---" + "|---:" * (len(ways) + 2) + "|",
    ]
    for name, row in report["cases"].items():
        busy = [row[f"{way}_cpu"] for way in ("first", "process")]
        cells = [f"{_ms(cpu['median'])} ({_ms(cpu['p95'])})" for cpu in busy]
        cells += [_cell(row, way) for way in ways]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    writes = report["write_ms"]
    lines += [
        "",
        f"The index was built in {report['build_seconds']:.1f} s"
        f" ({report['build_cpu_seconds']:.1f} s of processor time); the process then held"
        f" {report['memory_mb']} MB. To write a tagging took {writes['without_triggers']:.2f} ms"
        f" without the index's triggers and {writes['with_triggers']:.2f} ms with them; a page took"
        f" {writes['page']:.1f} ms, and {writes['page_after_a_write']:.1f} ms right after a write.",
    ]
    if "load" in report:
        lines += ["", *_load(report["load"])]
    return "\n".join(lines)


def _load(load: dict[str, Any]) -> list[str]:
    """What many visitors at once met, as a table."""
    lines = [
        f"{load['visitors']} visitors at once, {load['seconds']:.0f} s for each row, a server of"
        f" {load['workers']} workers, the visitors on the same machine (ms):",
        "",
        "| pages | answers a second | median | p95 | p99 | errors |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {row['per_second']:,.0f} | {_ms(row['median'])} | {_ms(row['p95'])}"
        f" | {_ms(row['p99'])} | {row['errors']} of {row['answers']:,} |"
        for name, row in load["kinds"].items()
    ]
    if load["private_mb"]:
        each = " and ".join(f"{mb:.0f}" for mb in load["private_mb"])
        lines += ["", f"Afterwards the workers held {each} MB that they share with nobody."]
    return lines


def _database(report: dict[str, Any]) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[report["database"]]


def _cell(row: dict[str, Any], way: str) -> str:
    if way not in row:
        return "–"
    ratio = row[way]["median"] / row["first"]["median"]
    times = f"×{ratio:,.0f}" if ratio >= 10 else f"×{ratio:.2g}"
    if "given_up" in row[way]:
        return f"given up after {_ms(row[way]['median'])} [> {times}]"
    text = f"{_ms(row[way]['median'])} ({_ms(row[way]['p95'])})"
    return text if way in _OURS else f"{text} [{times}]"


def _ms(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def plot(report: dict[str, Any]) -> str:
    """Dots for the medians of each case, a row each, on a logarithmic scale of milliseconds."""
    cases = report["cases"]
    medians = [row[way]["median"] for row in cases.values() for way in WAYS if way in row]
    low = math.floor(math.log10(max(min(medians), 0.1)))
    high = math.ceil(math.log10(max(medians)))
    height = _TOP + _ROW * len(cases) + 34

    def across(value: float) -> float:
        share = (math.log10(max(value, 10**low)) - low) / max(1, high - low)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        f"<title>A page of results from {report['stories']:,} stories: medians in ms</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#FBF7EF"/>',
    ]
    for at, (name, colour) in enumerate(WAYS.values()):
        left = 20 + at * 140
        parts.append(f'<circle cx="{left}" cy="22" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{left + 11}" y="26.500" fill="#211C15">{name}</text>')
    for power in range(low, high + 1):
        x = across(10**power)
        parts.append(
            f'<line x1="{x}" y1="{_TOP - 12}" x2="{x}" y2="{height - 26}" stroke="#E5DCCB"/>'
        )
        label = f"{10**power:,g} ms" if power < 3 else f"{10 ** (power - 3):,g} s"
        parts.append(
            f'<text x="{x}" y="{height - 9}" fill="#6B6257" text-anchor="middle">{label}</text>'
        )
    for at, (name, row) in enumerate(cases.items()):
        y = _TOP + at * _ROW + 6
        there = [(across(row[way]["median"]), WAYS[way][1]) for way in WAYS if way in row]
        first, last = min(there)[0], max(there)[0]
        parts.append(f'<text x="20" y="{y + 4.5}" fill="#211C15">{escape(name)}</text>')
        parts.append(f'<line x1="{first}" y1="{y}" x2="{last}" y2="{y}" stroke="#C9BDA6"/>')
        # Ours last, so that nothing hides it.
        parts += [
            f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>' for x, colour in reversed(there)
        ]
    return "\n".join([*parts, "</svg>", ""])
