"""CUDA graphs without a GPU: a replay takes the plain step, on the tensors of the capture alone.

A graph repeats the operations of its capture, with the same numbers and on the same memory. So a rehearsal
compares: a step that asks the host for something, or that keeps a new tensor in the place of an old one, is
found.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from synthem.training.capture import detached

TAKES_A_RATE = "_fused_adam_"  # as a number on a processor, as a tensor on a GPU


class Rehearsal:
    """Stands in for Cuda, and counts."""

    def __init__(self, fails=None):
        self.fails, self.captured, self.replayed, self.plain = fails, 0, 0, 0
        self.recovered = False

    def beside(self, learn, batch):
        self.plain += 1
        return detached(learn(batch))

    def record(self, function):
        if self.fails:
            raise self.fails
        self.captured += 1
        first = []

        def again():
            self.replayed += 1
            with Operations() as operations:
                function()
            first.append(operations.found)
            for mine, theirs in zip(first[0], first[-1], strict=True):
                assert mine == theirs, "another operation than in the first replay"
            del first[1:]

        return again

    def recover(self):
        self.recovered = True


class Operations(TorchDispatchMode):
    """Lists what is computed: operations, their numbers, and where the tensors lie that came from outside."""

    def __init__(self):
        super().__init__()
        self.found, self.own = [], {}

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):
        named = named or {}
        name = operation.overloadpacket.__name__
        asked = {key: value for key, value in named.items() if (name, key) != (TAKES_A_RATE, "lr")}
        if operation.namespace != "profiler":
            self.found.append((str(operation), *map(self.place, tree_leaves((arguments, asked)))))
        given = {tensor.untyped_storage()._cdata for tensor in tensors_in((arguments, named))}
        result = operation(*arguments, **named)
        for tensor in tensors_in(result):
            storage = tensor.untyped_storage()
            if storage._cdata not in given:
                self.own[storage._cdata] = storage  # held: no other tensor is to get its place
        return result

    def place(self, argument):
        if not torch.is_tensor(argument):
            return argument
        storage = argument.untyped_storage()
        return "own" if storage._cdata in self.own else ("outside", storage.data_ptr(), argument.shape)


def tensors_in(values):
    return [value for value in tree_leaves(values) if torch.is_tensor(value)]
