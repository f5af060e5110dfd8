package io.lodestone.mvcc.apply;

import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.mvcc.keyspace.Keys;
import io.lodestone.mvcc.keyspace.Ranges;
import java.util.function.LongFunction;

/** A transaction that only reads, on a state that does not change meanwhile. */
public final class ReadOnlyTxn extends TxnRun {
  private final long revision;
  private final long compactRevision;
  private final LongFunction<Keys> keysAt;

  /**
   * @param keysAt the keys of any revision from {@code compactRevision} to {@code revision}
   */
  public ReadOnlyTxn(long revision, long compactRevision, LongFunction<Keys> keysAt) {
    this.revision = revision;
    this.compactRevision = compactRevision;
    this.keysAt = keysAt;
  }

  /** The response without its header. Fails with COMPACTED, FUTURE_REVISION. */
  public TxnResponse answer(TxnRequest request) {
    Branch branch = Branch.choose(request, keysAt.apply(revision));
    branch.checkRanges(revision, compactRevision);
    return run(branch).build();
  }

  @Override
  RangeResponse range(RangeRequest request) {
    long at = request.getRevision() <= 0 ? revision : request.getRevision();
    return Ranges.answer(request, keysAt.apply(at)).setHeader(header(revision)).build();
  }

  @Override
  PutResponse put(PutRequest request) {
    throw writes();
  }

  @Override
  DeleteRangeResponse delete(DeleteRangeRequest request) {
    throw writes();
  }

  private static IllegalArgumentException writes() {
    return new IllegalArgumentException("a transaction that writes has to be proposed");
  }
}
