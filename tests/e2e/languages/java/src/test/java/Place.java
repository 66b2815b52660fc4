import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/** Where the server is, names of one's own, and bounded waits. */
final class Place {
    static final String URL = System.getenv("BODEGA_REDIS");
    static final URI ADDRESS = URI.create(URL);
    static final Duration LIMIT = Duration.ofSeconds(30);

    private Place() {}

    static String unique(String what) {
        return "java:" + what + ":" + UUID.randomUUID();
    }

    static void until(String what, Supplier<Boolean> condition) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > deadline) throw new AssertionError("after " + LIMIT + ": " + what);
            Thread.sleep(10);
        }
    }
}
