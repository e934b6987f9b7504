"""The draws that all series share: their order, and the share that exceeds a line."""

import numpy as np
import pytest

from core import joint

TIED = 0.6 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))


def test_the_share_above_a_line_is_that_of_the_draws_themselves() -> None:
    draws = joint.SharedDraws(TIED)
    below = np.random.default_rng(1).random((200, 3)) ** 0.3
    found = draws.any_above(below, first=1)
    for row, lines in enumerate(below):
        assert found[row] == np.mean(np.any(draws.uniforms[:, 1:] > lines, axis=1))


@pytest.mark.parametrize(("line", "share"), [(0.0, 1.0), (1.0, 0.0)])
def test_every_draw_lies_between_nothing_and_certainty(line: float, share: float) -> None:
    assert joint.SharedDraws(TIED).any_above(np.full((1, 4), line), first=0) == share


def test_order_rank_and_rising_speak_of_one_order() -> None:
    draws = joint.SharedDraws(TIED)
    for horizon in range(4):
        column = draws.uniforms[:, horizon]
        assert np.all(np.diff(draws.rising(horizon)) >= 0)
        np.testing.assert_array_equal(column[draws.order(horizon)], draws.rising(horizon))
        np.testing.assert_array_equal(draws.rising(horizon)[draws.rank(horizon)], column)


def test_one_dependence_has_one_set_of_draws() -> None:
    assert joint.shared(TIED) is joint.shared(TIED.copy())
    assert not np.array_equal(joint.shared(np.eye(4)).uniforms, joint.shared(TIED).uniforms)


def test_draws_are_as_dependent_as_they_are_said_to_be() -> None:
    scores = np.corrcoef(joint.SharedDraws(TIED).uniforms.T)
    np.testing.assert_allclose(scores, 6 / np.pi * np.arcsin(TIED / 2), atol=0.05)
