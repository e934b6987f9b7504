"""Weights in hundredths."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.blends import enter_blends, hundredths
from storage.database import Database


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    rows=st.lists(
        st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda row: sum(row) > 0.01),
        min_size=1,
        max_size=6,
    )
)
def test_rounded_weights_still_sum_to_one_and_move_less_than_a_hundredth(
    rows: list[list[float]],
) -> None:
    weights = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    rounded = hundredths(weights)
    assert np.all(rounded.sum(axis=1) == 100)
    assert np.all(rounded >= 0)
    assert np.abs(rounded - weights * 100).max() < 1 + 1e-6


def test_ties_go_to_the_first_members() -> None:
    assert hundredths(np.full((1, 3), 1 / 3)).tolist() == [[34, 33, 33]]
    assert hundredths(np.array([[0.29, 0.57, 0.14]])).tolist() == [[29, 57, 14]]


def test_forecasts_with_the_same_weights_share_a_blend(database: Database) -> None:
    weights = np.array([[0.251, 0.749], [1.0, 0.0], [0.25, 0.75]])
    with database.transaction() as connection:
        first = enter_blends(connection, ("conflictology", "dynamic-count"), weights)
        again = enter_blends(connection, ("conflictology", "dynamic-count"), weights[::-1])
    assert first[0] == first[2] != first[1]
    assert again == first[::-1]
    assert {text for (text,) in database.rows("SELECT weights FROM blends")} == {
        '{"dynamic-count": 0.75, "conflictology": 0.25}',
        '{"conflictology": 1.0}',
    }
