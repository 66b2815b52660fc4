"""dramatiq: a worker of its own, Redis as broker and result backend."""

import os
import uuid

import pytest

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def jobs(redis_url, program):
    settings = {"JOBS_BROKER": f"{redis_url}/6", "JOBS_QUEUE": f"dramatiq-{uuid.uuid4().hex[:12]}"}
    os.environ.update(settings)
    import dramatiq_jobs
    program(["-m", "dramatiq", "dramatiq_jobs", "--processes", "1", "--threads", "2"], **settings)
    yield dramatiq_jobs
    dramatiq_jobs.broker.close()


def test_results(jobs):
    messages = [jobs.add.send(n, n) for n in range(20)]
    assert [message.get_result(block=True, timeout=WAIT_MS) for message in messages] == \
        [2 * n for n in range(20)]


def test_later_and_again(jobs):
    assert jobs.add.send_with_options(args=(1, 1), delay=200).get_result(block=True, timeout=WAIT_MS) == 2
    assert jobs.third_time.send().get_result(block=True, timeout=WAIT_MS) == 2


def test_pipelines_and_groups(jobs):
    import dramatiq

    chained = (jobs.add.message(1, 2) | jobs.add.message(10)).run()
    assert chained.get_result(block=True, timeout=WAIT_MS) == 13
    together = dramatiq.group([jobs.add.message(n, 1) for n in range(5)]).run()
    assert list(together.get_results(block=True, timeout=WAIT_MS)) == [1, 2, 3, 4, 5]
    jobs.broker.join("default", timeout=WAIT_MS)
