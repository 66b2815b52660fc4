"""The jobs of test_rq.py."""


def add(a, b):
    return a + b


def boom():
    raise RuntimeError("boom")
