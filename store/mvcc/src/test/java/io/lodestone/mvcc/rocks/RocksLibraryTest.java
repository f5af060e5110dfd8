package io.lodestone.mvcc.rocks;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.mvcc.rocks.RocksLibrary.Packed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksLibraryTest {
  @TempDir Path directory;

  @Test
  void whatIsKeptIsUnpackedOnceAndAgainWhereItIsNotWhole() throws Exception {
    Packed packed = Packed.find().orElseThrow();
    Path kept = packed.kept(directory).orElseThrow();
    Path file = kept.resolve(Packed.FILE);
    assertThat(file).hasSize(packed.sizeBytes());
    FileTime old = FileTime.fromMillis(1);
    Files.setLastModifiedTime(file, old);
    assertThat(packed.kept(directory)).contains(kept);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);

    Files.write(file, new byte[10]);
    assertThat(packed.kept(directory)).contains(kept);
    assertThat(file).hasSize(packed.sizeBytes());
    assertThat(names(kept)).containsExactly(Packed.FILE);

    assertThat(packed.kept(file)).isEmpty();

    Files.delete(file);
    Files.createDirectories(file.resolve("in the way"));
    assertThat(packed.kept(directory)).isEmpty();
    assertThat(names(kept)).containsExactly(Packed.FILE);
  }

  /** A process of its own, since this one has loaded it already; it is killed by itself. */
  @Test
  void whoIsKilledLeavesNothingBehind() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Path kept = directory.resolve("kept");
    assertThat(names(temporary)).isEmpty();
    assertThat(open(temporary, List.of())).isEqualTo(Opening.KILLED);
    assertThat(names(temporary)).isEmpty();
    assertThat(open(temporary, List.of("-D" + RocksLibrary.KEEP + "=" + kept)))
        .isEqualTo(Opening.KILLED);
    assertThat(names(temporary)).isEmpty();
    assertThat(Packed.find().orElseThrow().kept(kept))
        .hasValueSatisfying(own -> assertThat(own.resolve(Packed.FILE)).exists());
  }

  private int open(Path temporary, List<String> options) throws Exception {
    List<String> command =
        Stream.of(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                Stream.of("-XX:-UsePerfData", "-Djava.io.tmpdir=" + temporary),
                options.stream(),
                Stream.of("-cp", System.getProperty("java.class.path")),
                Stream.of(Opening.class.getName(), directory.resolve("store").toString()))
            .flatMap(words -> words)
            .toList();
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** Opens a store and ends at once, without the JVM's own end. */
  static final class Opening {
    static final int KILLED = 137;

    private Opening() {}

    public static void main(String[] arguments) throws IOException {
      RocksStore store = RocksStore.open(Path.of(arguments[0]), RocksSettings.serving(8 << 20));
      Runtime.getRuntime().halt(store == null ? 1 : KILLED);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.map(path -> path.getFileName().toString()).toList();
    }
  }
}
