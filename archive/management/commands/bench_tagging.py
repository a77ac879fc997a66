"""Measure how fast texts are tagged, and that the time grows in step with their length."""

from __future__ import annotations

import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from archive.importing.drafts import StoryDraft, read
from archive.tagging.lexicon import Lexicon
from archive.tagging.tagger import tag

#: Words of the collection of stories that is tagged for the headline figure.
COLLECTION_WORDS = 100_000
#: Lengths at which one text is tagged, as multiples of the shortest, and its length in words.
LENGTHS = (1, 2, 4)
SHORTEST_WORDS = 20_000


class Command(BaseCommand):
    """Tag texts mixed from the sentences of ``seeds/``, the same at every run."""

    help = (
        "Measures words tagged in a second of processor time on one core: a collection of stories "
        "as long as those in seeds/, and one text at one, two and four times its length."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--rounds", type=int, default=5, help="of each (default 5)")
        parser.add_argument("--seed", type=int, default=1, help="of the mixture (default 1)")
        parser.add_argument("--output", type=Path, default=settings.DATA_DIR / "bench_tagging.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure in turn, print medians, write them as JSON."""
        drafts = list(read([settings.BASE_DIR / "seeds"]))
        bodies = [draft.body for draft in drafts if isinstance(draft, StoryDraft)]
        sentences = [s for body in bodies for s in body.replace("\n\n", " ").split(". ")]
        rng = random.Random(options["seed"])  # noqa: S311 - a mixture, no secret
        story = sum(len(body.split()) for body in bodies) // len(bodies)
        texts = {
            f"{COLLECTION_WORDS // story} stories of {story} words": [
                mixture(sentences, story, rng) for _ in range(COLLECTION_WORDS // story)
            ]
        }
        for times in LENGTHS:
            words = SHORTEST_WORDS * times
            texts[f"one text of {words:,} words"] = [mixture(sentences, words, rng)]
        lexicon = Lexicon()
        tag(bodies[0], lexicon)  # the first use loads the data
        rates: dict[str, list[float]] = {name: [] for name in texts}
        for _ in range(options["rounds"]):
            for name, batch in texts.items():
                rates[name].append(words_a_second(batch, lexicon))
        self.show(rates, options["output"])

    def show(self, rates: dict[str, list[float]], output: Path) -> None:
        """Print and keep the medians."""
        table = Table("what", "words a second (median)", "lowest", "highest")
        for name, values in rates.items():
            median = statistics.median(values)
            table.add_row(name, *(f"{v:,.0f}" for v in (median, min(values), max(values))))
        Console(file=self.stdout._out, highlight=False).print(table)  # type: ignore[attr-defined]
        medians = {name: round(statistics.median(values)) for name, values in rates.items()}
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(medians, indent=2) + "\n", encoding="utf-8")


def mixture(sentences: list[str], words: int, rng: random.Random) -> str:
    """A text of about *words* words: sentences in a random order, five to a paragraph."""
    chosen: list[str] = []
    length = 0
    while length < words:
        chosen.append(rng.choice(sentences))
        length += len(chosen[-1].split())
    return "\n\n".join(
        f"{'. '.join(chosen[start : start + 5])}." for start in range(0, len(chosen), 5)
    )


def words_a_second(texts: list[str], lexicon: Lexicon) -> float:
    """Words tagged in a second of this process's time."""
    before = time.process_time()
    for text in texts:
        tag(text, lexicon)
    return sum(len(text.split()) for text in texts) / (time.process_time() - before)
