import resource
import time

import pytest
import torch
from forked import context

from synthem.devices import keep_freed_memory

LARGE = 64 * 2**20  # more than glibc ever keeps by itself
PAGE = 4096


def in_child(job, *arguments):
    with context.Pool(1) as pool:
        return pool.apply(job, arguments)


def faults_of_a_second_array(prepare):
    prepare()
    torch.ones(LARGE, dtype=torch.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(LARGE, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_memory_that_was_freed_is_not_asked_from_the_kernel_again():
    if not in_child(keep_freed_memory):
        pytest.skip("the C library is not glibc: it cannot be told")
    assert in_child(faults_of_a_second_array, time.time) > 0.9 * LARGE / PAGE
    assert in_child(faults_of_a_second_array, keep_freed_memory) < 0.01 * LARGE / PAGE
