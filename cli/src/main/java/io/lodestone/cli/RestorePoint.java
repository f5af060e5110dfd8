package io.lodestone.cli;

import io.lodestone.repository.RepositorySource;
import io.lodestone.restore.gardener.GardenerSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StopAt;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** A point in a history: its end, a revision or a time. */
final class RestorePoint {
  @Option(
      names = "--to-revision",
      paramLabel = "R",
      description = "the state at this revision; default: the newest")
  private Optional<Long> revision = Optional.empty();

  @Option(
      names = "--to-time",
      paramLabel = "T",
      description =
          "the state at this time, for example 2026-11-01T12:00:00Z; only of what tells times:"
              + " repositories, and Gardener's chains")
  private Optional<String> time = Optional.empty();

  @Option(
      names = "--latest",
      description = "the newest state, which is also taken where no point is named")
  private boolean latest;

  /** What is wrong with the options, if anything. */
  Optional<String> misuse() {
    long named =
        Stream.of(revision.isPresent(), time.isPresent(), latest).filter(one -> one).count();
    return named > 1
        ? Optional.of("--to-revision, --to-time and --latest exclude each other: give one of them")
        : Optional.empty();
  }

  /** Whether a point was named. */
  boolean isChosen() {
    return revision.isPresent() || time.isPresent() || latest;
  }

  boolean isTime() {
    return time.isPresent();
  }

  /** The history, cut where asked. */
  RepositorySource cut(RepositorySource history) throws IOException {
    if (revision.isPresent()) {
      return history.at(revision.get());
    }
    return time.isPresent() ? history.at(PointInTime.instant(time.get())) : history;
  }

  /** The chain, cut where asked. */
  GardenerSource cut(GardenerSource chain) throws IOException {
    if (revision.isPresent()) {
      return chain.at(revision.get());
    }
    return time.isPresent() ? chain.at(PointInTime.instant(time.get())) : chain;
  }

  /** What has revisions only, cut where asked. */
  RevisionStream cut(RevisionStream stream) {
    return revision.isPresent() ? new StopAt(stream, revision.get()) : stream;
  }

  /** As a person would say it behind the name of a history; empty for its end. */
  String describe() {
    return revision
        .map(at -> " at revision " + at)
        .or(() -> time.map(at -> " at " + at))
        .orElse("");
  }
}
