package io.lodestone.peers;

import io.lodestone.api.LodestoneException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stock etcd as installed here. Looked for in {@code $LODESTONE_PEERS} (or {@code
 * ~/.cache/lodestone/peers}) in folders {@code etcd-*}, where {@code ./check} unpacks it, and on
 * the PATH. Immutable.
 *
 * @param version for example {@code 3.5.30}
 * @param bin the folder that holds {@code etcd} and {@code etcdctl}, and from 3.5 on {@code
 *     etcdutl}
 */
public record EtcdRelease(String version, Path bin) {
  private static final String PEERS_VARIABLE = "LODESTONE_PEERS";

  /** Every release found, oldest first, one for each version. */
  public static List<EtcdRelease> installed() {
    List<EtcdRelease> releases = new ArrayList<>();
    for (Path bin : candidates()) {
      if (Files.isExecutable(bin.resolve("etcd")) && Files.isExecutable(bin.resolve("etcdctl"))) {
        EtcdRelease release = new EtcdRelease(versionOf(bin), bin);
        if (releases.stream().noneMatch(known -> known.version.equals(release.version))) {
          releases.add(release);
        }
      }
    }
    releases.sort(Comparator.comparing(EtcdRelease::version));
    return releases;
  }

  /** The release of one minor version, for example {@code 3.5}. */
  public static EtcdRelease of(String minor) {
    return installed().stream()
        .filter(release -> release.minor().equals(minor))
        .findFirst()
        .orElseThrow(
            () ->
                new LodestoneException(
                    "stock etcd " + minor + " is not on this machine",
                    "run ./check, which unpacks it under ~/.cache/lodestone/peers, or put it on the PATH"));
  }

  /** The newest release there is; empty where there is none. */
  public static Optional<EtcdRelease> newest() {
    List<EtcdRelease> releases = installed();
    return releases.isEmpty() ? Optional.empty() : Optional.of(releases.get(releases.size() - 1));
  }

  /** Major and minor version, for example {@code 3.5}. */
  public String minor() {
    return version.substring(0, version.indexOf('.', version.indexOf('.') + 1));
  }

  public Path etcd() {
    return bin.resolve("etcd");
  }

  public Path etcdctl() {
    return bin.resolve("etcdctl");
  }

  /**
   * The tool with {@code snapshot status} and {@code snapshot restore}: etcdutl where the release
   * has one.
   */
  public Path snapshotTool() {
    Path etcdutl = bin.resolve("etcdutl");
    return Files.isExecutable(etcdutl) ? etcdutl : etcdctl();
  }

  private static List<Path> candidates() {
    List<Path> folders = new ArrayList<>();
    Path peers = peersFolder();
    if (Files.isDirectory(peers)) {
      try (Stream<Path> entries = Files.list(peers)) {
        entries
            .filter(entry -> entry.getFileName().toString().startsWith("etcd-"))
            .forEach(entry -> folders.add(entry.resolve("usr/bin")));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + peers, e);
      }
    }
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    return folders;
  }

  /** Where {@code ./check} unpacks peers. */
  static Path peersFolder() {
    String named = System.getenv(PEERS_VARIABLE);
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache", "lodestone", "peers");
  }

  private static String versionOf(Path bin) {
    try {
      Process process =
          new ProcessBuilder(bin.resolve("etcd").toString(), "--version")
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return output
          .lines()
          .filter(line -> line.startsWith("etcd Version: "))
          .map(line -> line.substring("etcd Version: ".length()).strip())
          .findFirst()
          .orElseThrow(() -> new IOException(bin.resolve("etcd") + " --version says: " + output));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask " + bin.resolve("etcd") + " for its version", e);
    }
  }
}
