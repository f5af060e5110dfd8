package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.migrate.copy.Reconciliation.LeaseMapping;
import java.util.ArrayList;
import java.util.List;

/**
 * Repeats what a watch tells: every change, in order, and those of one revision in one transaction
 * where the destination's limits allow. Confined to one thread.
 */
final class Tail {
  private final KeyMapping mapping;
  private final ByteString checkpointKey;
  private final LeaseMapping leases;
  private final Batches batches;
  private Checkpoint reached;

  /**
   * @param reached what the destination has
   */
  Tail(
      KeyMapping mapping,
      ByteString checkpointKey,
      LeaseMapping leases,
      Batches batches,
      Checkpoint reached) {
    this.mapping = mapping;
    this.checkpointKey = checkpointKey;
    this.leases = leases;
    this.batches = batches;
    this.reached = reached;
  }

  /** When this returns, the destination has what {@code response} tells. */
  void take(WatchResponse response, boolean leasesInUse) throws InterruptedException {
    List<Event> revision = new ArrayList<>();
    for (Event event : response.getEventsList()) {
      if (!revision.isEmpty() && revisionOf(revision) != event.getKv().getModRevision()) {
        repeat(revision);
        reached = reached.at(revisionOf(revision), true, leasesInUse);
        revision.clear();
      }
      revision.add(event);
    }
    if (!revision.isEmpty()) {
      repeat(revision);
      // a fragment leaves the rest of its last revision to the next one
      long whole = revisionOf(revision) - (response.getFragment() ? 1 : 0);
      reached = reached.at(whole, true, leasesInUse);
    }
    if (!batches.isEmpty()) {
      batches.flush(reached);
    }
  }

  private static long revisionOf(List<Event> events) {
    return events.get(0).getKv().getModRevision();
  }

  private void repeat(List<Event> revision) throws InterruptedException {
    if (!batches.isEmpty()
        && !batches.fits(
            revision.stream().map(event -> mapping.there(event.getKv().getKey())).toList())) {
      batches.flush(reached);
    }
    for (Event event : revision) {
      KeyValue kv = event.getKv();
      ByteString key = mapping.there(kv.getKey());
      if (key.equals(checkpointKey)) {
        continue;
      }
      if (event.getType() == Event.EventType.DELETE) {
        batches.delete(key);
      } else {
        batches.put(
            PutRequest.newBuilder()
                .setKey(key)
                .setValue(kv.getValue())
                .setLease(leases.of(kv.getLease()))
                .build());
      }
    }
  }
}
