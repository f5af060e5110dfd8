package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.keys.Keysets;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code backup keygen}: makes or rotates a keyset. */
@Command(
    name = "keygen",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a new keyset for --keyset, readable for its owner only; with --rotate adds a key to one, which then",
      "encrypts what is new. Older keys stay: what they have encrypted needs them.",
      "Keep a copy apart from the repository: without it, nobody can restore."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup keygen --file /etc/lodestone/keyset.json",
      "  lodestone backup keygen --rotate --file /etc/lodestone/keyset.json"
    })
final class BackupKeygenCommand implements Callable<Integer> {
  private static final String OWNER_ONLY = "rw-------";

  @Mixin private final OutputOption output = new OutputOption();

  @Option(names = "--file", required = true, paramLabel = "FILE", description = "the keyset")
  private Path file = Path.of("");

  @Option(names = "--rotate", description = "add a key to the keyset that is there")
  private boolean rotate;

  @Override
  public Integer call() throws IOException {
    Keyset keyset =
        rotate
            ? Keysets.open("file:" + file.toAbsolutePath(), name -> null).rotated()
            : Keyset.generate();
    write(keyset);
    output.print(
        new Report()
            .fact("file", file)
            .fact("newestKey", keyset.newest().orElseThrow().keyId())
            .fact("keys", keyset.keyIds().size()));
    return ExitCodes.DONE;
  }

  /** Beside the place first, so that a crash leaves the keys that were there. */
  private void write(Keyset keyset) throws IOException {
    if (!rotate && Files.exists(file)) {
      throw exists();
    }
    Path temporary = Path.of(file.toAbsolutePath() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
    Files.writeString(temporary, keyset.toJson() + "\n", StandardOpenOption.SYNC);
    if (rotate) {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    try {
      Files.createLink(file, temporary);
    } catch (FileAlreadyExistsException e) {
      throw exists();
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private LodestoneException exists() {
    return new LodestoneException(
        "there is a file " + file + " already",
        "choose another name, or add a key to it with --rotate; what a lost key has encrypted is lost");
  }
}
