"""The seconds of trainings that are stopped and go on."""

import pytest

from synthem.storage import sessions
from synthem.storage.sessions import Sessions, session_seconds


@pytest.fixture
def clock(monkeypatch):
    """A clock whose hand the test moves."""
    hand = [0.0]
    monkeypatch.setattr(sessions.time, "monotonic", lambda: hand[0])
    return hand


def session(folder, clock, seconds, *, goes_on, fingerprint="a"):
    own = Sessions(folder, fingerprint)
    own.begin(goes_on)
    for second in seconds:
        clock[0] += second
        own.note()


def test_a_session_lasts_until_its_last_state_and_those_before_are_kept(tmp_path, clock):
    session(tmp_path, clock, [10, 20], goes_on=False)
    session(tmp_path, clock, [5], goes_on=True)
    session(tmp_path, clock, [], goes_on=True)  # killed before its first state, or nothing is left to learn
    assert session_seconds(tmp_path) == [30, 5]


def test_a_training_that_begins_anew_has_no_session_before(tmp_path, clock):
    session(tmp_path, clock, [10], goes_on=False)
    session(tmp_path, clock, [7], goes_on=False)
    assert session_seconds(tmp_path) == [7]


def test_other_settings_have_sessions_of_their_own_and_what_comes_back_finds_its(tmp_path, clock):
    session(tmp_path, clock, [10], goes_on=False)
    session(tmp_path, clock, [1], goes_on=False, fingerprint="b")
    assert session_seconds(tmp_path) == [1]
    session(tmp_path, clock, [3], goes_on=True)
    assert session_seconds(tmp_path) == [10, 3]


def test_a_finished_training_that_comes_back_and_takes_no_step_has_its_own_seconds(tmp_path, clock):
    session(tmp_path, clock, [100], goes_on=False)
    session(tmp_path, clock, [5000], goes_on=False, fingerprint="b")
    session(tmp_path, clock, [], goes_on=True)
    assert session_seconds(tmp_path) == [100]
    session(tmp_path, clock, [], goes_on=True, fingerprint="c")  # its seconds were not written down
    assert session_seconds(tmp_path) == []


def test_as_many_trainings_are_remembered_as_have_states(tmp_path, clock):
    for fingerprint in "abcde":
        session(tmp_path, clock, [1], goes_on=False, fingerprint=fingerprint)
    session(tmp_path, clock, [2], goes_on=True, fingerprint="a")
    assert session_seconds(tmp_path) == [2]
    session(tmp_path, clock, [2], goes_on=True, fingerprint="d")
    assert session_seconds(tmp_path) == [1, 2]


@pytest.mark.parametrize("text", ["", "[1]", '{"a": 3}', '{"a": ["b"]}', '{"a": [NaN]}'])
def test_a_file_that_is_not_ours_is_no_session_and_no_error(tmp_path, clock, text):
    (tmp_path / "sessions.json").write_text(text)
    assert session_seconds(tmp_path) == []
    session(tmp_path, clock, [4], goes_on=True)
    assert session_seconds(tmp_path) == [4]
