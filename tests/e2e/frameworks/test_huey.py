"""huey: a consumer of its own; results, priorities, locks."""

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


def test_locks(jobs):
    from huey.exceptions import TaskLockedException

    with jobs.huey.lock_task("only one"):
        with pytest.raises(TaskLockedException):
            with jobs.huey.lock_task("only one"):
                pass
    assert not jobs.huey.is_locked("only one")
