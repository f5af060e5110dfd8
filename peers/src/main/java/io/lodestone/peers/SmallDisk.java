package io.lodestone.peers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A small file system that can be filled to the last byte, for tests. Confined to one thread.
 *
 * <p>It is a tmpfs that a child process mounts in a mount namespace of its own, as root or in a
 * user namespace, and that is reached through {@code /proc/<pid>/root}; nothing is left behind when
 * the child ends. Where a container forbids that, its own small {@code /dev/shm} serves.
 */
public final class SmallDisk implements AutoCloseable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final int SMALL_MIB = 128;
  private static final String LONGEST_LIFE_SECONDS = "900";
  private static final int CHUNK_BYTES = 64 << 10;
  private static final List<List<String>> NAMESPACES =
      List.of(List.of("unshare", "-m"), List.of("unshare", "-rm"));

  private final Optional<Process> holder;
  private final Path root;
  private final Path ballast;

  private SmallDisk(Optional<Process> holder, Path root) {
    this.holder = holder;
    this.root = root;
    this.ballast = root.resolve("ballast");
  }

  /**
   * Makes one of {@code sizeMib}; fails with a hint where neither way is open.
   *
   * @param mountPoint an empty directory
   */
  public static SmallDisk make(Path mountPoint, int sizeMib) throws IOException {
    List<String> mount =
        List.of(
            "sh",
            "-c",
            "mount -t tmpfs -o size=\"$1\"m tmpfs \"$0\" && echo mounted && exec sleep \"$2\"",
            mountPoint.toString(),
            "" + sizeMib,
            LONGEST_LIFE_SECONDS);
    for (List<String> namespace : NAMESPACES) {
      List<String> command = new ArrayList<>(namespace);
      command.addAll(mount);
      Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
      if ("mounted".equals(holder.inputReader(StandardCharsets.UTF_8).readLine())) {
        Path root = Path.of("/proc/" + holder.pid() + "/root" + mountPoint.toAbsolutePath());
        return new SmallDisk(Optional.of(holder), root);
      }
      holder.destroy();
    }
    return ofSharedMemory();
  }

  private static SmallDisk ofSharedMemory() throws IOException {
    if (Files.getFileStore(SHARED_MEMORY).getTotalSpace() > (long) SMALL_MIB << 20) {
      throw new IOException(
          "no small file system: run as root or allow user namespaces (unshare -rm), or run in a"
              + " container with a /dev/shm of at most "
              + SMALL_MIB
              + " MiB");
    }
    return new SmallDisk(
        Optional.empty(), Files.createTempDirectory(SHARED_MEMORY, "lodestone-disk"));
  }

  /** A directory on it. */
  public Path root() {
    return root;
  }

  /** Leaves no byte free. */
  public void fill() throws IOException {
    for (int chunk = CHUNK_BYTES; chunk > 0; chunk /= 16) {
      append(new byte[chunk]);
    }
  }

  private void append(byte[] chunk) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException e) {
      if (root.toFile().getUsableSpace() >= chunk.length) {
        throw e;
      }
    }
  }

  /** Of what {@link #fill} took, gives {@code bytes} back. */
  public void leave(long bytes) throws IOException {
    try (FileChannel taken = FileChannel.open(ballast, StandardOpenOption.WRITE)) {
      taken.truncate(taken.size() - bytes);
    }
  }

  /** Gives back what {@link #fill} took. */
  public void makeRoom() throws IOException {
    Files.deleteIfExists(ballast);
  }

  /** Nothing on it may be in use any more. */
  @Override
  public void close() throws IOException {
    makeRoom();
    if (holder.isPresent()) {
      holder.get().destroy();
    } else {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
