package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.CompactionResponse;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.mvcc.keyspace.Bounds;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.Keys;
import io.lodestone.mvcc.keyspace.Ranges;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.lease.LeaseTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests to the keyspace. A request that is refused has changed nothing: everything that can fail
 * is checked before the first change. The responses of single requests have no header, those within
 * a transaction have the revision in theirs.
 */
final class KeyChanges {
  private final Draft draft;
  private final LeaseTable leases;

  KeyChanges(Draft draft, LeaseTable leases) {
    this.draft = draft;
    this.leases = leases;
  }

  PutResponse put(PutRequest request) {
    requireLease(request);
    requireKey(request);
    RevisionWriter writer = new RevisionWriter(draft);
    PutResponse response = put(request, writer).build();
    writer.finish();
    return response;
  }

  private void requireLease(PutRequest request) {
    if (request.getLease() != 0 && !leases.exists(request.getLease())) {
      throw new StoreException(ErrorCode.LEASE_NOT_FOUND);
    }
  }

  private void requireKey(PutRequest request) {
    boolean needsKey = request.getIgnoreValue() || request.getIgnoreLease();
    if (needsKey && draft.head(request.getKey()).isEmpty()) {
      throw new StoreException(ErrorCode.KEY_NOT_FOUND);
    }
  }

  private PutResponse.Builder put(PutRequest request, RevisionWriter writer) {
    PutResponse.Builder response = PutResponse.newBuilder();
    ByteString value = request.getValue();
    long lease = request.getLease();
    if (request.getIgnoreValue() || request.getIgnoreLease() || request.getPrevKv()) {
      Optional<Head> previous = draft.head(request.getKey());
      value = request.getIgnoreValue() ? previous.orElseThrow().keyValue().getValue() : value;
      lease = request.getIgnoreLease() ? previous.orElseThrow().lease() : lease;
      if (request.getPrevKv()) {
        previous.ifPresent(head -> response.setPrevKv(head.keyValue()));
      }
    }
    writer.put(request.getKey(), value, lease);
    return response;
  }

  DeleteRangeResponse delete(DeleteRangeRequest request) {
    RevisionWriter writer = new RevisionWriter(draft);
    DeleteRangeResponse response = delete(request, writer).build();
    writer.finish();
    return response;
  }

  private DeleteRangeResponse.Builder delete(DeleteRangeRequest request, RevisionWriter writer) {
    DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder();
    List<Head> doomed = heads(request.getKey(), request.getRangeEnd());
    for (Head head : doomed) {
      if (request.getPrevKv()) {
        response.addPrevKvs(head.keyValue());
      }
      writer.delete(head);
    }
    return response.setDeleted(doomed.size());
  }

  private List<Head> heads(ByteString key, ByteString rangeEnd) {
    List<Head> heads = new ArrayList<>();
    if (rangeEnd.isEmpty()) {
      draft.head(key).ifPresent(heads::add);
    } else {
      draft.keys().scan(Bounds.of(key, rangeEnd), heads::add);
    }
    return heads;
  }

  /** Deletes the keys that live among {@code keys}, in one revision. */
  void deleteAll(List<ByteString> keys) {
    RevisionWriter writer = new RevisionWriter(draft);
    keys.forEach(key -> draft.head(key).ifPresent(writer::delete));
    writer.finish();
  }

  RangeResponse range(RangeRequest request) {
    long at = request.getRevision();
    if (at > draft.revision()) {
      throw new StoreException(ErrorCode.FUTURE_REVISION);
    }
    if (at > 0 && at < draft.standing().compactRevision()) {
      throw new StoreException(ErrorCode.COMPACTED);
    }
    draft.settle(at);
    return Ranges.answer(request, at <= 0 ? draft.keys() : draft.at(at)).build();
  }

  TxnResponse txn(TxnRequest request) {
    Branch branch = Branch.choose(request, draft.keys());
    branch.puts(
        put -> {
          requireKey(put);
          requireLease(put);
        });
    branch.checkRanges(draft.revision(), draft.standing().compactRevision());
    branch.ranges(range -> draft.settle(range.getRevision()));
    Writing run = new Writing(new RevisionWriter(draft));
    TxnResponse response = run.run(branch).build();
    run.writer.finish();
    return response;
  }

  CompactionResponse compact(CompactionRequest request) {
    Standing standing = draft.standing();
    if (request.getRevision() <= standing.compactRevision()) {
      throw new StoreException(ErrorCode.COMPACTED);
    }
    if (request.getRevision() > standing.revision()) {
      throw new StoreException(ErrorCode.FUTURE_REVISION);
    }
    draft.compacted(request.getRevision());
    return CompactionResponse.getDefaultInstance();
  }

  /** A transaction that may write; what it writes is seen by its later operations. */
  private final class Writing extends TxnRun {
    private final RevisionWriter writer;

    Writing(RevisionWriter writer) {
      this.writer = writer;
    }

    @Override
    RangeResponse range(RangeRequest request) {
      Keys keys = request.getRevision() <= 0 ? draft.keys() : draft.at(request.getRevision());
      return Ranges.answer(request, keys).setHeader(header(writer.visibleRevision())).build();
    }

    @Override
    PutResponse put(PutRequest request) {
      PutResponse.Builder response = KeyChanges.this.put(request, writer);
      return response.setHeader(header(writer.visibleRevision())).build();
    }

    @Override
    DeleteRangeResponse delete(DeleteRangeRequest request) {
      DeleteRangeResponse.Builder response = KeyChanges.this.delete(request, writer);
      return response.setHeader(header(writer.visibleRevision())).build();
    }
  }
}
