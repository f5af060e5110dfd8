package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberDirectorySink;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.server.DataDirectorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * Where a restore goes: data directories of a new cluster, the data directory of a store, or a
 * snapshot file.
 */
final class RestoreTarget {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "write every member's data directory to DIR/<name>; with --name, that member's to DIR itself")
  private Optional<Path> dataDir = Optional.empty();

  @Option(names = "--name", paramLabel = "NAME", description = "write this member only")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--initial-cluster",
      split = ",",
      paramLabel = "NAME=URL",
      description =
          "every member of the new cluster and its peer URL, as etcd's flag; a member's further URLs under its name again")
  private List<String> initialCluster = List.of();

  @Option(
      names = "--initial-cluster-token",
      paramLabel = "TOKEN",
      defaultValue = "etcd-cluster",
      description = "as etcd's flag; default: etcd-cluster")
  private String token = "etcd-cluster";

  @Option(
      names = "--store-dir",
      paramLabel = "DIR",
      description = "write the data directory of `lodestone store`, to DIR itself")
  private Optional<Path> storeDir = Optional.empty();

  @Option(
      names = "--output-file",
      paramLabel = "FILE",
      description = "write a snapshot file, as etcd's snapshot tools take it")
  private Optional<Path> outputFile = Optional.empty();

  @Option(
      names = "--lease-ttl",
      defaultValue = "remaining",
      paramLabel = "HOW",
      description =
          "how long restored leases live: remaining (what they had left when captured; "
              + "default), full (their granted TTL), or hold (until a client first keeps them alive; "
              + "start etcd with --experimental-enable-lease-checkpoint; a store needs no flag)")
  private LeasePolicy leaseTtl = LeasePolicy.REMAINING;

  @Option(
      names = "--bump-revision",
      paramLabel = "N|auto",
      defaultValue = "0",
      converter = RevisionBump.Converter.class,
      description =
          "continue N revisions higher, and mark everything below as compacted; for clients of "
              + "the old cluster that live on and saw later revisions than the one restored. auto: a million"
              + " above the last revision that the repository knows of")
  private RevisionBump bump = new RevisionBump(false, 0);

  RevisionBump bump() {
    return bump;
  }

  /** What is wrong with the options, if anything. */
  Optional<String> misuse() {
    if (Stream.of(dataDir, storeDir, outputFile).filter(Optional::isPresent).count() != 1) {
      return Optional.of("a restore needs one target: --data-dir, --store-dir or --output-file");
    }
    if (dataDir.isPresent() && initialCluster.isEmpty()) {
      return Optional.of(
          "--data-dir needs the members of the new cluster: --initial-cluster m1=http://10.0.0.1:2380,m2=...");
    }
    return Optional.empty();
  }

  /**
   * Fails where the target exists and is not empty, before anything is read; {@code folders} makes
   * the folders above it.
   */
  RevisionSink open(TargetFolders folders, long bumpRevisions) throws IOException {
    CopyRules rules = new CopyRules(leaseTtl, bumpRevisions);
    if (outputFile.isPresent()) {
      folders.createFor(outputFile.get());
      return new SnapshotFileSink(outputFile.get(), rules);
    }
    Map<String, Path> directories = written();
    for (Path directory : directories.values()) {
      folders.createFor(directory);
      deleteIfEmpty(directory);
    }
    if (storeDir.isPresent()) {
      return new DataDirectorySink(storeDir.get(), rules);
    }
    return new MemberDirectorySink(cluster(), directories, rules);
  }

  /**
   * Where what is fetched for this target stays until it is there: beside it, {@code
   * .<name>.download}; {@code folders} makes the folders above it.
   */
  Path downloads(TargetFolders folders) throws IOException {
    Path first = written().values().iterator().next().toAbsolutePath();
    folders.createFor(first);
    return first.resolveSibling("." + first.getFileName() + ".download");
  }

  /** Paths by member name; a store gets its name when it starts, a snapshot file has none. */
  Map<String, Path> written() {
    Optional<Path> nameless = outputFile.or(() -> storeDir);
    if (nameless.isPresent()) {
      return Map.of("-", nameless.get());
    }
    Path root = dataDir.orElseThrow();
    Map<String, Path> directories = new LinkedHashMap<>();
    for (MemberSpec member : cluster().members()) {
      if (name.isEmpty()) {
        directories.put(member.name(), root.resolve(member.name()));
      } else if (name.get().equals(member.name())) {
        directories.put(member.name(), root);
      }
    }
    if (directories.isEmpty()) {
      throw new LodestoneException(
          "member " + name.orElse("") + " is not in --initial-cluster",
          "name one of its members, or leave --name out to write all");
    }
    return directories;
  }

  private ClusterSpec cluster() {
    return InitialCluster.parse(token, initialCluster);
  }

  private static void deleteIfEmpty(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (var entries = Files.newDirectoryStream(directory)) {
        if (!entries.iterator().hasNext()) {
          Files.delete(directory);
        }
      }
    }
  }
}
