package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.LodestoneException;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.metrics.MetricsPort;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads of a migration, and what the documents say of it. */
final class MigrationMetricsTest {
  private static final String PREFIX = "lodestone_migrate_";
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern METRIC = Pattern.compile(PREFIX + "[a-z_]*[a-z]");
  private static final Pattern SHORT_METRIC = Pattern.compile("`([a-z]+(_[a-z]+)*)`");

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir Path folder;

  private String page(MetricsPort port) throws IOException, InterruptedException {
    URI page = URI.create("http://127.0.0.1:" + port.port() + "/metrics");
    return http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
  }

  private static double value(String page, String series) {
    String line = PREFIX + series + " ";
    return page.lines()
        .filter(each -> each.startsWith(line))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(series + " is not in\n" + page));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aMoveIsToldFromItsBeginningToItsEnd() throws Exception {
    EtcdCluster source = EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start();
    try (Move move = new Move(source, EtcdRelease.of("3.5"), 1, folder);
        MetricsPort port =
            MetricsPort.open("127.0.0.1", 0, new MigrationDirectory(move.directory))) {
      assertThat(value(page(port), "phase{phase=\"preflight\"}")).isZero();
      Move.put(move.old, "before", "the seed");
      List<String> fenced = new ArrayList<>();
      move.onPhase(phase -> readAt(phase, port, fenced));
      CompletableFuture<Void> run = move.start(move.migration(false));
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        move.startDestination();
        move.awaitPhase(run, Phase.STEADY);
        await()
            .atMost(Move.PATIENCE)
            .until(() -> writer.writes() > 50 && isRepeated(page(port), 50));
        assertSteady(page(port));
        assertDocumented(page(port));
        move.migration(false).cutOver();
        run.join();
      }
      assertFenced(fenced.get(0));
      String done = page(port);
      assertThat(value(done, "phase{phase=\"done\"}")).isOne();
      assertThat(value(done, "proved")).isOne();
      assertThat(value(done, "failures_total")).isZero();
      assertThat(value(done, "writers_waited_seconds"))
          .isEqualTo(move.report().writersWaitedMillis().orElseThrow() / 1000.0);
      assertThat(done).doesNotContain("lag_revisions");
    }
  }

  private static boolean isRepeated(String page, int revisions) {
    return page.contains("lag_revisions ")
        && value(page, "replayed_revisions_total") > revisions
        && value(page, "replayed_per_second") > 0;
  }

  private static void assertSteady(String page) {
    assertThat(value(page, "phase{phase=\"steady\"}")).isOne();
    assertThat(value(page, "phase{phase=\"catch_up\"}")).isZero();
    assertThat(value(page, "phase_seconds{phase=\"seed\"}")).isPositive();
    assertThat(value(page, "phase_seconds{phase=\"steady\"}")).isPositive();
    assertThat(value(page, "source_revision"))
        .isEqualTo(value(page, "destination_revision") + value(page, "lag_revisions"));
    assertThat(value(page, "source_fenced")).isZero();
    assertThat(value(page, "writers_waited_seconds")).isZero();
    assertThat(value(page, "proved")).isZero();
    assertThat(value(page, "spool_bytes")).isNotNegative();
    assertThat(value(page, "heap_bytes")).isPositive();
  }

  private void readAt(Phase phase, MetricsPort port, List<String> pages) {
    if (phase == Phase.CONSISTENCY_CHECK) {
      try {
        pages.add(page(port));
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void assertFenced(String page) {
    assertThat(value(page, "source_fenced")).isOne();
    assertThat(value(page, "writers_waited_seconds")).isPositive();
    assertThat(value(page, "proved")).isZero();
  }

  /** The page names every metric and no other; the alerts name none that is not told. */
  private static void assertDocumented(String page) throws IOException {
    Set<String> told = names(METRIC, page);
    String text = Files.readString(DOCS.resolve("migrate.md"));
    String table = text.substring(text.indexOf("| metric"), text.indexOf("[migrate/alerts.yaml]"));
    Set<String> documented =
        SHORT_METRIC
            .matcher(table.replaceAll("`" + PREFIX + "`", ""))
            .results()
            .map(match -> PREFIX + match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).containsExactlyElementsOf(told);
    assertThat(told)
        .containsAll(names(METRIC, Files.readString(DOCS.resolve("migrate/alerts.yaml"))));
  }

  @Test
  void anAddressThatIsTakenIsToldBeforeAnythingBegins() {
    MigrationDirectory directory = new MigrationDirectory(folder);
    try (MetricsPort first = MetricsPort.open("127.0.0.1", 0, directory)) {
      int taken = first.port();
      assertThatThrownBy(() -> MetricsPort.open("127.0.0.1", taken, directory))
          .isInstanceOfSatisfying(
              LodestoneException.class, e -> assertThat(e.hint()).contains("--listen"));
    }
  }
}
