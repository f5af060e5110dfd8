package io.lodestone.conformance.cluster;

import io.lodestone.peers.Namespaces;
import io.lodestone.peers.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the members run in, where it is not simply this machine.
 *
 * @param network where each member is for itself; empty for loopback
 * @param disk of the first member; empty where it is as large as the others'
 * @param clocks the members'; empty where all have the machine's
 */
record Surroundings(
    Optional<Namespaces> network, Optional<SmallDisk> disk, Optional<WallClocks> clocks)
    implements AutoCloseable {
  private static final int DISK_MIB = 128;

  /** This machine. */
  static final Surroundings PLAIN =
      new Surroundings(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * As the properties {@code lodestone.cluster.network}, {@code .disk} ({@code true}) and {@code
   * .clock} (the path of libfaketime) say, for {@code size} members with data below {@code folder}.
   */
  static Surroundings asAskedFor(Path folder, int size) throws IOException, InterruptedException {
    Optional<WallClocks> clocks =
        Optional.ofNullable(System.getProperty("lodestone.cluster.clock"))
            .map(library -> new WallClocks(Path.of(library), folder));
    if (clocks.isPresent()) {
      clocks.get().requireWrong(0);
    }
    Optional<SmallDisk> disk =
        Boolean.getBoolean("lodestone.cluster.disk")
            ? Optional.of(SmallDisk.make(Files.createDirectory(folder.resolve("small")), DISK_MIB))
            : Optional.empty();
    Optional<Namespaces> network =
        Boolean.getBoolean("lodestone.cluster.network")
            ? Optional.of(new Namespaces(size))
            : Optional.empty();
    return new Surroundings(network, disk, clocks);
  }

  @Override
  public void close() throws IOException {
    if (disk.isPresent()) {
      disk.get().close();
    }
    if (network.isPresent()) {
      network.get().close();
    }
  }
}
