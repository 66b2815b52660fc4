import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LettuceTest {
    private static final RedisClient CLIENT = RedisClient.create(Place.URL);
    private static final StatefulRedisConnection<String, String> CONNECTION = CLIENT.connect();

    @AfterAll
    static void close() {
        CLIENT.shutdown();
    }

    @Test
    void typesAndTransactions() {
        var redis = CONNECTION.sync();
        String key = Place.unique("types");
        redis.hset(key, Map.of("a", "1", "b", "2"));
        assertEquals(Map.of("a", "1", "b", "2"), redis.hgetall(key));
        redis.set(key + ":n", "41", SetArgs.Builder.ex(60));
        try (var own = CLIENT.connect()) {
            own.sync().multi();
            own.sync().incr(key + ":n");
            assertEquals(42L, own.sync().exec().<Long>get(0));
        }
    }

    @Test
    void scripts() {
        String key = Place.unique("scripts");
        Long sum = CONNECTION.sync().eval("return redis.call('INCRBY', KEYS[1], ARGV[1])",
            ScriptOutputType.INTEGER, new String[] {key}, "42");
        assertEquals(42L, sum);
        String sha = CONNECTION.sync().scriptLoad("return redis.call('GET', KEYS[1])");
        assertEquals("42", CONNECTION.sync().<String>evalsha(sha, ScriptOutputType.VALUE, key));
    }

    @Test
    void streams() throws Exception {
        String key = Place.unique("stream");
        CONNECTION.sync().xgroupCreate(StreamOffset.latest(key), "group", XGroupCreateArgs.Builder.mkstream());
        try (var own = CLIENT.connect()) {
            var read = own.async().xreadgroup(Consumer.from("group", "me"),
                XReadArgs.Builder.block(Place.LIMIT), StreamOffset.lastConsumed(key));
            String id = CONNECTION.sync().xadd(key, Map.of("n", "1"));
            var messages = read.get(30, TimeUnit.SECONDS);
            assertEquals(id, messages.get(0).getId());
            assertEquals(Map.of("n", "1"), messages.get(0).getBody());
            assertEquals(1L, CONNECTION.sync().xpending(key, "group").getCount());
            assertEquals(1L, CONNECTION.sync().xack(key, "group", id));
        }
    }

    @Test
    void publishing() throws Exception {
        String channel = Place.unique("channel");
        try (var listening = CLIENT.connectPubSub()) {
            CompletableFuture<String> heard = new CompletableFuture<>();
            listening.addListener(new RedisPubSubAdapter<String, String>() {
                @Override
                public void message(String name, String message) {
                    heard.complete(message);
                }
            });
            listening.sync().subscribe(channel);
            CONNECTION.sync().publish(channel, "hello");
            assertEquals("hello", heard.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void clientSideCache() throws Exception {
        String key = Place.unique("cached");
        Map<String, String> map = new ConcurrentHashMap<>();
        try (var own = CLIENT.connect()) {
            var cache = ClientSideCaching.enable(CacheAccessor.forMap(map), own, TrackingArgs.Builder.enabled());
            CONNECTION.sync().set(key, "one");
            assertEquals("one", cache.get(key));
            assertEquals(Map.of(key, "one"), map);
            CONNECTION.sync().set(key, "two");
            Place.until("the cached value is not invalidated", map::isEmpty);
            assertEquals("two", cache.get(key));
        }
    }

    @Test
    void places() {
        String key = Place.unique("places");
        CONNECTION.sync().geoadd(key, 13.361389, 38.115556, "Palermo");
        CONNECTION.sync().geoadd(key, 15.087269, 37.502669, "Catania");
        assertEquals(List.of("sqc8b49rny0", "sqdtr74hyu0"),
            CONNECTION.sync().geohash(key, "Palermo", "Catania").stream().map(found -> found.getValue()).toList());
    }
}
