package io.lodestone.migrate.v2;

import com.google.common.collect.Lists;
import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Takes a tree of v2 keys over into v3. A node that has time to live, or lies in a directory that
 * has, gets a lease of what is left; nodes with as many seconds left share one. Run again, it makes
 * the keys below the prefix what v2 has then.
 */
public final class V2Migration {
  private static final long PAGE = 1_000;
  private static final int AT_ONCE = 100;
  private static final int MOST_BYTES = 512 << 10;

  private final V2Reader source;
  private final EtcdConnection destination;
  private final V2Mapping mapping;
  private final Map<Long, Long> leases = new HashMap<>();

  /**
   * @param members client URLs of the source, which serves v2
   * @param destination stays the caller's to close
   */
  public V2Migration(List<URI> members, EtcdConnection destination, V2Mapping mapping) {
    this.source = new V2Reader(members);
    this.destination = destination;
    this.mapping = mapping;
  }

  /**
   * When this returns, the destination has what v2 had, and v2 was not written to meanwhile.
   *
   * @param again whether keys that are below the prefix already may be overwritten and deleted;
   *     else there must be none
   */
  public V2Report run(boolean again) throws InterruptedException {
    V2Tree tree = source.read(mapping.path());
    Map<ByteString, KeyValue> present = present();
    if (!again && !present.isEmpty()) {
      throw new LodestoneException(
          "the destination has "
              + present.size()
              + " keys below "
              + mapping.range().start().toStringUtf8()
              + " already",
          "choose another --to-prefix, or let them be replaced: --again");
    }
    List<RequestOp> operations = new ArrayList<>();
    long keys = 0;
    long directories = 0;
    for (V2Entry entry : tree.entries()) {
      ByteString key = mapping.key(entry).orElse(ByteString.EMPTY);
      directories += entry.value().isEmpty() ? 1 : 0;
      if (!key.isEmpty()) {
        keys++;
        KeyValue there = present.remove(key);
        if (there == null || !isAlike(there, entry)) {
          operations.add(put(key, entry));
        }
      }
    }
    long written = operations.size();
    present.keySet().forEach(key -> operations.add(delete(key)));
    send(operations);
    requireUnmoved(tree);
    return new V2Report(keys, directories, written, present.size(), leases.size(), tree.index());
  }

  /** What has a lease gets a new one: how much is left of the old one is not known. */
  private static boolean isAlike(KeyValue there, V2Entry entry) {
    return there.getLease() == 0
        && entry.ttlSeconds().isEmpty()
        && there.getValue().toStringUtf8().equals(entry.value().orElse(""));
  }

  private Map<ByteString, KeyValue> present() {
    KeyRange range = mapping.range();
    Map<ByteString, KeyValue> found = new HashMap<>();
    ByteString from = range.start();
    while (true) {
      RangeResponse page =
          destination.read(
              KVGrpc.getRangeMethod(),
              RangeRequest.newBuilder()
                  .setKey(from)
                  .setRangeEnd(range.end())
                  .setLimit(PAGE)
                  .build());
      page.getKvsList().forEach(key -> found.put(key.getKey(), key));
      if (!page.getMore()) {
        return found;
      }
      ByteString last = page.getKvs(page.getKvsCount() - 1).getKey();
      from = last.concat(ByteString.copyFrom(new byte[] {0}));
    }
  }

  private RequestOp put(ByteString key, V2Entry entry) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(key)
            .setValue(ByteString.copyFromUtf8(entry.value().orElse("")))
            .setLease(lease(entry.ttlSeconds()))
            .build();
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  private long lease(OptionalLong ttlSeconds) {
    if (ttlSeconds.isEmpty()) {
      return 0;
    }
    return leases.computeIfAbsent(Math.max(1, ttlSeconds.getAsLong()), this::grant);
  }

  private long grant(long ttlSeconds) {
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build();
    return destination.write(LeaseGrpc.getLeaseGrantMethod(), request).getID();
  }

  private static RequestOp delete(ByteString key) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
        .build();
  }

  /** Each may be repeated: a second time it changes nothing that anybody sees. */
  private void send(List<RequestOp> operations) {
    for (List<RequestOp> some : Lists.partition(operations, AT_ONCE)) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      long bytes = 0;
      for (RequestOp operation : some) {
        if (bytes > 0 && bytes + operation.getSerializedSize() > MOST_BYTES) {
          TxnResponse unused = destination.read(KVGrpc.getTxnMethod(), txn.build());
          txn.clear();
          bytes = 0;
        }
        txn.addSuccess(operation);
        bytes += operation.getSerializedSize();
      }
      TxnResponse unused = destination.read(KVGrpc.getTxnMethod(), txn.build());
    }
  }

  private void requireUnmoved(V2Tree tree) throws InterruptedException {
    long index = source.read(mapping.path()).index();
    if (index != tree.index()) {
      throw new LodestoneException(
          "v2 was written to meanwhile, or a key expired: its index went from "
              + tree.index()
              + " to "
              + index,
          "stop the writers, then take over what has changed: --again");
    }
  }
}
