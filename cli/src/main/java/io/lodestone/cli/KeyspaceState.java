package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import java.util.concurrent.TimeUnit;

/**
 * What a member says of its keyspace at one revision. Immutable.
 *
 * @param hash HashKV, unsigned
 * @param keys how many are alive
 */
record KeyspaceState(int hash, long keys) {
  private static final ByteString ALL = KeyRange.all().start();
  private static final int PATIENCE_SECONDS = 10;

  /** Asks {@code member}, which has seen {@code revision} and not compacted it. */
  static KeyspaceState of(Channel member, long revision) {
    HashKVRequest hash = HashKVRequest.newBuilder().setRevision(revision).build();
    RangeRequest count =
        RangeRequest.newBuilder()
            .setKey(ALL)
            .setRangeEnd(ALL)
            .setCountOnly(true)
            .setRevision(revision)
            .build();
    return new KeyspaceState(
        MaintenanceGrpc.newBlockingStub(member)
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .hashKV(hash)
            .getHash(),
        KVGrpc.newBlockingStub(member)
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .range(count)
            .getCount());
  }

  /** The newest revision of {@code member}. */
  static long newestRevision(Channel member) {
    return MaintenanceGrpc.newBlockingStub(member)
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance())
        .getHeader()
        .getRevision();
  }

  /** As etcdctl prints it. */
  String hashText() {
    return Integer.toUnsignedString(hash);
  }
}
