package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One pass over stored rows for a group of watchers, from the earliest position in the group to the
 * end of the view, or until all have enough, or until the pass has been long enough, or has 16 MiB
 * of events and the rest of a revision, for the next group to have its turn. Confined to the
 * history thread.
 */
final class HistoryReading {
  private static final int MAX_ROWS = 100_000;
  private static final long MAX_EVENT_BYTES = 16 << 20;

  private final EngineView view;
  private final long pieceBytes;
  private final Map<Watcher, HistoryPiece> pieces = new HashMap<>();
  private final List<Watcher> compacted = new ArrayList<>();
  private final WatcherIndex index = new WatcherIndex();
  private int wanting;
  private int rows;
  private long eventBytes;
  private long revision;
  private boolean stopped;

  /**
   * @param pieceBytes that one watcher may get, and the rest of a revision
   */
  HistoryReading(EngineView view, long pieceBytes) {
    this.view = view;
    this.pieceBytes = pieceBytes;
  }

  /** What it came to: who has which piece, and whose history is gone. */
  record Result(
      List<HistoryPiece> pieces, List<Watcher> compacted, long head, long compactRevision) {}

  Result read(Map<Watcher, Long> positions) throws IOException {
    positions.forEach(this::admit);
    if (wanting > 0) {
      long from = pieces.values().stream().mapToLong(HistoryPiece::from).min().orElseThrow();
      revision = from - 1;
      view.rowsFrom(from).scan(this::visit);
      long end = stopped ? revision : view.revision();
      pieces.values().forEach(piece -> piece.endAt(end));
    }
    return new Result(
        List.copyOf(pieces.values()), compacted, view.revision(), view.compactRevision());
  }

  private void admit(Watcher watcher, long from) {
    if (from < view.compactRevision()) {
      compacted.add(watcher);
      return;
    }
    pieces.put(watcher, new HistoryPiece(watcher, from, pieceBytes));
    index.add(watcher);
    wanting++;
  }

  /** Stops only between two revisions. */
  private boolean visit(RevisionRecord row) {
    if (row.main() > revision) {
      if (wanting == 0 || rows >= MAX_ROWS || eventBytes >= MAX_EVENT_BYTES) {
        stopped = true;
        return false;
      }
      revision = row.main();
    }
    rows++;
    if (!row.value().isEmpty()) {
      give(row);
    }
    return true;
  }

  private void give(RevisionRecord row) {
    ByteString key = row.key();
    WatchEvent event = new WatchEvent(row, () -> before(row, key));
    index.forEachOn(
        key,
        watcher -> {
          HistoryPiece piece = pieces.get(watcher);
          if (watcher.request().wants(row) && !piece.isFull()) {
            piece.add(event);
            wanting -= piece.isFull() ? 1 : 0;
          }
        });
    eventBytes += event.encodedBytes();
  }

  /** The key one revision before; empty for a key that was created, or where that is compacted. */
  private Optional<ByteString> before(RevisionRecord row, ByteString key) {
    if (!row.tombstone() && row.keyValue().getCreateRevision() == row.main()) {
      return Optional.empty();
    }
    try {
      RangeResponse found =
          view.range(RangeRequest.newBuilder().setKey(key).setRevision(row.main() - 1).build());
      return found.getKvsList().stream().findFirst().map(keyValue -> keyValue.toByteString());
    } catch (StoreException e) {
      if (e.code() == ErrorCode.COMPACTED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
