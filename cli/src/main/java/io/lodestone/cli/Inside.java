package io.lodestone.cli;

import io.lodestone.repository.Contents;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands need that look into a repository without restoring it. */
final class Inside {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();

  @Option(
      names = "--spool-dir",
      paramLabel = "DIR",
      description =
          "where rows wait that do not fit into memory; default: the system's temporary directory")
  private Optional<Path> spoolDirectory = Optional.empty();

  /** Answers one question. */
  interface Question {
    int answer(Repository repository, Lineage lineage, Contents contents) throws IOException;
  }

  int ask(Question question) throws IOException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      Path spool = spoolDirectory.orElse(Path.of(System.getProperty("java.io.tmpdir")));
      return question.answer(opened, chosen, opened.contents(chosen, spool));
    }
  }
}
