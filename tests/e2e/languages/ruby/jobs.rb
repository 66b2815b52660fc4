# The jobs of sidekiq_test.rb, for its worker and for the test. Each says in Redis that it has run.
require "sidekiq"

connection = { url: ENV.fetch("BODEGA_REDIS") }
Sidekiq.configure_client { |config| config.redis = connection }
Sidekiq.configure_server do |config|
  config.redis = connection
  config.average_scheduled_poll_interval = 1
end

class Note
  include Sidekiq::Worker
  sidekiq_options queue: ENV.fetch("JOBS_QUEUE")

  def perform(list, text)
    Sidekiq.redis { |redis| redis.rpush(list, text) }
  end
end

class Flaky
  include Sidekiq::Worker
  sidekiq_options queue: ENV.fetch("JOBS_QUEUE"), retry: 3
  sidekiq_retry_in { 0 }

  def perform(list)
    tries = Sidekiq.redis { |redis| redis.rpush(list, "try") }
    raise "as asked" if tries < 2
  end
end
