package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.mvcc.rocks.DirectoryLock;
import io.lodestone.server.ReplicaServer.Identity;
import io.lodestone.server.cluster.MembersFile;
import io.lodestone.server.cluster.MembersFile.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The data directory of a replica: the file {@code source}, which names the cluster and the replica
 * as a {@link MembersFile} without members, and in {@code bases} one engine's directory for each
 * base, numbered; the highest number counts. One that follows as a learner also has the file {@code
 * learner}, of the same form, with its id as a member, or 0 where it has left the cluster: its
 * engines stand at places of the cluster's log, those of others do not. Confined to one thread.
 */
final class ReplicaDirectory implements AutoCloseable {
  private final Path root;
  private final Path bases;
  private final DirectoryLock lock;
  private final MembersFile source;

  private ReplicaDirectory(Path root, Path bases, DirectoryLock lock) {
    this.root = root;
    this.bases = bases;
    this.lock = lock;
    this.source = new MembersFile(root.resolve("source"));
  }

  /** Makes the directory, and keeps it to this process; fails with a hint where another has it. */
  static ReplicaDirectory open(Path root) throws IOException {
    Path bases = root.resolve("bases");
    return new ReplicaDirectory(root, bases, DirectoryLock.take(bases));
  }

  /**
   * Who the replica in this directory is, from its first start on. Fails with a hint where the
   * directory holds a copy of another cluster than {@code clusterId}, or something else.
   */
  Identity identity(long clusterId) throws IOException {
    Optional<Stored> stored = source.read();
    if (stored.isEmpty()) {
      return begin(clusterId);
    }
    Identity known = new Identity(stored.get().clusterId(), stored.get().localId());
    if (known.clusterId() != clusterId) {
      throw otherCluster(root, known.clusterId(), clusterId);
    }
    return known;
  }

  private static LodestoneException otherCluster(Path root, long known, long asked) {
    return new LodestoneException(
        root
            + " holds a copy of cluster "
            + Long.toHexString(known)
            + ", but the endpoints are of cluster "
            + Long.toHexString(asked),
        "check --endpoints; to copy the other cluster, name another --data-dir");
  }

  private Identity begin(long clusterId) throws IOException {
    requireEmpty();
    Identity identity = new Identity(clusterId, new SecureRandom().nextLong() & Long.MAX_VALUE);
    source.write(new Stored(identity.clusterId(), identity.replicaId(), List.of()));
    return identity;
  }

  private void requireEmpty() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      if (files.anyMatch(file -> !file.equals(bases))) {
        throw new LodestoneException(
            root + " is not empty and holds no replica", "name a new or empty --data-dir");
      }
    }
  }

  /** Fails with a hint where the directory was filled in another way than by {@code mode}. */
  void require(Mode mode) throws IOException {
    boolean learner = Files.exists(learnerFile(root));
    boolean filled = newest().isPresent();
    if (mode == Mode.WATCH && learner) {
      throw new LodestoneException(
          root + " belongs to a replica that follows with --mode raft",
          "start it with --mode raft, or name another --data-dir");
    }
    if (mode == Mode.RAFT && filled && !learner) {
      throw new LodestoneException(
          root + " belongs to a replica that follows with --mode watch",
          "start it without --mode raft, or name another --data-dir");
    }
  }

  /** The id that the replica has as a member; empty before it has joined, and once it has left. */
  OptionalLong memberId() throws IOException {
    return memberId(root);
  }

  /** The same for a directory that may be in use. */
  static OptionalLong memberId(Path root) throws IOException {
    return new MembersFile(learnerFile(root))
        .read()
        .map(
            stored ->
                stored.localId() == 0 ? OptionalLong.empty() : OptionalLong.of(stored.localId()))
        .orElseGet(OptionalLong::empty);
  }

  /** Fails with a hint where the directory holds a copy of another cluster. */
  static void requireCluster(Path root, long clusterId) throws IOException {
    Optional<Stored> stored = new MembersFile(learnerFile(root)).read();
    if (stored.isPresent() && stored.get().clusterId() != clusterId) {
      throw otherCluster(root, stored.get().clusterId(), clusterId);
    }
  }

  /** When this returns, the id is on disk. */
  void rememberMember(long clusterId, long id) throws IOException {
    new MembersFile(learnerFile(root)).write(new Stored(clusterId, id, List.of()));
  }

  /** When this returns, it is on disk that the replica is no member. */
  static void forgetMember(Path root, long clusterId) throws IOException {
    new MembersFile(learnerFile(root)).write(new Stored(clusterId, 0, List.of()));
  }

  private static Path learnerFile(Path root) {
    return root.resolve("learner");
  }

  /** The base that counts; empty before the first is whole. */
  Optional<Path> newest() throws IOException {
    return all().stream().filter(ReplicaDirectory::isWhole).max(Comparator.naturalOrder());
  }

  /** Where the next base goes. */
  Path next() throws IOException {
    long last = newest().map(ReplicaDirectory::number).orElse(0L);
    return bases.resolve(String.format("%06d", last + 1));
  }

  /** Removes all bases but {@code base}, and what was left of others. */
  void keepOnly(Path base) throws IOException {
    for (Path other : all()) {
      if (!other.equals(base)) {
        delete(other);
      }
    }
  }

  /** Where snapshots and a backlog wait; empty: nothing in it outlives a process. */
  Path emptySpool() throws IOException {
    Path spool = root.resolve("spool");
    if (Files.exists(spool)) {
      delete(spool);
    }
    return Files.createDirectories(spool);
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> files = Files.list(bases)) {
      return files.filter(Files::isDirectory).toList();
    }
  }

  private static boolean isWhole(Path base) {
    return base.getFileName().toString().chars().allMatch(Character::isDigit);
  }

  private static long number(Path base) {
    return Long.parseLong(base.getFileName().toString());
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
