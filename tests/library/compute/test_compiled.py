"""Networks that are compiled learn what plain ones do. The compiler takes its time, once."""

import copy
import shutil
import sys

import pytest
import torch
from torch import nn

from synthem.compute.compiled import COMPILERS, compiled
from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.networks.layers import spectral_norm
from synthem.networks.saving import network_bytes
from synthem.training.segmenter import segmenter_trainer
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.settings import edited, saving

use_threads(1)
HAS_COMPILER = any(shutil.which(name) for name in COMPILERS)
TINY = edited(
    SEGMENTER,
    network=of_kind("unet", base_width=2, depth=1),
    training__optimiser__clip_norm=1.0,
    training__optimiser__schedule__kind="constant",
    training__validation__every=1,
)


def fit(folder, *, compile, steps=4):
    settings = edited(TINY, training__steps=steps, training__compile=compile)
    return segmenter_trainer([discs("real")], discs("validation", 1), **settings).train(saving(folder, 3))


@pytest.mark.long
@pytest.mark.skipif(not HAS_COMPILER, reason="no C++ compiler")
def test_a_compiled_network_learns_and_is_saved_as_the_plain_one_and_goes_on_with_the_same_bytes(tmp_path):
    net, history = fit(tmp_path / "compiled", compile=True)
    plain, expected = fit(tmp_path / "plain", compile=False)
    assert "torch._inductor.compile_fx" in sys.modules  # it was compiled
    for mine, theirs in zip(history, expected, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-4)
    assert net.state_dict().keys() == plain.state_dict().keys() and net.built_as == plain.built_as
    fit(tmp_path / "parts", compile=True, steps=2)
    resumed, whole = fit(tmp_path / "parts", compile=True)
    assert network_bytes(resumed) == network_bytes(net) and whole == history


@pytest.mark.skipif(not HAS_COMPILER, reason="no C++ compiler")
def test_a_compiled_discriminator_with_spectral_norms_judges_two_images_before_it_learns():
    torch.manual_seed(0)
    judge = [nn.Conv2d(1, 4, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 3)]
    plain = nn.Sequential(
        *[spectral_norm(layer) if isinstance(layer, nn.Conv2d) else layer for layer in judge]
    )
    own = compiled(copy.deepcopy(plain), wanted=True)
    real, fake = torch.randn(2, 2, 1, 9, 9)
    for net in (plain, own):
        (net(real) - net(fake)).square().mean().backward()
    for expected, found in zip(plain.parameters(), own.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad)
    for expected, found in zip(plain.buffers(), own.buffers(), strict=True):
        torch.testing.assert_close(found, expected)


def test_a_plain_network_meets_no_compiler(monkeypatch):
    monkeypatch.setattr(torch, "compile", None)
    net = torch.nn.Linear(1, 1)
    assert compiled(net, wanted=False) is net and net._compiled_call_impl is None


def test_a_machine_without_a_compiler_is_told_of(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SynthemError, match="CONFIG_VALUE training.compile: true, .*no C.. compiler"):
        compiled(torch.nn.Linear(1, 1), wanted=True)
