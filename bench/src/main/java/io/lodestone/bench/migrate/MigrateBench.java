package io.lodestone.bench.migrate;

import io.lodestone.peers.FreePorts;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Measures {@code lodestone migrate}: writers' wait over many moves, a Kubernetes cluster's data,
 * replay beside {@code etcdctl make-mirror}, memory with a long backlog. Members, migration and
 * load are processes on one machine and disk, fsync on.
 *
 * <p>Arguments: the folder to work in; how many moves (default 20); writes a second (default
 * 1,000); a divisor of objects and backlogs (default 1); and which of {@code cutovers}, {@code
 * kubernetes}, {@code replay}, {@code backlog} to measure (default all). Among these, {@code
 * members=N} gives the clusters so many members instead of three, and {@code late} has the moves of
 * {@code cutovers} seed late.
 */
public final class MigrateBench {
  private static final List<String> ALL = List.of("cutovers", "kubernetes", "replay", "backlog");
  private static final String MEMBERS = "members=";
  private static final String LATE = "late";
  private static final int USUAL_MEMBERS = 3;
  private static final int REPLAYED = 50_000;
  private static final int FEW_BEHIND = 10_000;
  private static final int MANY_BEHIND = 600_000;

  private MigrateBench() {}

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path lodestone = home.resolve("lodestone");
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int migrations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    int perSecond = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1000;
    int divisor = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
    List<String> words = Arrays.stream(arguments).skip(4).toList();
    int members =
        words.stream()
            .filter(word -> word.startsWith(MEMBERS))
            .mapToInt(word -> Integer.parseInt(word.substring(MEMBERS.length())))
            .findFirst()
            .orElse(USUAL_MEMBERS);
    List<String> settings = words.contains(LATE) ? List.of("late-seed: true") : List.of();
    List<String> named =
        words.stream().filter(word -> !word.startsWith(MEMBERS) && !word.equals(LATE)).toList();
    List<String> parts = named.isEmpty() ? ALL : named;
    Files.createDirectories(folder);
    int port = FreePorts.take();
    PrintStream out = System.out;
    if (parts.contains("cutovers")) {
      new CutoverBench(lodestone, folder, members, settings, out).run(migrations, perSecond, port);
    }
    if (parts.contains("kubernetes")) {
      new KubernetesBench(lodestone, folder, members, out).run(divisor, port);
    }
    if (parts.contains("replay")) {
      new ReplayBench(lodestone, folder, members, out).run(REPLAYED / divisor, port);
    }
    if (parts.contains("backlog")) {
      new BacklogBench(lodestone, folder, out)
          .run(FEW_BEHIND / divisor, MANY_BEHIND / divisor, port);
    }
  }
}
