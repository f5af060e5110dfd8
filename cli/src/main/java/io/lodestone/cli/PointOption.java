package io.lodestone.cli;

import io.lodestone.repository.Contents;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --at}: which moment of a history. */
final class PointOption {
  @Option(
      names = "--at",
      paramLabel = "REV|TIME",
      description = "the state at this revision or time; default: the newest")
  private Optional<String> point = Optional.empty();

  long revision(Repository repository, Lineage lineage, Contents contents) throws IOException {
    return point.isPresent()
        ? revision(repository, lineage, point.get())
        : contents.newestRevision();
  }

  /** The revision that somebody has written as a number or as a time. */
  static long revision(Repository repository, Lineage lineage, String point) throws IOException {
    return PointInTime.cut(repository.source(lineage), point).until().orElseThrow();
  }
}
