"""huey: a consumer of its own; results, priorities, delays, pipelines."""

import os
import uuid

import pytest

WAIT_S = 60


@pytest.fixture(scope="module")
def jobs(redis_url, program):
    settings = {"JOBS_BROKER": f"{redis_url}/7", "JOBS_QUEUE": f"huey-{uuid.uuid4().hex[:12]}"}
    os.environ.update(settings)
    import huey_jobs
    program(["-m", "huey.bin.huey_consumer", "huey_jobs.huey", "-w", "2"], **settings)
    return huey_jobs


def test_results(jobs):
    results = [jobs.add(n, n, priority=n % 3) for n in range(10)]
    assert [result.get(blocking=True, timeout=WAIT_S) for result in results] == [2 * n for n in range(10)]


def test_failures(jobs):
    from huey.exceptions import TaskException

    with pytest.raises(TaskException, match="as asked"):
        jobs.fail().get(blocking=True, timeout=WAIT_S)


def test_pipelines_and_delays(jobs):
    chained = jobs.huey.enqueue(jobs.add.s(1, 2).then(jobs.add, 10))
    assert chained.get(blocking=True, timeout=WAIT_S) == [3, 13]
    assert jobs.add.schedule((1, 1), delay=1).get(blocking=True, timeout=WAIT_S) == 2


def test_locks(jobs):
    from huey.exceptions import TaskLockedException

    with jobs.huey.lock_task("only one"):
        with pytest.raises(TaskLockedException):
            with jobs.huey.lock_task("only one"):
                pass
    assert not jobs.huey.is_locked("only one")
