package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/**
 * The selected keys as they were at the end of a stream, kept in a store of its own on disk, so
 * that memory does not depend on how many they are. Confined to one thread; closing it leaves the
 * directory to its owner.
 */
public final class SelectedKeys implements AutoCloseable {
  private static final int PAGE = 256;
  private static final ByteString FIRST = ByteString.copyFrom(new byte[] {0});

  private final Engine engine;
  private final EngineView view;
  private final KeySelection selection;
  private final Map<Long, Long> ttls;
  private final Instant at;

  private SelectedKeys(Engine engine, KeySelection selection, Map<Long, Long> ttls, Instant at) {
    this.engine = engine;
    this.view = engine.view();
    this.selection = selection;
    this.ttls = ttls;
    this.at = at;
  }

  /**
   * Reads {@code stream} to its end; closing it stays the caller's.
   *
   * @param directory must not exist; takes as much room as the selected keys and their history
   * @param progress told now and then how many rows have been read
   */
  public static SelectedKeys read(
      RevisionStream stream, KeySelection selection, Path directory, LongConsumer progress)
      throws IOException, InterruptedException {
    Reading reading = new Reading(selection, directory, progress);
    try {
      reading.all(stream);
    } finally {
      reading.close();
    }
    return new SelectedKeys(
        Engine.open(directory, EngineOptions.DEFAULT), selection, reading.ttls, reading.at);
  }

  KeySelection selection() {
    return selection;
  }

  /** The main revision whose state this is. */
  public long revision() {
    return view.revision();
  }

  /** When the source was known to stand there. */
  public Instant at() {
    return at;
  }

  /** What {@code lease} was granted, in seconds; empty where the source did not know it. */
  OptionalLong grantedTtl(LeaseId lease) {
    Long ttl = ttls.get(lease.value());
    return ttl == null ? OptionalLong.empty() : OptionalLong.of(ttl);
  }

  Optional<KeyValue> get(ByteString key) {
    RangeResponse found = view.range(RangeRequest.newBuilder().setKey(key).build());
    return found.getKvsList().stream().findFirst();
  }

  /** Some keys behind {@code last}, ascending; none at the end. */
  List<KeyValue> after(Optional<ByteString> last) {
    ByteString from = last.map(key -> key.concat(FIRST)).orElse(FIRST);
    RangeRequest page =
        RangeRequest.newBuilder().setKey(from).setRangeEnd(FIRST).setLimit(PAGE).build();
    return view.range(page).getKvsList();
  }

  @Override
  public void close() {
    view.close();
    engine.close();
  }

  /** Turns base and tail into one base that has the selected rows only. */
  private static final class Reading implements AutoCloseable {
    private static final int TELL_EVERY = 1 << 14;

    private final KeySelection selection;
    private final Path directory;
    private final LongConsumer progress;
    private final Map<Long, Long> ttls = new HashMap<>();
    private final List<RevisionRecord> begun = new ArrayList<>();
    private Optional<EngineSink> sink = Optional.empty();
    private Instant at = Instant.EPOCH;
    private long revision;
    private long rows;

    private Reading(KeySelection selection, Path directory, LongConsumer progress) {
      this.selection = selection;
      this.directory = directory;
      this.progress = progress;
    }

    private void all(RevisionStream stream) throws IOException, InterruptedException {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        take(item);
      }
      if (sink.isEmpty() || revision == 0) {
        throw new LodestoneException(
            "the source has no complete base", "choose another source, or an earlier point");
      }
      sink.get().accept(new Complete(revision, at));
      sink.get().commit();
    }

    private void take(StreamItem item) throws IOException {
      if (item instanceof RevisionRecord row) {
        take(row);
      } else if (item instanceof Complete mark) {
        for (RevisionRecord row : begun) {
          sink.orElseThrow().accept(row);
        }
        begun.clear();
        revision = mark.revision();
        at = mark.at();
      } else if (item instanceof LeaseState lease) {
        ttls.put(lease.id().value(), lease.grantedTtlSeconds());
      } else if (item instanceof LeaseGone gone) {
        ttls.remove(gone.id().value());
      } else if (item instanceof BaseStart base) {
        begin(base);
      }
    }

    /** Rows of a revision count once it is complete; those of a base are, or the base is not. */
    private void take(RevisionRecord row) throws IOException {
      if (++rows % TELL_EVERY == 0) {
        progress.accept(rows);
      }
      if (!selection.contains(row.key())) {
        return;
      }
      if (revision == 0) {
        sink.orElseThrow().accept(row);
      } else {
        begun.add(row);
      }
    }

    private void begin(BaseStart base) throws IOException {
      close();
      ttls.clear();
      begun.clear();
      revision = 0;
      EngineSink fresh = new EngineSink(directory, CopyRules.EXACT);
      sink = Optional.of(fresh);
      base.prefix().ifPresent(selection::requireBelow);
      fresh.accept(new BaseStart(base.origin(), base.capturedAt(), base.reason()));
      fresh.accept(Compaction.NEVER);
    }

    @Override
    public void close() throws IOException {
      if (sink.isPresent()) {
        sink.get().close();
      }
    }
  }
}
