package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.ResponseOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cluster that keys are restored into, read by linearizable requests. */
final class LivingKeys {
  private static final int KEYS_PER_READ = 64;
  private static final long BYTES_PER_READ = 1 << 20;
  private static final int PAGE = 1000;
  private static final ByteString FIRST = ByteString.copyFrom(new byte[] {0});

  private final EtcdConnection connection;

  LivingKeys(EtcdConnection connection) {
    this.connection = connection;
  }

  EtcdConnection connection() {
    return connection;
  }

  /** The keys in groups that are read at once: few enough, and with values of about a megabyte. */
  static List<List<KeyValue>> parts(List<KeyValue> keys) {
    List<List<KeyValue>> parts = new ArrayList<>();
    List<KeyValue> part = new ArrayList<>();
    long bytes = 0;
    for (KeyValue key : keys) {
      if (part.size() == KEYS_PER_READ || bytes >= BYTES_PER_READ) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(key);
      bytes += key.getValue().size();
    }
    parts.add(part);
    return parts;
  }

  /** Those of {@code keys} that live, as of one revision. */
  Map<ByteString, KeyValue> get(List<ByteString> keys) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (ByteString key : keys) {
      txn.addSuccess(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)));
    }
    Map<ByteString, KeyValue> found = new HashMap<>();
    for (ResponseOp response :
        connection.read(KVGrpc.getTxnMethod(), txn.build()).getResponsesList()) {
      response.getResponseRange().getKvsList().forEach(kv -> found.put(kv.getKey(), kv));
    }
    return found;
  }

  /** Some keys below {@code prefix} and behind {@code last}, ascending, without values. */
  List<KeyValue> below(ByteString prefix, Optional<ByteString> last) {
    KeyRange range = KeyRange.prefix(prefix);
    RangeRequest page =
        RangeRequest.newBuilder()
            .setKey(last.map(key -> key.concat(FIRST)).orElse(range.start()))
            .setRangeEnd(range.end())
            .setLimit(PAGE)
            .setKeysOnly(true)
            .build();
    return connection.read(KVGrpc.getRangeMethod(), page).getKvsList();
  }

  /** A new lease's id. */
  long grant(long ttlSeconds) {
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build();
    return connection.write(LeaseGrpc.getLeaseGrantMethod(), request).getID();
  }
}
