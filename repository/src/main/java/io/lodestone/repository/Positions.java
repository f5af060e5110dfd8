package io.lodestone.repository;

import io.lodestone.repository.Position.End;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LeaseTable;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Standing;
import io.lodestone.revisions.StreamItem.Compaction;
import java.io.IOException;
import java.util.Optional;

/** Tells where a lineage ends. */
final class Positions {
  private Positions() {}

  static Position of(Appender appender, LeaseTable leases) {
    return of(appender.lineage(), appender.last(), appender.standing(), leases);
  }

  /** Reads the position of a log whose newest entry is {@code seq}. */
  static Position read(EntryLog log, Lineage lineage, long seq) throws IOException {
    OpenedObject<EntryHeader> last = log.read(seq);
    LeaseTable leases = LeaseTable.load(log, last.header());
    return of(lineage, SealedLink.of(last), last.header().standing(), leases);
  }

  private static Position of(
      Lineage lineage, SealedLink last, Standing standing, LeaseTable leases) {
    Optional<End> end =
        standing.hasBase()
            ? Optional.of(
                new End(
                    standing.revision(),
                    standing.at(),
                    new Compaction(standing.compactScheduled(), standing.compactFinished()),
                    leases.live()))
            : Optional.empty();
    return new Position(lineage, last.seq(), last.hash(), end);
  }
}
