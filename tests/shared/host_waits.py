"""Operations that make the host wait for the device, counted while a training takes steps."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# What asks for values, or for sizes that depend on values.
WAITS = {"_local_scalar_dense", "is_nonzero", "nonzero", "masked_select", "equal", "unique", "_unique2"}


class Waits(TorchDispatchMode):
    """Keeps the names of all operations that would make the host wait."""

    def __init__(self):
        super().__init__()
        self.found, self.operations = [], 0

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):
        name = operation.overloadpacket.__name__
        by_mask = name in ("index", "index_put_", "index_put") and any(
            index is not None and index.dtype == torch.bool for index in arguments[1]
        )
        self.operations += 1
        if name in WAITS or by_mask:
            self.found.append(str(operation))
        return operation(*arguments, **(named or {}))


def waits_of_steps(task):
    task.step(0)  # the first makes what stays: momenta, tables
    with Waits() as waits:
        for number in (1, 2):
            task.step(number)
    assert waits.operations > 100, "the steps were looked at"
    return waits.found
