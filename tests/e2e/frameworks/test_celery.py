"""Celery: a worker of its own, Redis as broker and result backend."""

import os
import uuid

import pytest
from support import until

WAIT_S = 60


@pytest.fixture(scope="module")
def jobs(redis_url, program):
    queue = f"celery-{uuid.uuid4().hex[:12]}"
    settings = {"JOBS_BROKER": f"{redis_url}/3", "JOBS_BACKEND": f"{redis_url}/4", "JOBS_QUEUE": queue}
    os.environ.update(settings)
    worker = program(["-m", "celery", "-A", "celery_jobs", "worker", "-P", "threads", "-c", "2",
                      "-l", "INFO", "-n", f"{queue}@e2e"], **settings)
    worker.until_prints(" ready.", WAIT_S)
    import celery_jobs
    yield celery_jobs
    assert "Unrecoverable" not in worker.printed() and "ResponseError" not in worker.printed()


def test_results_and_failures(jobs):
    from celery import group

    assert jobs.add.delay(2, 3).get(timeout=WAIT_S) == 5
    many = group(jobs.add.s(n, n) for n in range(20)).apply_async()
    assert many.get(timeout=WAIT_S) == [2 * n for n in range(20)]
    with pytest.raises(ValueError, match="as asked"):
        jobs.fail.delay().get(timeout=WAIT_S)


def test_later_and_again(jobs):
    assert jobs.add.apply_async((1, 1), countdown=0.2).get(timeout=WAIT_S) == 2
    assert jobs.third_time.delay().get(timeout=WAIT_S) == 2


def test_chains_and_chords(jobs):
    from celery import chain, chord

    assert chain(jobs.add.s(1, 2), jobs.add.s(10)).delay().get(timeout=WAIT_S) == 13
    assert chord(jobs.add.s(n, 1) for n in range(5))(jobs.total.s()).get(timeout=WAIT_S) == 15


def test_remote_control(jobs):
    inspect = jobs.app.control.inspect(timeout=20, limit=1)
    reply = until(inspect.ping, "no worker answers a ping")
    assert list(reply.values()) == [{"ok": "pong"}]
    (tasks,) = inspect.registered().values()
    assert "celery_jobs.add" in tasks
    later = jobs.add.apply_async((1, 1), countdown=3600)
    until(lambda: later.id in str(inspect.scheduled()), "the task for later is not seen as scheduled")
    later.revoke()
    until(lambda: later.id in str(inspect.revoked()), "the revoked task is not seen as revoked")
