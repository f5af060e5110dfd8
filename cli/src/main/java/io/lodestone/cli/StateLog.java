package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a cluster said of itself, by revision; and when its disaster came. Confined to one thread.
 */
final class StateLog {
  private static final ByteString ALL = KeyRange.all().start();

  private final TreeMap<Long, State> states = new TreeMap<>();
  private Instant disasterAt = Instant.MAX;

  /** HashKV and the number of keys. */
  record State(int hash, long keys) {}

  /** Writes down the newest revision. */
  void ask(Channel member) {
    ask(member, 0);
  }

  /** Writes down {@code revision}; 0 = the newest. */
  void ask(Channel member, long revision) {
    HashKVRequest request = HashKVRequest.newBuilder().setRevision(revision).build();
    HashKVResponse hash =
        MaintenanceGrpc.newBlockingStub(member)
            .withDeadlineAfter(5, TimeUnit.SECONDS)
            .hashKV(request);
    long at = revision == 0 ? hash.getHeader().getRevision() : revision;
    RangeRequest count =
        RangeRequest.newBuilder()
            .setKey(ALL)
            .setRangeEnd(ALL)
            .setCountOnly(true)
            .setRevision(at)
            .setSerializable(true)
            .build();
    long keys =
        KVGrpc.newBlockingStub(member)
            .withDeadlineAfter(5, TimeUnit.SECONDS)
            .range(count)
            .getCount();
    states.put(at, new State(hash.getHash(), keys));
  }

  /** The last revision written down that is not above {@code revision}. */
  long lastUpTo(long revision) {
    return states.floorKey(revision);
  }

  State at(long revision) {
    return states.get(revision);
  }

  void disasterAt(Instant time) {
    disasterAt = time;
  }

  Instant disasterAt() {
    return disasterAt;
  }
}
