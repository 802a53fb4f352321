"""Parameters of a pair, counted without building it in memory: those that the discriminator study printed."""

from synthem.gans.networks import parameters_of_pair
from tests.shared.presets import of_preset

COLOURS, MASKS = 3, 4


def of_study(*presets):
    gans = {}
    for preset in presets:
        gans |= of_preset(preset, "gans")
    return parameters_of_pair(gans, masks=MASKS, colours=COLOURS)


def test_they_are_those_of_the_discriminator_study():
    found = of_study("gan-tutorial")
    assert found["generator"] == {"parameters": 54_417_027, "with_running_statistics": 54_427_907}
    assert found["discriminator"]["with_running_statistics"] == 2_771_457
    whole = of_study("gan-tutorial", "gan-tutorial-vanilla")
    assert whole["discriminator"] == {"parameters": 3_814_657, "with_running_statistics": 3_816_961}
