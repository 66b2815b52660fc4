# Sidekiq: a worker of its own; jobs, jobs for later, retries, and what its web page counts.
require "minitest/autorun"
require "securerandom"
require "tmpdir"
require "sidekiq/api"

LIMIT_S = 60
ENV["JOBS_QUEUE"] ||= "ruby-#{SecureRandom.hex(6)}"
require_relative "jobs"

class SidekiqTest < Minitest::Test
  LOG = File.join(Dir.mktmpdir, "sidekiq.log")
  WORKER = spawn("sidekiq", "-r", File.join(__dir__, "jobs.rb"), "-q", ENV["JOBS_QUEUE"], "-c", "2",
                 %i[out err] => LOG)
  Minitest.after_run do
    Process.kill("TERM", WORKER)
    Process.wait(WORKER)
    FileUtils.remove_entry(File.dirname(LOG))
  end

  def setup
    @list = "ruby:#{SecureRandom.hex(6)}"
  end

  def noted
    Sidekiq.redis { |redis| redis.lrange(@list, 0, -1) }
  end

  def wait_until(what)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + LIMIT_S
    until yield
      if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
        flunk("after #{LIMIT_S} s: #{what}: #{File.read(LOG)}")
      end
      sleep 0.05
    end
  end

  def test_jobs
    10.times { |n| Note.perform_async(@list, n.to_s) }
    Sidekiq::Client.push_bulk("class" => Note, "args" => (10...20).map { |n| [@list, n.to_s] })
    wait_until("not every job has run") { noted.size == 20 }
    assert_equal (0...20).map(&:to_s).sort, noted.sort
    wait_until("the jobs are not counted") { Sidekiq::Stats.new.processed >= 20 }
    assert_equal 0, Sidekiq::Queue.new(ENV["JOBS_QUEUE"]).size
  end

  def test_jobs_for_later
    Note.perform_in(0.5, @list, "later")
    never = Note.perform_in(3600, @list, "never")
    wait_until("the scheduled job did not run") { noted == ["later"] }
    assert Sidekiq::ScheduledSet.new.find_job(never).delete
  end

  def test_retries
    Flaky.perform_async(@list)
    wait_until("the failed job is not tried again") { noted.size == 2 }
    wait_until("the retry is still listed") { Sidekiq::RetrySet.new.none? { |job| job.args == [@list] } }
  end

  def test_the_worker_is_seen
    wait_until("the worker does not say that it is alive") do
      Sidekiq::ProcessSet.new.any? { |one| one["queues"] == [ENV["JOBS_QUEUE"]] }
    end
  end
end
