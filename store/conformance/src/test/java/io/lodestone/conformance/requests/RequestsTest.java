package io.lodestone.conformance.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code -Dlodestone.conformance.requests=100000} makes the runs longer, {@code
 * -Dlodestone.conformance.seed=...} makes another one, {@code random} one that nobody has seen.
 */
@Tag("once")
final class RequestsTest {
  private static final long REQUESTS = Long.getLong("lodestone.conformance.requests", 5000);
  private static final long SEED = seed(System.getProperty("lodestone.conformance.seed", "1"));

  @TempDir Path folder;

  @Test
  void theCandidateAnswersEverydayRequestsAsTheReferenceDoes() throws Exception {
    check("everyday", REQUESTS, dice -> new Everyday(dice, folder));
  }

  @Test
  void theCandidateGuardsWhatTheReferenceGuards() throws Exception {
    check("guarded", REQUESTS / 2, Guarded::new, "--bcrypt-cost=4");
  }

  @Test
  void theCandidateLocksAndElectsAsTheReferenceDoes() throws Exception {
    check("coordination", REQUESTS / 5, Coordination::new);
  }

  @Test
  void theCandidateForgetsNothingWhenItIsKilled() throws Exception {
    Run run =
        new Run(Contestants.candidate(), folder, REQUESTS / 5, dice -> new Crashes(dice, folder));
    check("crashes", REQUESTS / 5, run.durably());
  }

  private static long seed(String asked) {
    return "random".equals(asked) ? System.nanoTime() : Long.parseLong(asked);
  }

  private void check(String name, long requests, Function<Dice, Game> games, String... flags)
      throws IOException, InterruptedException {
    check(name, requests, new Run(Contestants.candidate(), folder, requests, games, flags));
  }

  private static void check(String name, long requests, Run run)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Report report = run.play(SEED);
    long millis = (System.nanoTime() - begin) / 1_000_000;
    System.out.printf(
        "%s: seed %d, %d requests in %d ms, %d differences, %d unanswered by the reference%n",
        name, SEED, report.requests(), millis, report.total(), report.silences().size());
    write(name, report);
    assertThat(report.total()).withFailMessage(report::toString).isZero();
    assertThat(report.requests()).as(report.toString()).isGreaterThanOrEqualTo(requests);
  }

  /** Keeps the whole report and the requests that led to the first difference. */
  private static void write(String name, Report report) throws IOException {
    Path target = Files.createDirectories(Path.of("target", "conformance"));
    Files.writeString(target.resolve(name + ".txt"), report.toString());
    Files.writeString(target.resolve(name + "-answers.txt"), report.answers() + "\n");
    Files.write(target.resolve(name + "-requests.txt"), report.prefix());
  }
}
