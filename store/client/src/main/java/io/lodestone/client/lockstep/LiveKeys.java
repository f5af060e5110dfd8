package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;

/** Reads what keys a cluster has, page by page. Immutable. */
final class LiveKeys {
  private static final long PAGE = 5_000;

  private final EtcdConnection cluster;
  private final PatientCalls calls;

  LiveKeys(EtcdConnection cluster, PatientCalls calls) {
    this.cluster = cluster;
    this.calls = calls;
  }

  /** All keys at {@code revision}, without their values. */
  List<KeyValue> at(long revision) throws InterruptedException {
    List<KeyValue> keys = new ArrayList<>();
    ByteString from = KeyRange.all().start();
    while (true) {
      RangeRequest request =
          RangeRequest.newBuilder()
              .setKey(from)
              .setRangeEnd(KeyRange.all().end())
              .setRevision(revision)
              .setKeysOnly(true)
              .setLimit(PAGE)
              .build();
      RangeResponse page = calls.insist(() -> cluster.read(KVGrpc.getRangeMethod(), request));
      keys.addAll(page.getKvsList());
      if (!page.getMore()) {
        return keys;
      }
      from = Operation.behind(keys.get(keys.size() - 1).getKey());
    }
  }
}
