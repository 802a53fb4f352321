"""Two processes train one StyleGAN together, on the processor. Each start of them costs some seconds."""

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.gans.sampling import drawn_images
from tests.shared.side_by_side import fit_stylegan
from tests.shared.stylegan_settings import WASSERSTEIN

use_threads(1)


SCORES = WASSERSTEIN | {"diff_augment__ada_target": 0}


@pytest.mark.parametrize("changes", [{}, SCORES], ids=["cross entropy", "Wasserstein"])
def test_two_processes_find_the_losses_and_the_images_of_one(tmp_path, changes):
    (net, history), (other, rows) = (
        fit_stylegan(processes, tmp_path / f"{processes}", **changes) for processes in (2, 1)
    )
    assert len(history) == len(rows) == 5
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    for name, weight in net.state_dict().items():
        assert torch.allclose(weight, other.state_dict()[name], atol=2e-4), name
    drawn = [drawn_images(one, count=2, truncation=1, seed=0).astype(int) for one in (net, other)]
    assert abs(drawn[0] - drawn[1]).max() <= 1
