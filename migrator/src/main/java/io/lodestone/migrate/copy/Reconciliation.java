package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.migrate.compare.Pages;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes the destination what the source is as of one revision: reads both sides in the order of
 * keys, writes what differs, deletes what is not at the source any more. Confined to one thread;
 * used once.
 */
final class Reconciliation {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final KeyMapping mapping;
  private final ByteString checkpointKey;
  private final LeaseMapping leases;
  private final Batches batches;

  /** The lease that a copied key gets, 0 for none. */
  interface LeaseMapping {
    long of(long lease) throws InterruptedException;
  }

  Reconciliation(
      KeyMapping mapping, ByteString checkpointKey, LeaseMapping leases, Batches batches) {
    this.mapping = mapping;
    this.checkpointKey = checkpointKey;
    this.leases = leases;
    this.batches = batches;
  }

  /**
   * What was added last still waits in the batches. Returns false where it was stopped halfway.
   *
   * @param here the source's keys, as they were at one revision
   * @param there the destination's
   */
  boolean run(Pages here, Pages there, BooleanSupplier stopped) throws InterruptedException {
    Optional<KeyValue> wanted = here.next();
    Optional<KeyValue> found = there.next();
    while (wanted.isPresent() || found.isPresent()) {
      if (stopped.getAsBoolean()) {
        return false;
      }
      int order = order(wanted, found);
      if (order > 0) {
        delete(found.get().getKey());
      } else {
        put(wanted.get(), order == 0 ? found : Optional.empty());
      }
      wanted = order <= 0 ? here.next() : wanted;
      found = order >= 0 ? there.next() : found;
    }
    return true;
  }

  private int order(Optional<KeyValue> wanted, Optional<KeyValue> found) {
    if (wanted.isEmpty() || found.isEmpty()) {
      return wanted.isEmpty() ? 1 : -1;
    }
    return ORDER.compare(mapping.there(wanted.get().getKey()), found.get().getKey());
  }

  private void delete(ByteString key) throws InterruptedException {
    if (!key.equals(checkpointKey)) {
      batches.delete(key);
    }
  }

  private void put(KeyValue wanted, Optional<KeyValue> found) throws InterruptedException {
    ByteString key = mapping.there(wanted.getKey());
    long lease = leases.of(wanted.getLease());
    boolean equal =
        found.isPresent()
            && found.get().getValue().equals(wanted.getValue())
            && found.get().getLease() == lease;
    if (!equal && !key.equals(checkpointKey)) {
      batches.put(
          PutRequest.newBuilder().setKey(key).setValue(wanted.getValue()).setLease(lease).build());
    }
  }
}
