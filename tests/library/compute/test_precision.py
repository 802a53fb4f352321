import pytest
import torch

from synthem.compute import precision
from synthem.compute.precision import computing_in, precision_here

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512_bf16 amx", "bf16"), ("amx_bf16", "bf16"), ("avx512f avx2", "fp32"), (None, "fp32")],
)
def test_auto_is_16_bits_where_the_processor_computes_in_them(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(precision, "PROCESSOR", tmp_path / "cpuinfo")
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"model name: X\nflags\t\t: {flags}\n")
    assert precision_here("auto") == expected


@pytest.mark.parametrize("there", [True, False])
def test_auto_on_a_gpu_asks_the_gpu(monkeypatch, there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: there)
    assert precision_here("auto") == ("bf16" if there else "fp32")


@pytest.mark.parametrize("word", ["fp32", "bf16"])
def test_a_plain_word_means_itself_everywhere(word):
    assert precision_here(word) == word


def test_products_take_the_precision_and_weights_do_not():
    net, x = torch.nn.Conv2d(1, 1, 1), torch.ones(1, 1, 2, 2)
    for word, expected in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with computing_in(word, CPU):
            assert net(x).dtype == expected
        assert net.weight.dtype == torch.float32
