"""An order of stories is that of a sorted list, whatever comes, goes or moves."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from pyroaring import BitMap

from archive.search.orders import Order, strings


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("kind", ["numbers", "numbers, descending", "titles"])
def test_an_order_is_that_of_a_sorted_list(kind, seed):
    rng = random.Random(seed)

    def key() -> Any:
        if kind == "titles":
            return "".join(rng.choices("abz", k=rng.randint(0, 3))) * rng.choice([1, 9])
        return rng.randint(0, 6)

    model = {story: key() for story in sorted(rng.sample(range(1, 60), rng.randint(0, 30)))}
    keys = list(model.values())
    order = Order(
        np.array(list(model), dtype=np.uint32),
        strings(keys) if kind == "titles" else np.array(keys, dtype=np.int64),
        descending=kind == "numbers, descending",
    )
    for _ in range(6):
        for story in rng.choices(range(1, 70), k=rng.randint(0, 8)):
            if rng.random() < 0.3:
                order.remove(story)
                model.pop(story, None)
            else:
                model[story] = key()
                order.put(story, model[story])
        expected = sorted(model, key=lambda story: (model[story], story))
        if kind == "numbers, descending":
            expected = sorted(model, key=lambda story: (-model[story], story))
        assert order.page(BitMap(model), 0, 100) == expected
        some = BitMap(rng.sample(expected, len(expected) // 2))
        assert order.page(some, 0, 100) == [story for story in expected if story in some]
