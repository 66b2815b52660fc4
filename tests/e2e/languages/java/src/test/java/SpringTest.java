import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.connection.stream.Consumer;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.connection.stream.StreamRecords;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisIndexedHttpSession;
import org.springframework.session.events.SessionDeletedEvent;

/** Spring Data Redis and Spring Session, in a context as an application has it. */
@Timeout(60)
class SpringTest {
    private static final String NAMESPACE = Place.unique("spring");
    private static final CompletableFuture<String> DELETED = new CompletableFuture<>();
    private static AnnotationConfigApplicationContext context;
    private static StringRedisTemplate template;

    @Configuration
    @EnableRedisIndexedHttpSession
    static class Application {
        @Bean
        LettuceConnectionFactory connections() {
            return new LettuceConnectionFactory(Place.ADDRESS.getHost(), Place.ADDRESS.getPort());
        }

        @Bean
        StringRedisTemplate strings(LettuceConnectionFactory connections) {
            return new StringRedisTemplate(connections);
        }

        @EventListener
        void deleted(SessionDeletedEvent event) {
            DELETED.complete(event.getSessionId());
        }
    }

    @BeforeAll
    static void open() {
        context = new AnnotationConfigApplicationContext(Application.class);
        template = context.getBean(StringRedisTemplate.class);
    }

    @AfterAll
    static void close() {
        context.close();
    }

    @Test
    void valuesAndScripts() {
        template.opsForValue().set(NAMESPACE, "41", Duration.ofMinutes(1));
        assertEquals(42L, template.opsForValue().increment(NAMESPACE));
        var add = RedisScript.of("return redis.call('INCRBY', KEYS[1], ARGV[1])", Long.class);
        assertEquals(50L, template.execute(add, List.of(NAMESPACE), "8"));
        assertEquals(58L, template.execute(add, List.of(NAMESPACE), "8"));
    }

    @Test
    void caches() {
        var caches = RedisCacheManager.create(template.getConnectionFactory());
        caches.afterPropertiesSet();
        var cache = caches.getCache(NAMESPACE);
        cache.put("k", "v");
        assertEquals("v", cache.get("k", String.class));
        assertEquals("made", cache.get("late", () -> "made"));
        cache.invalidate();
        assertNull(cache.get("k"));
    }

    @Test
    void streams() {
        String key = NAMESPACE + ":stream";
        var id = template.opsForStream().add(StreamRecords.mapBacked(Map.of("n", "1")).withStreamKey(key));
        template.opsForStream().createGroup(key, ReadOffset.from("0"), "group");
        var read = template.opsForStream().read(Consumer.from("group", "me"),
            StreamOffset.create(key, ReadOffset.lastConsumed()));
        assertEquals(id, read.get(0).getId());
        assertEquals(1L, template.opsForStream().acknowledge("group", read.get(0)));
    }

    @Test
    void listeners() throws Exception {
        var container = new RedisMessageListenerContainer();
        container.setConnectionFactory(template.getConnectionFactory());
        CompletableFuture<String> heard = new CompletableFuture<>();
        container.addMessageListener((message, pattern) -> heard.complete(message.toString()),
            ChannelTopic.of(NAMESPACE));
        container.afterPropertiesSet();
        container.start();
        try {
            Place.until("no listener has subscribed", () -> template.convertAndSend(NAMESPACE, "hello") > 0);
            assertEquals("hello", heard.get(30, TimeUnit.SECONDS));
        } finally {
            container.destroy();
        }
    }

    @Test
    void sessions() throws Exception {
        var sessions = context.getBean(RedisIndexedSessionRepository.class);
        var session = sessions.createSession();
        String name = Place.unique("Ada");
        session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, name);
        session.setAttribute("cart", "one book");
        sessions.save(session);
        assertEquals("one book", sessions.findById(session.getId()).<String>getAttribute("cart"));
        assertEquals(Set.of(session.getId()), sessions.findByPrincipalName(name).keySet());
        assertTrue(template.getExpire("spring:session:sessions:" + session.getId()) > 0);
        sessions.deleteById(session.getId());
        assertNull(sessions.findById(session.getId()));
        assertNotNull(DELETED.get(30, TimeUnit.SECONDS));
    }
}
