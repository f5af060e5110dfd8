package io.lodestone.server.maintenance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Snapshot files for clients: written to a directory of their own, sent, and deleted. Memory is
 * bounded, disk is not: a file takes as much as the store. Thread-safe.
 */
public final class Snapshots {
  private final Path directory;
  private final SnapshotWriter writer;
  private final AtomicLong taken = new AtomicLong();

  /** Takes over {@code directory}: what a killed process has left there is deleted. */
  public Snapshots(Path directory, SnapshotWriter writer) throws IOException {
    this.directory = directory;
    this.writer = writer;
    Files.createDirectories(directory);
    try (Stream<Path> left = Files.list(directory)) {
      for (Path file : left.toList()) {
        Files.delete(file);
      }
    }
  }

  interface Use<T> {
    T of(Path file, long revision) throws IOException, InterruptedException;
  }

  /** Writes a snapshot file, makes something of it, and deletes it. */
  <T> T with(Use<T> use) throws IOException, InterruptedException {
    Path file = directory.resolve("snapshot-" + taken.incrementAndGet() + ".db");
    try {
      long revision = writer.write(file);
      return use.of(file, revision);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
