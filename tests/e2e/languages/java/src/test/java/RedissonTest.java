import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

@Timeout(60)
class RedissonTest {
    private static final RedissonClient REDISSON = connect();

    private static RedissonClient connect() {
        Config config = new Config();
        config.useSingleServer().setAddress(Place.URL).setConnectionMinimumIdleSize(2).setConnectionPoolSize(8);
        return Redisson.create(config);
    }

    @AfterAll
    static void close() {
        REDISSON.shutdown();
    }

    @Test
    void bucketsAndMaps() {
        var bucket = REDISSON.<String>getBucket(Place.unique("bucket"));
        assertTrue(bucket.setIfAbsent("one"));
        assertTrue(bucket.compareAndSet("one", "two"));
        assertEquals("two", bucket.get());
        var map = REDISSON.<String, Integer>getMap(Place.unique("map"));
        assertNull(map.put("a", 1));
        assertEquals(1, map.putIfAbsent("a", 2));
        assertTrue(map.replace("a", 1, 3));
        assertEquals(3, map.get("a"));
        var counter = REDISSON.getAtomicLong(Place.unique("counter"));
        assertEquals(5, counter.addAndGet(5));
    }

    @Test
    void locks() throws Exception {
        RLock lock = REDISSON.getLock(Place.unique("lock"));
        List<Integer> seen = new ArrayList<>();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(CompletableFuture.runAsync(() -> {
                lock.lock(30, TimeUnit.SECONDS);
                try {
                    seen.add(seen.size());
                } finally {
                    lock.unlock();
                }
            }));
        }
        CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        assertEquals(List.of(0, 1, 2, 3), seen);
        assertFalse(lock.isLocked());
        lock.lock();
        assertFalse(CompletableFuture.supplyAsync(lock::tryLock).get(30, TimeUnit.SECONDS));
        lock.unlock();
    }

    @Test
    void mapCacheAndRateLimiter() throws Exception {
        var cache = REDISSON.<String, String>getMapCache(Place.unique("cache"));
        cache.put("short", "v", 50, TimeUnit.MILLISECONDS);
        cache.put("long", "v", 1, TimeUnit.HOURS);
        Place.until("the entry of the map cache does not expire", () -> cache.get("short") == null);
        assertEquals("v", cache.get("long"));
        var limiter = REDISSON.getRateLimiter(Place.unique("limiter"));
        limiter.trySetRate(RateType.OVERALL, 2, Duration.ofMinutes(1));
        assertTrue(limiter.tryAcquire());
        assertTrue(limiter.tryAcquire());
        assertFalse(limiter.tryAcquire());
    }

    @Test
    void delayedQueueAndTopic() throws Exception {
        var queue = REDISSON.<String>getBlockingQueue(Place.unique("queue"));
        var delayed = REDISSON.getDelayedQueue(queue);
        delayed.offer("later", 50, TimeUnit.MILLISECONDS);
        assertEquals("later", queue.poll(30, TimeUnit.SECONDS));
        delayed.destroy();
        CompletableFuture<String> heard = new CompletableFuture<>();
        var topic = REDISSON.getTopic(Place.unique("topic"));
        topic.addListener(String.class, (channel, message) -> heard.complete(message));
        topic.publish("hello");
        assertEquals("hello", heard.get(30, TimeUnit.SECONDS));
    }
}
