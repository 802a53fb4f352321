"""Distances of real images from real ones by their number, with where generators end."""

from synthem.figures.realism import floor_plot, realism_curves

FLOORS = [
    {"score": "fd", "block": "test", "n": n, "value": 10 / n, "low": 5 / n, "high": 20 / n} for n in (8, 16)
]


def ends(data_set, step, value):
    return {"data_set": data_set, "score": "fd", "block": "test", "step": step, "n": 16, "value": value}


def test_generators_of_fewer_steps_are_drawn_too():
    long, short, early = ends("long", 1000, 9.0), ends("short", 500, 5.0), ends("long", 500, 7.0)
    assert floor_plot(FLOORS, [long, early]) == floor_plot(FLOORS, [long])
    assert floor_plot(FLOORS, [long, short]) != floor_plot(FLOORS, [long])


def test_beside_curves_stand_floors_of_as_many_patches_and_that_of_whole_slices(monkeypatch):
    """Distances fall with the number of patches; `fidelity` is of whole slices."""
    shown = []
    monkeypatch.setattr(
        "synthem.figures.realism.score_curves", lambda rows, *, floors, **_: shown.extend(floors)
    )
    of_slices = {"score": "fidelity", "block": "test", "n": 4, "value": 0.7, "low": 0.6, "high": 0.8}
    realism_curves([ends("one", 5, 9.0)], [*FLOORS, of_slices])
    assert shown == [FLOORS[1], of_slices]
