package io.lodestone.revisions.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScratchDirectoryTest {
  @TempDir Path parent;
  private final List<Process> owners = new ArrayList<>();

  @AfterEach
  void killOwners() throws InterruptedException {
    for (Process owner : owners) {
      owner.destroyForcibly().waitFor();
    }
  }

  @Test
  void closingDeletesItWithEverythingInIt() throws IOException {
    try (ScratchDirectory directory = ScratchDirectory.create(parent, "drill")) {
      Files.createDirectories(directory.path().resolve("store").resolve("deep"));
      Files.writeString(directory.path().resolve("store").resolve("deep").resolve("file"), "x");
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void whatAKilledProcessLeftBehindIsDeletedByTheNextOne() throws Exception {
    Process owner = owner();
    Path left = madeBy(owner);
    Files.writeString(Files.createDirectory(left.resolve("store")).resolve("file"), "x");

    try (ScratchDirectory other = ScratchDirectory.create(parent, "stream")) {
      assertThat(left.resolve("store").resolve("file")).as("its owner lives").exists();
      assertThat(other.path()).exists();
    }
    owner.destroyForcibly().waitFor();
    try (ScratchDirectory next = ScratchDirectory.create(parent, "stream")) {
      assertThat(left).doesNotExist();
      assertThat(next.path()).exists();
    }
  }

  @Test
  void directoriesOfTheSameProcessLeaveEachOtherAlone() throws Exception {
    Process owner = owner();
    Path others = madeBy(owner);
    try (ScratchDirectory one = ScratchDirectory.create(parent, "drill");
        ScratchDirectory two = ScratchDirectory.create(parent, "drill")) {
      assertThat(one.path()).exists();
      assertThat(two.path()).exists();
      assertThat(others).exists();
    }
  }

  @Test
  void whatIsNotOursIsLeftAlone() throws IOException {
    Path directory = Files.createDirectory(parent.resolve("drill-of-somebody"));
    Files.writeString(directory.resolve("precious"), "x");
    Path file = Files.writeString(parent.resolve("drill-notes-x"), "x");
    Path link = Files.createSymbolicLink(parent.resolve("drill-link-x"), directory);
    try (ScratchDirectory next = ScratchDirectory.create(parent, "drill")) {
      assertThat(next.path()).exists();
    }
    assertThat(directory.resolve("precious")).exists();
    assertThat(file).exists();
    assertThat(link).exists();
  }

  private Process owner() throws IOException {
    Process owner =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Owner.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    owners.add(owner);
    return owner;
  }

  private static Path madeBy(Process owner) throws IOException {
    BufferedReader said = owner.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    while (!line.startsWith(Owner.MADE)) {
      line = said.readLine();
    }
    return Path.of(line.substring(Owner.MADE.length()));
  }

  /** Makes one, and waits to be killed. */
  static final class Owner {
    static final String MADE = "made ";

    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      try (ScratchDirectory directory = ScratchDirectory.create(Path.of(arguments[0]), "drill")) {
        System.out.println(MADE + directory.path());
        Thread.currentThread().join();
      }
    }
  }
}
