package io.lodestone.conformance.etcdctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The same commands typed at both sides: the same output, the same errors, the same exit code. */
@Tag("once")
final class EtcdctlTest {
  /** Steps that may show a learner beside the member. */
  private static final List<String> TWO_MEMBERS = List.of("member add", "member list");

  @TempDir static Path folder;

  private Contestant reference;
  private Contestant candidate;

  @TestFactory
  Stream<DynamicTest> etcdctl34SaysTheSameOfBoth() throws Exception {
    return script(EtcdRelease.of("3.4"), false);
  }

  @TestFactory
  Stream<DynamicTest> etcdctl35SaysTheSameOfBoth() throws Exception {
    return script(EtcdRelease.of("3.5"), true);
  }

  private Stream<DynamicTest> script(EtcdRelease tools, boolean withEtcdutl) throws Exception {
    Path own = folder.resolve(tools.version());
    Path left = Files.createDirectories(own.resolve("reference"));
    Path right = Files.createDirectories(own.resolve("candidate"));
    reference = Contestants.REFERENCE.start(left);
    candidate = Contestants.candidate().start(right);
    Shell first = new Shell(tools, reference, left);
    Shell second = new Shell(tools, candidate, right);
    AtomicInteger number = new AtomicInteger();
    return Scripts.all(withEtcdutl).stream()
        .map(
            step ->
                dynamicTest(
                    number.incrementAndGet() + " " + step, () -> compare(step, first, second)));
  }

  @AfterEach
  void stop() {
    reference.close();
    candidate.close();
  }

  private static void compare(Step step, Shell first, Shell second)
      throws IOException, InterruptedException {
    if (step.later()) {
      long now = Instant.now().getEpochSecond();
      await().until(() -> Instant.now().getEpochSecond() > now);
    }
    Shell.Running left = first.start(step);
    Shell.Running right = second.start(step);
    Outcome expected = mask(step, left.finish());
    Outcome actual = mask(step, right.finish());
    if (System.getProperty("lodestone.conformance.show") != null) {
      System.out.println("$ " + step + "\n" + expected);
    }
    assertThat(actual.toString()).isEqualTo(expected.toString());
  }

  private static Outcome mask(Step step, Outcome outcome) {
    return TWO_MEMBERS.stream().anyMatch(step.toString()::contains)
        ? Masks.maskMembers(outcome)
        : Masks.mask(outcome, step.measured());
  }
}
