package io.lodestone.conformance.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The same HTTP requests to both sides: the same status, the same content type, the same body. */
@Tag("once")
final class GatewayTest {
  /** etcd ends it with nothing where the reason is that nobody is logged in; our store says why. */
  private static final String NOT_OURS = "/v3/election/observe {\"no_such_field\"";

  /** What the reference has answered, the candidate may take its time for on a busy machine. */
  private static final Duration ANSWERED_BY = Duration.ofSeconds(60);

  @TempDir Path folder;

  private Contestant reference;
  private Contestant candidate;

  @BeforeEach
  void start() throws Exception {
    reference = Contestants.REFERENCE.start(folder.resolve("reference"));
    candidate = Contestants.candidate().start(folder.resolve("candidate"));
  }

  @AfterEach
  void stop() {
    reference.close();
    candidate.close();
  }

  @TestFactory
  Stream<DynamicTest> theGatewayAnswersAlike() {
    Browser left = new Browser(reference);
    Browser right = new Browser(candidate);
    AtomicInteger number = new AtomicInteger();
    return Requests.all().stream()
        .filter(exchange -> candidateIsStock() || !exchange.toString().contains(NOT_OURS))
        .map(
            exchange ->
                dynamicTest(
                    number.incrementAndGet() + " " + exchange,
                    () -> compare(exchange, left, right)));
  }

  private static boolean candidateIsStock() {
    return Contestants.candidate() != Contestants.OURS;
  }

  private static void compare(Exchange exchange, Browser left, Browser right)
      throws IOException, InterruptedException {
    Reply expected = Masks.mask(left.send(exchange));
    boolean stays = expected.body().contains(Body.STILL_OPEN);
    Reply actual = Masks.mask(right.send(exchange, stays ? Browser.PATIENCE : ANSWERED_BY));
    if (System.getProperty("lodestone.conformance.show") != null) {
      System.out.println("> " + exchange + "\n" + expected);
    }
    assertThat(actual.toString()).isEqualTo(expected.toString());
  }
}
