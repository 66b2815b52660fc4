"""rq: a worker of its own that works a queue until it is empty."""

import datetime

import pytest
import redis as redis_py
from rq import Queue, Retry
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

import rq_jobs
from support import until


@pytest.fixture
def queue(bodega, unique):
    with redis_py.Redis(*bodega.redis, db=5) as connection:
        yield Queue(f"rq-{unique}", connection=connection)


def worker(program, redis_url, queue, *flags):
    return program(["-m", "rq.cli", "worker", "--url", f"{redis_url}/5", *flags, queue.name])


def test_jobs_their_results_and_failures(queue, program, redis_url):
    jobs = [queue.enqueue(rq_jobs.add, n, n) for n in range(10)]
    dependent = queue.enqueue(rq_jobs.add, 1, 1, depends_on=jobs[-1])
    failing = queue.enqueue(rq_jobs.boom, retry=Retry(max=1))
    running = worker(program, redis_url, queue, "--burst")
    assert running.wait() == 0, running.printed()
    assert "ResponseError" not in running.printed()
    assert [job.return_value() for job in jobs] == [2 * n for n in range(10)]
    assert dependent.get_status(refresh=True) == "finished" and dependent.return_value() == 2
    assert "boom" in failing.latest_result().exc_string
    assert FailedJobRegistry(queue=queue).get_job_ids() == [failing.id]
    assert len(FinishedJobRegistry(queue=queue)) == 11 and len(queue) == 0
    assert len(jobs[0].results()) == 1


def test_jobs_for_later(queue, program, redis_url):
    later = queue.enqueue_in(datetime.timedelta(seconds=1), rq_jobs.add, 20, 22)
    assert later.get_status() == "scheduled" and ScheduledJobRegistry(queue=queue).get_job_ids() == [later.id]
    running = worker(program, redis_url, queue, "--with-scheduler")
    until(lambda: later.get_status(refresh=True) == "finished",
          lambda: f"the scheduled job did not run: {running.printed()}")
    assert later.return_value() == 42
    assert running.end() == 0, running.printed()
