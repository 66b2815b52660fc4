import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XReadGroupParams;

@Timeout(60)
class JedisTest {
    private static JedisPooled connect() {
        return new JedisPooled(Place.ADDRESS);
    }

    @Test
    void typesAndTransactions() {
        try (JedisPooled jedis = connect()) {
            String key = Place.unique("types");
            jedis.hset(key, Map.of("a", "1", "b", "2"));
            assertEquals(Map.of("a", "1", "b", "2"), jedis.hgetAll(key));
            jedis.set(key + ":n", "41", SetParams.setParams().ex(60));
            try (var transaction = jedis.multi()) {
                var count = transaction.incr(key + ":n");
                transaction.exec();
                assertEquals(42L, count.get());
            }
            assertThrows(JedisDataException.class, () -> jedis.get(key));
        }
    }

    @Test
    void scripts() {
        try (JedisPooled jedis = connect()) {
            String key = Place.unique("scripts");
            assertEquals(List.of(42L, key),
                jedis.eval("return {redis.call('INCRBY', KEYS[1], ARGV[1]), KEYS[1]}", List.of(key), List.of("42")));
            String sha = jedis.scriptLoad("return redis.call('GET', KEYS[1])", key);
            assertEquals("42", jedis.evalsha(sha, List.of(key), List.of()));
        }
    }

    @Test
    void streams() {
        try (JedisPooled jedis = connect()) {
            String key = Place.unique("stream");
            StreamEntryID id = jedis.xadd(key, StreamEntryID.NEW_ENTRY, Map.of("n", "1"));
            jedis.xgroupCreate(key, "group", new StreamEntryID("0-0"), false);
            var read = jedis.xreadGroup("group", "me", XReadGroupParams.xReadGroupParams().count(10),
                Map.of(key, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
            assertEquals(id, read.get(0).getValue().get(0).getID());
            assertEquals(1, jedis.xpending(key, "group").getTotal());
            assertEquals(1, jedis.xack(key, "group", id));
        }
    }

    @Test
    void publishing() throws Exception {
        try (JedisPooled jedis = connect()) {
            String channel = Place.unique("channel");
            CompletableFuture<String> heard = new CompletableFuture<>();
            JedisPubSub listener = new JedisPubSub() {
                @Override
                public void onSubscribe(String name, int count) {
                    jedis.publish(channel, "hello");
                }

                @Override
                public void onMessage(String name, String message) {
                    heard.complete(message);
                    unsubscribe();
                }
            };
            jedis.subscribe(listener, channel);
            assertEquals("hello", heard.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void places() {
        try (JedisPooled jedis = connect()) {
            String key = Place.unique("places");
            jedis.geoadd(key, 13.361389, 38.115556, "Palermo");
            jedis.geoadd(key, 15.087269, 37.502669, "Catania");
            assertEquals(166274.1516, jedis.geodist(key, "Palermo", "Catania"));
        }
    }
}
