package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.mvcc.apply.ReadOnlyTxn;
import io.lodestone.mvcc.compaction.Compactor;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.keyspace.Ranges;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The whole store as it was at one moment: a consistent read view. Thread-safe; shared by all
 * readers of that moment and let go with the last. Close it soon: it keeps the storage of that
 * moment alive.
 */
public final class EngineView implements AutoCloseable {
  private final ViewState state;
  private final Compactor compactor;
  private final OpenViews openViews;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over one reference to the rows. */
  EngineView(ViewState state, Compactor compactor, OpenViews openViews) {
    this.state = state;
    this.compactor = compactor;
    this.openViews = openViews;
    openViews.opened(this);
  }

  /** The store's main revision; 1 when nothing was ever written. */
  public long revision() {
    return state.standing().revision();
  }

  /** -1 where never compacted. */
  public long compactRevision() {
    return state.standing().compactRevision();
  }

  /** The log index up to which the state is complete. */
  public long appliedIndex() {
    return state.standing().appliedIndex();
  }

  /** The term of the entry at {@link #appliedIndex}. */
  public long appliedTerm() {
    return state.standing().appliedTerm();
  }

  /**
   * Serves a range exactly as etcd does; the response has no header. Fails with COMPACTED,
   * FUTURE_REVISION.
   */
  public RangeResponse range(RangeRequest request) {
    requireOpen();
    long at = request.getRevision() <= 0 ? revision() : request.getRevision();
    if (at > revision()) {
      throw new StoreException(ErrorCode.FUTURE_REVISION);
    }
    if (at < compactRevision()) {
      throw new StoreException(ErrorCode.COMPACTED);
    }
    return Ranges.answer(request, state.keysAt(at)).build();
  }

  /** Serves a transaction that cannot write; responses within have headers with the revision. */
  public TxnResponse readOnly(TxnRequest request) {
    requireOpen();
    return new ReadOnlyTxn(revision(), compactRevision(), state::keysAt).answer(request);
  }

  /**
   * HashKV at {@code revision}, 0 for the current one; with etcd 3.5.30's checks and its cache. At
   * a negative revision there are no rows, and etcd does not mind.
   */
  public HashKv hashKv(long revision) throws IOException {
    requireOpen();
    Optional<HashKv> remembered = compactor.remembered(revision);
    if (remembered.isPresent()) {
      return remembered.get();
    }
    if (revision > 0 && revision < compactRevision()) {
      throw new StoreException(ErrorCode.COMPACTED);
    }
    if (revision > revision()) {
      throw new StoreException(ErrorCode.FUTURE_REVISION);
    }
    if (revision < 0) {
      return HashKv.of(visitor -> {}, compactRevision(), revision);
    }
    long at = revision == 0 ? revision() : revision;
    return compactor.hash(state.rows(), compactRevision(), at, revision());
  }

  /** Every stored row, in order. */
  public RowScan rows() {
    return rowsFrom(0);
  }

  /** Rows of revision {@code from} and later, in order. */
  public RowScan rowsFrom(long from) {
    return visitor -> {
      requireOpen();
      try (Cursor cursor = state.rows().from(Family.REVISIONS, RowKeys.firstOf(from))) {
        boolean wanted = true;
        while (wanted && cursor.next()) {
          wanted = visitor.row(RevisionRecord.ofRow(cursor.key(), cursor.value()));
        }
      }
    };
  }

  /** The keys attached to a lease, in ascending order. */
  List<ByteString> keysOf(LeaseId lease) {
    requireOpen();
    return LeaseKeys.attached(state.rows(), lease.value());
  }

  /** What lies beneath, for the engine's own packages; readable while the view is open. */
  public Rows stored() {
    requireOpen();
    return state.rows();
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("this view of the store is closed");
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      openViews.closed(this);
      state.rows().release();
    }
  }
}
